"""Says where invoices would go, and why, without keeping or sending anything."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from distribution import frozen, intake
from distribution.documents.invoice import InvoiceData
from distribution.documents.validation.verdicts import foreseen
from distribution.facts import Case
from distribution.management import console
from distribution.reasons import in_words
from distribution.rehearsal import Document, case_of, decisions
from distribution.routing import Route, Wait
from distribution.states import Status


class Command(BaseCommand):
    help = "Sier hvilken kanal hver faktura ville gått / says which channel each invoice would take"
    requires_system_checks = console.CHECKS

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", metavar="FILE", help="UBL files, or folders of them")
        parser.add_argument("--company", required=True, metavar="ID", help="org.nr or Peppol id")
        console.add_user(parser)
        console.add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        company = console.company_named(options["company"])
        user = console.user_named(options["user"], company)
        refused, before = 0, dict[tuple[str, str], Document]()
        for path in console.files_in(options["files"]):
            try:
                content = path.read_bytes()
                document = Document(intake.check(company, content), frozen.sha256_of(content), foreseen(content, None))
            except (intake.Refused, OSError) as refusal:
                console.say(f"{path.name}: {refusal}")
                refused += 1
                continue
            earlier = before.setdefault(document.numbered, document)
            case = case_of(company, document, earlier, user)
            console.print_fact(_route(document.data, case), options["json"])
        if refused:
            raise SystemExit(console.SOME_REFUSED)


def _route(document: InvoiceData, case: Case) -> dict[str, Any]:
    (decision,) = decisions([case])
    return {
        "number": document.number,
        "customer": case.customer.name,
        "channel": decision.channel.value if isinstance(decision, Route) else None,
        "status": (Status.QUEUED if isinstance(decision, Route | Wait) else Status.HELD).value,
        "reason": in_words(decision.reasons),
        "delivery": None,
    }
