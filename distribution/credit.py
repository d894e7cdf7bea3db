"""A credit note from an invoice: its draft, with the lines copied, and how much of the invoice is credited already."""

from collections.abc import Iterator
from decimal import Decimal

from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from customers.models import User
from distribution import files
from distribution.by_hand import next_number
from distribution.documents.invoice import DocumentType, InvoiceData, Line
from distribution.documents.sums import STANDARD, ZERO_RATED, net_amount
from distribution.documents.ubl_write_values import plain
from distribution.intake import Refused
from distribution.invoice_form import CURRENCIES, MOST, RATES
from distribution.models import Draft, Invoice

NAME = 200  # characters of a line's description


def can_be_credited(invoice: Invoice) -> bool:
    return invoice.document_type == DocumentType.INVOICE and invoice.customer_id is not None


def draft_credit_note(invoice: Invoice, user: User) -> Draft:
    """Raises Refused where the page can't write what the invoice says."""
    if not can_be_credited(invoice):
        raise Refused(_("Bare en faktura med en kunde kan krediteres."))
    document = files.data_of(invoice)
    _check(document)
    assert invoice.customer is not None  # it can be credited
    today = timezone.localdate().isoformat()
    fields = {
        "number": next_number(invoice.company, DocumentType.CREDIT_NOTE),
        "issue_date": today,
        "delivered_on": (document.delivery.on or document.issue_date).isoformat(),
        "currency": document.currency,
        "reference": document.buyer_reference[:100],
        **_lines(document),
    }
    return Draft.objects.create(
        company=invoice.company,
        customer=invoice.customer,
        document_type=DocumentType.CREDIT_NOTE,
        credits=invoice,
        fields=fields,
        changed_by=user,
    )


def credited(invoice: Invoice) -> Decimal:
    """By credit notes that were made here; one that came as a file does not count."""
    made = Invoice.objects.filter(pk__in=Draft.objects.filter(credits=invoice).values("sent_as"))
    return made.aggregate(sum=Sum("payable"))["sum"] or Decimal(0)


def _check(document: InvoiceData) -> None:
    taxes = [
        *((line.vat_category, line.vat_rate) for line in document.lines),
        *((each.vat_category, each.vat_rate) for each in document.allowances),
    ]
    categories, rates = (
        {category for category, _rate in taxes},
        {plain(rate or Decimal(0)) for _category, rate in taxes},
    )
    if categories - {STANDARD, ZERO_RATED} or rates - set(RATES) or document.currency not in CURRENCIES:
        raise Refused(
            _("Fakturaen har mva-koder eller en valuta som ikke kan skrives her. Lag kreditnotaen i økonomisystemet.")
        )
    if len(document.lines) + len(document.allowances) > MOST:
        raise Refused(_("Fakturaen har for mange linjer. Lag kreditnotaen i økonomisystemet."))


def _lines(document: InvoiceData) -> dict[str, str]:
    """As the form's fields. What the document takes off or adds as a whole becomes lines of their own."""
    lines = [*map(_line, document.lines), *_allowances(document)]
    fields = {"linje-TOTAL_FORMS": str(len(lines)), "linje-INITIAL_FORMS": "0"}
    for place, line in enumerate(lines):
        for name, value in zip(("name", "quantity", "price", "vat_rate"), line, strict=True):
            fields[f"linje-{place}-{name}"] = value
    return fields


def _line(line: Line) -> tuple[str, str, str, str]:
    """Quantity and price where they make the line's amount; else the amount once."""
    quantity, price = line.quantity or Decimal(1), line.price if line.price is not None else line.net_amount
    if net_amount(quantity, price) != line.net_amount or not _fits(quantity, 3) or not _fits(price, 4):
        quantity, price = Decimal(-1 if line.net_amount < 0 else 1), abs(line.net_amount)
    return line.name[:NAME], _shown(quantity), _shown(price), plain(line.vat_rate or Decimal(0))


def _allowances(document: InvoiceData) -> Iterator[tuple[str, str, str, str]]:
    for each in document.allowances:
        words = each.reason or (_("Gebyr") if each.is_charge else _("Rabatt"))
        yield words[:NAME], "1" if each.is_charge else "-1", _shown(each.amount), plain(each.vat_rate or Decimal(0))


def _fits(number: Decimal, decimals: int) -> bool:
    return round(number, decimals) == number


def _shown(number: Decimal) -> str:
    return plain(number).replace(".", ",")
