"""Says where invoices would go, and why, without keeping or sending anything."""

from argparse import ArgumentParser
from dataclasses import dataclass
from typing import Any

from django.core.management.base import BaseCommand
from django.db.models import F

from customers.models import Company, User
from distribution import frozen, intake, lookups
from distribution.documents.invoice import InvoiceData
from distribution.duplicates import Double, duplicate_of_document
from distribution.facts import Case, case_of_document, cases_of, facts_of, query_of, terms_of
from distribution.management import console
from distribution.models import Delivery
from distribution.reasons import in_words
from distribution.routing import Route, Wait, decide
from distribution.states import DoubleState, Status


class Command(BaseCommand):
    help = "Sier hvilken kanal hver faktura ville gått / says which channel each invoice would take"

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
                document = Document(intake.check(company, content), frozen.sha256_of(content))
            except (intake.Refused, OSError) as refusal:
                console.say(f"{path.name}: {refusal}")
                refused += 1
                continue
            earlier = before.setdefault(document.numbered, document)
            case = _case(company, document, earlier, user)
            console.print_fact(_route(document.data, case), options["json"])
        if refused:
            raise SystemExit(console.SOME_REFUSED)


@dataclass(frozen=True, slots=True)
class Document:
    data: InvoiceData
    sha256: str

    @property
    def numbered(self) -> tuple[str, str]:
        return self.data.document_type.value, self.data.number


def _case(company: Company, document: Document, earlier: Document, user: User | None) -> Case:
    """Bytes that have come before have a delivery whose case this is, with what refused it and who sent it."""
    known = Delivery.objects.filter(
        invoice__company=company, invoice__sha256=document.sha256, invoice__last_delivery=F("pk")
    ).select_related("invoice__customer__parent", "invoice__customer__company", "invoice__company", "invoice__sent_by")
    if cases := cases_of(known):
        return next(iter(cases.values()))
    customer = intake.match(company, document.data) or intake.customer_from(company, document.data)
    double = duplicate_of_document(document.data, company, document.sha256)
    if double is None and earlier.sha256 != document.sha256:  # in the same call, so it would be on its way by then
        double = Double(earlier.data.number, None, DoubleState.WAITING)
    return case_of_document(document.data, customer, terms_of([company])[company.pk], user, duplicate=double)


def _route(document: InvoiceData, case: Case) -> dict[str, Any]:
    query = query_of(case)
    decision = decide(facts_of(case, lookups.ask([query] if query else [])))
    return {
        "number": document.number,
        "customer": case.customer.name,
        "channel": decision.channel.value if isinstance(decision, Route) else None,
        "status": (Status.QUEUED if isinstance(decision, Route | Wait) else Status.HELD).value,
        "reason": in_words(decision.reasons),
        "delivery": None,
    }
