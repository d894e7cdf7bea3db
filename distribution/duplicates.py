"""Another document with the same type and number: sent within seven days, on its way, or perhaps sent (R38)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from customers.models import Company
from distribution.documents.invoice import InvoiceData
from distribution.models import Delivery, Invoice
from distribution.states import SENT, DoubleState, Status

DAYS = timedelta(days=7)
AFTER_ALL = 2**62  # an id later than any there is
Numbered = tuple[int, str, str]  # company, document type, number


@dataclass(frozen=True, slots=True)
class Double:
    """Another document under the same number, and how far it has come."""

    number: str
    invoice: int | None  # None for one that is not kept
    state: DoubleState


def duplicates(invoices: list[Invoice]) -> dict[int, Double]:
    """By invoice id. One query where no number is used twice, as with nearly all."""
    same_number = _with_numbers({_numbered(invoice) for invoice in invoices})
    twice = {pk for ids in same_number.values() if len(ids) > 1 for pk in ids}
    deliveries = _deliveries_of(twice) if twice else {}
    found = {}
    for invoice in invoices:
        others = [pk for pk in same_number.get(_numbered(invoice), []) if pk != invoice.pk]
        if double := _first_before(others, deliveries, invoice.pk, invoice.number):
            found[invoice.pk] = double
    return found


def duplicate_of_document(document: InvoiceData, company: Company, sha256: str) -> Double | None:
    """The same question for a document that is not kept (`route`): it would come after all that are."""
    others = Invoice.objects.filter(
        company=company, document_type=document.document_type.value, number=document.number
    ).exclude(sha256=sha256)
    ids = list(others.order_by("pk").values_list("pk", flat=True))
    return _first_before(ids, _deliveries_of(set(ids)), AFTER_ALL, document.number)


def _numbered(invoice: Invoice) -> Numbered:
    return invoice.company_id, invoice.document_type, invoice.number


def _with_numbers(wanted: set[Numbered]) -> dict[Numbered, list[int]]:
    """The ids of all documents with these numbers, in the order in which they came."""
    companies, _types, numbers = zip(*wanted, strict=True) if wanted else ((), (), ())
    rows = Invoice.objects.filter(company__in=set(companies), number__in=set(numbers)).order_by("pk")
    found: dict[Numbered, list[int]] = {}
    for pk, company, document_type, number in rows.values_list("pk", "company_id", "document_type", "number"):
        found.setdefault((company, document_type, number), []).append(pk)
    return found


def _deliveries_of(invoices: set[int]) -> dict[int, list[Delivery]]:
    """All of them: one that was sent counts though a later one was stopped."""
    found: dict[int, list[Delivery]] = {}
    rows = Delivery.objects.filter(invoice__in=invoices).only(
        "invoice_id", "status", "doubtful", "ended_at", "created_at"
    )
    for delivery in rows.order_by("pk"):
        found.setdefault(delivery.invoice_id, []).append(delivery)
    return found


def _first_before(others: list[int], deliveries: dict[int, list[Delivery]], itself: int, number: str) -> Double | None:
    now = timezone.now()
    for other in others:
        states = {state for one in deliveries.get(other, []) if (state := _state(one, now, first=other < itself))}
        for state in DoubleState:  # sent for sure tells most
            if state in states:
                return Double(number, other, state)
    return None


def _state(delivery: Delivery, now: datetime, *, first: bool) -> DoubleState | None:
    """An older one that still waits counts too: else two that came together would both go."""
    if delivery.status in SENT:
        return DoubleState.SENT if (delivery.ended_at or delivery.created_at) >= now - DAYS else None
    if delivery.status in (Status.SENDING, Status.UNCERTAIN) or delivery.doubtful:
        return DoubleState.PERHAPS
    return DoubleState.WAITING if delivery.status == Status.QUEUED and first else None
