"""Says where invoices would go, and why, without keeping or sending anything."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from customers.models import Company
from distribution import frozen, intake, lookups
from distribution.documents.invoice import InvoiceData
from distribution.duplicates import duplicate_of_document
from distribution.facts import case_of_document, facts_of, query_of, terms_of
from distribution.management import console
from distribution.models import Invoice
from distribution.reasons import in_words
from distribution.routing import Route, Wait, decide
from distribution.states import Status


class Command(BaseCommand):
    help = "Sier hvilken kanal hver faktura ville gått / says which channel each invoice would take"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", metavar="FILE", help="UBL files, or folders of them")
        parser.add_argument("--company", required=True, metavar="ID", help="org.nr or Peppol id")
        console.add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        company = console.company_named(options["company"])
        refused = 0
        for path in console.files_in(options["files"]):
            try:
                content = path.read_bytes()
                document = intake.check(company, content)
            except (intake.Refused, OSError) as refusal:
                console.say(f"{path.name}: {refusal}")
                refused += 1
                continue
            console.print_fact(_route(company, document, frozen.sha256_of(content)), options["json"])
        if refused:
            raise SystemExit(console.SOME_REFUSED)


def _route(company: Company, document: InvoiceData, sha256: str) -> dict[str, Any]:
    """By today's facts. For bytes that have come before, the sender of that invoice is the user."""
    known = (
        Invoice.objects.filter(company=company, sha256=sha256)
        .select_related("sent_by", "customer__parent", "customer__company")
        .first()
    )
    customer = (
        (known.customer if known else None)
        or intake.match(company, document)
        or intake.customer_from(company, document)
    )
    case = case_of_document(
        document,
        customer,
        terms_of([company])[company.pk],
        known.sent_by if known else None,
        duplicate=duplicate_of_document(document, company, sha256, known),
    )
    query = query_of(case)
    decision = decide(facts_of(case, lookups.ask([query] if query else [])))
    return {
        "number": document.number,
        "customer": customer.name,
        "channel": decision.channel.value if isinstance(decision, Route) else None,
        "status": (Status.QUEUED if isinstance(decision, Route | Wait) else Status.HELD).value,
        "reason": in_words(decision.reasons),
        "delivery": None,
    }
