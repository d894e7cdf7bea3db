"""What the periodic sweep does, until nothing is left to do now: asks about unknown outcomes, releases what a register held,
and delivers what is due, as a worker would: with no broker and no worker this command alone brings everything to its end."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from distribution import delivery, receipts
from distribution.management import console


class Command(BaseCommand):
    help = "Ett gjennomløp av den periodiske kontrollen / one pass of the periodic sweep"
    requires_system_checks = console.CHECKS

    def add_arguments(self, parser: ArgumentParser) -> None:
        console.add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        swept = delivered = 0
        while found := delivery.sweep() + receipts.follow():
            swept += found
        while found := delivery.run():
            delivered += found
            console.say(_("Behandlet: %(count)s") % {"count": delivered})
        facts = {"asked_or_released": swept, "delivered": delivered}
        print(
            json.dumps(facts)
            if options["json"]
            else _("Spurt om eller frigitt: %(asked_or_released)s. Behandlet: %(delivered)s.") % facts
        )
