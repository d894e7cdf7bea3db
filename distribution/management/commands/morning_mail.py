"""Tells each member what needs a person in his companies, once a day; nothing to tell, no mail. Beat does the same at seven."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from customers.mailing import NOT_MAILED
from distribution.management import console
from distribution.morning import send_morning_mails


class Command(BaseCommand):
    help = "Sender morgenens e-post om det som trenger noen / sends the morning's mail on what needs a person"
    requires_system_checks = console.CHECKS

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            sent = send_morning_mails()
        except NOT_MAILED as error:
            raise CommandError(_("Ingen kontakt med e-postserveren: %(error)s") % {"error": error}) from error
        print(_("Sendt: %(count)s") % {"count": sent})
