"""What comes back of mails: listens for a local mail server until it is stopped, or reads the mailbox of BOUNCE_IMAP_URL once."""

import asyncio
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from distribution.bounces import listener, mailbox
from distribution.management import console
from distribution.tasks import ring


class Command(BaseCommand):
    help = "Tar imot e-post som kommer i retur / takes in mail that comes back"
    requires_system_checks = console.CHECKS

    def add_arguments(self, parser: ArgumentParser) -> None:
        way = parser.add_mutually_exclusive_group(required=True)
        way.add_argument("--listen", metavar="HOST:PORT", help="for a mail server on this machine, until SIGTERM")
        way.add_argument("--imap", action="store_true", help="one pass over the mailbox of BOUNCE_IMAP_URL")
        parser.add_argument("--lmtp", action="store_true", help="with --listen: LMTP instead of SMTP")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["imap"]:
            self._read()
            return
        host, _colon, port = options["listen"].rpartition(":")
        if not host or not port.isascii() or not port.isdigit():
            raise CommandError(_("Skriv adresse og port, for eksempel 127.0.0.1:2525."), returncode=console.USAGE)
        host = host.strip("[]")
        asyncio.run(listener.listen(host, int(port), ring, lambda port: _started(host, port), lmtp=options["lmtp"]))

    def _read(self) -> None:
        if not settings.BOUNCE_IMAP_URL:
            raise CommandError(_("BOUNCE_IMAP_URL er ikke satt."), returncode=console.USAGE)
        try:
            number = mailbox.read_mailbox(settings.BOUNCE_IMAP_URL, ring)
        except mailbox.Trouble as trouble:
            said = type(trouble).__name__
            raise CommandError(_("Postkassen kunne ikke leses: %(trouble)s.") % {"trouble": said}) from trouble
        console.say(_("E-poster lest: %(number)s") % {"number": number})


def _started(host: str, port: int) -> None:
    console.say(_("Lytter på %(host)s:%(port)s.") % {"host": host, "port": port})
