"""Fills an empty database and sends its invoices in this process; or makes companies out of a folder of UBL documents."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from customers.models import Company
from distribution.delivery import finish
from distribution.demo.folder import load_folder
from distribution.demo.load import is_loaded, load
from distribution.management import console
from distribution.models import Delivery, Invoice, Run
from distribution.report import COLUMNS, as_text, last_run, report


class Command(BaseCommand):
    help = "Fyller en tom database med en demo / fills an empty database with a demo"
    requires_system_checks = console.CHECKS

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--from", dest="folder", metavar="DIR", help="a folder of UBL documents to make companies of"
        )
        parser.add_argument("--if-empty", action="store_true", help="do nothing where there is a company already")
        console.add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        if options["if_empty"] and Company.objects.exists() and not (is_loaded() and _unfinished()):
            return
        if Company.objects.filter(is_demo=False).exists():
            raise CommandError(
                _("Databasen har andre firmaer enn demoens. Demoen fylles bare i en tom database."), returncode=1
            )
        if options["folder"]:
            invoices, refused = _from_folder(options["folder"])
        else:
            invoices, refused = _from_people(), 0
        figures = _report(invoices)
        print(json.dumps(figures) if options["json"] else as_text(figures))
        if refused:
            raise SystemExit(console.SOME_REFUSED)


def _from_people() -> list[int]:
    if not is_loaded():
        if Company.objects.exists():
            raise CommandError(_("Databasen er fylt med en annen demo. Bruk en tom database."), returncode=1)
        console.say(_("Fyller databasen med demoen …"))
        load()
    run = Run.objects.filter(source="demo").order_by("pk").first() or last_run()
    assert run is not None  # load() makes one
    _finish(run)
    return list(Invoice.objects.filter(run=run).values_list("pk", flat=True))


def _from_folder(folder: str) -> tuple[list[int], int]:
    files = console.files_in([folder])
    loaded = load_folder(files, console.counting(_("Tatt inn"), len(files)))
    for name, words in loaded.refused:
        console.say(f"{name}: {words}")
    for run in Run.objects.filter(source="demo"):  # one that a kill cut off is finished too
        _finish(run)
    return loaded.invoices, len(loaded.refused)


def _finish(run: Run) -> None:
    finish(run, console.counting(_("Sendt"), Invoice.objects.filter(run=run).count()))


def _report(invoices: list[int]) -> dict[str, int]:
    """Of these invoices and no others; in parts, since a database takes so many ids at once."""
    sums = dict.fromkeys(COLUMNS, 0)
    for start in range(0, len(invoices), 900):
        part = report(Invoice.objects.filter(pk__in=invoices[start : start + 900]))
        sums = {name: sums[name] + part[name] for name in COLUMNS}
    return sums


def _unfinished() -> bool:
    return Delivery.objects.not_ended().filter(invoice__run__source="demo").exists()
