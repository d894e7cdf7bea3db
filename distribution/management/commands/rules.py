"""The rules packs for e-invoices: Peppol's rules may not be handed on with the product, so the operator brings them."""

import json
from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from distribution.documents.validation import cen, packs
from distribution.documents.validation.pack_install import NotInstalled, install
from distribution.documents.validation.packs import Pack, State
from distribution.management import console
from distribution.rules_state import in_words


class Command(BaseCommand):
    help = "Reglene for e-faktura: installer og vis / the rules packs for e-invoices"
    requires_system_checks = console.CHECKS

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="install|list")
        adding = actions.add_parser("install", help="take in a release of Peppol's rules")
        adding.add_argument("source", metavar="DIR", help="the release as OpenPeppol publishes it")
        adding.add_argument("--from", dest="valid_from", type=date.fromisoformat, metavar="DATE", help="in force from")
        adding.add_argument("--to", dest="valid_to", type=date.fromisoformat, metavar="DATE", help="in force to")
        for one in (adding, actions.add_parser("list", help="version, hash and validity of each")):
            console.add_json(one)

    def handle(self, *args: Any, **options: Any) -> None:
        if options["action"] == "install":
            self._install(options)
            return
        if not options["json"]:
            print(f"{'en16931':<15} {cen.rules().version:<9} {'':<27} {_('følger med programmet')}")
        for pack in packs.packs():
            _print(pack, options["json"])
        if packs.state() != State.CURRENT:
            console.say(in_words(packs.state()))

    def _install(self, options: dict[str, Any]) -> None:
        source = Path(options["source"])
        if not source.exists():
            raise CommandError(_("Finner ikke %(path)s.") % {"path": source}, returncode=console.USAGE)
        try:
            _print(install(source, options["valid_from"], options["valid_to"]), options["json"])
        except (NotInstalled, OSError) as error:
            raise CommandError(str(error), returncode=1) from error


def _print(pack: Pack, as_json: bool) -> None:
    if as_json:
        print(json.dumps(_facts(pack)), flush=True)
        return
    since, until = (day.isoformat() if day else "" for day in (pack.valid_from, pack.valid_to))
    broken = "" if pack.intact else _("endret etter installasjonen, brukes ikke")
    print(f"{pack.name:<15} {pack.version:<9} {since:>10} – {until:<10}    {pack.sha256[:16]} {broken}".rstrip())


def _facts(pack: Pack) -> dict[str, Any]:
    return {
        "name": pack.name,
        "version": pack.version,
        "sha256": pack.sha256,
        "valid_from": pack.valid_from.isoformat() if pack.valid_from else None,
        "valid_to": pack.valid_to.isoformat() if pack.valid_to else None,
        "installed": pack.installed or None,
        "intact": pack.intact,
    }
