"""Another document with the same type and number: sent within seven days, on its way, or perhaps sent (R38)."""

from datetime import timedelta

from django.db.models import QuerySet
from django.utils import timezone

from customers.models import Company
from distribution.documents.invoice import InvoiceData
from distribution.models import Invoice
from distribution.states import SENT, Status

DAYS = timedelta(days=7)
AFTER_ALL = 2**62  # an id later than any there is


def duplicates(invoices: list[Invoice]) -> dict[int, Invoice]:
    """By invoice id, another one with the same type and number that was sent within seven days or is on its way (R38)."""
    wanted = {(invoice.company_id, invoice.document_type, invoice.number) for invoice in invoices}
    same_number: dict[tuple[int, str, str], list[Invoice]] = {}
    for other in _with_numbers(wanted).select_related("last_delivery").order_by("pk"):
        same_number.setdefault((other.company_id, other.document_type, other.number), []).append(other)
    found = {}
    for invoice in invoices:
        others = same_number.get((invoice.company_id, invoice.document_type, invoice.number), [])
        double = next((other for other in others if other.pk != invoice.pk and _goes_before(other, invoice)), None)
        if double is not None:
            found[invoice.pk] = double
    return found


def _with_numbers(wanted: set[tuple[int, str, str]]) -> QuerySet[Invoice]:
    companies, _types, numbers = zip(*wanted, strict=True) if wanted else ((), (), ())
    return Invoice.objects.filter(company__in=set(companies), number__in=set(numbers))


def _goes_before(other: Invoice, invoice: Invoice) -> bool:
    """An older one that still waits counts too: else two that came together would both go."""
    delivery = other.last_delivery
    if delivery is None:
        return False
    if delivery.status in SENT:
        return (delivery.ended_at or delivery.created_at) >= timezone.now() - DAYS
    if delivery.status in (Status.SENDING, Status.UNCERTAIN):
        return True
    return delivery.status == Status.QUEUED and other.pk < invoice.pk


def duplicate_of_document(
    document: InvoiceData, company: Company, sha256: str, known: Invoice | None
) -> Invoice | None:
    """The same question for a document that is not kept (`route`); one that came before keeps its place in the row."""
    others = (
        Invoice.objects.filter(company=company, document_type=document.document_type.value, number=document.number)
        .exclude(sha256=sha256)
        .select_related("last_delivery")
        .order_by("pk")
    )
    itself = known or Invoice(pk=AFTER_ALL)
    return next((other for other in others if _goes_before(other, itself)), None)
