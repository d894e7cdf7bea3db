"""The balanced report of a run (R36), by default the last."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from distribution.management import console
from distribution.models import Invoice, Run
from distribution.report import as_text, last_run, report


class Command(BaseCommand):
    help = "Regnskapet for en utsendelse / the balanced report of a run"
    requires_system_checks = console.CHECKS

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("run", nargs="?", type=int, metavar="RUN", help="id of a run; the last where none is given")
        console.add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        run = Run.objects.filter(pk=options["run"]).first() if options["run"] is not None else last_run()
        if run is None:
            raise CommandError(_("Det finnes ingen slik utsendelse."), returncode=1)
        figures = report(Invoice.objects.filter(run=run))
        print(json.dumps(figures) if options["json"] else as_text(figures))
