"""Checks UBL documents against the layers of rules, without keeping or sending anything."""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from distribution.documents.validation.check import LAYERS, UNREADABLE, check
from distribution.documents.validation.findings import Finding, Result, Severity
from distribution.documents.validation.packs import State, state
from distribution.documents.validation.words import words_of
from distribution.management import console
from distribution.rules_state import in_words

SOME_FATAL = 3


class Command(BaseCommand):
    help = "Prøver UBL-dokumenter mot reglene for e-faktura / checks UBL documents"
    requires_system_checks = console.CHECKS

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="*", metavar="FILE", help="UBL files, or folders of them")
        parser.add_argument("--layers", metavar="NAMES", help=f"only these, and all of them: {','.join(LAYERS)}")
        parser.add_argument("--json-lines", action="store_true", help='reads {"file": PATH} a line, answers a line')
        console.add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        layers = _layers(options["layers"])
        if options["json_lines"] == bool(options["files"]):
            raise CommandError(_("Gi filer, eller --json-lines med filer på stdin."), returncode=console.USAGE)
        if options["json_lines"]:
            _answer(layers)
            return
        fatal = sum(bool(result.fatal) for result in _from_files(options["files"], layers, options["json"]))
        if fatal:
            raise SystemExit(SOME_FATAL)


def _layers(names: str | None) -> Collection[str] | None:
    if names is None:
        return None
    wanted = [name.strip() for name in names.split(",") if name.strip()]
    if not wanted or set(wanted) - set(LAYERS):
        known = ", ".join(LAYERS)
        raise CommandError(_("--layers kjenner %(known)s.") % {"known": known}, returncode=console.USAGE)
    return wanted


def _answer(layers: Collection[str] | None) -> None:
    """One line out for each line in, whatever the line: who asks counts them."""
    for line in sys.stdin:
        if line.strip():
            print(json.dumps(_facts(_of_line(line, layers)), ensure_ascii=False), flush=True)


def _of_line(line: str, layers: Collection[str] | None) -> Result:
    try:
        path = Path(json.loads(line)["file"])
    except (ValueError, TypeError, KeyError) as error:
        return _unreadable(f"not a line that names a file: {error}")
    return _of_file(path, layers)


def _of_file(path: Path, layers: Collection[str] | None) -> Result:
    try:
        content = path.read_bytes()
    except (OSError, ValueError) as error:
        return _unreadable(str(error))
    return check(content, layers=layers)


def _unreadable(text: str) -> Result:
    return Result((Finding(UNREADABLE, Severity.FATAL, "/", text),), ())


def _from_files(names: list[str], layers: Collection[str] | None, as_json: bool) -> Iterator[Result]:
    for path in console.files_in(names):
        result = _of_file(path, layers)
        if as_json:
            print(json.dumps({"file": str(path), **_facts(result)}, ensure_ascii=False), flush=True)
        else:
            _tell(path, result)
        yield result
    if state() != State.CURRENT and (layers is None or "peppol" in layers):
        console.say(in_words(state()))


def _tell(path: Path, result: Result) -> None:
    verdict = _("kan ikke sendes") if result.fatal else _("kan sendes")
    print(f"{path.name}: {verdict} ({', '.join(map(str, result.layers)) or '–'})")
    for finding in result.findings:
        severity = _("feil") if finding.severity == Severity.FATAL else _("advarsel")
        print(f"  {severity} {finding.rule} {finding.where}\n    {words_of(finding)}")


def _facts(result: Result) -> dict[str, Any]:
    findings = [
        {"rule": one.rule, "severity": one.severity.value, "where": one.where, "text": one.text}
        for one in result.findings
    ]
    return {"findings": findings, "layers": [str(layer) for layer in result.layers]}
