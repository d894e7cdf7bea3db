"""An invoice that a person writes on the page: its sums, and the document it becomes. It goes nowhere before «Send» (R19)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models.fields.json import KT
from django.utils.translation import gettext as _

from customers.identifiers import ELMA_SCHEME, peppol_id_of
from customers.models import Company, Customer, Kind, PostalAddress
from distribution.documents import sums
from distribution.documents.invoice import (
    Address,
    Delivery,
    DocumentType,
    InvoiceData,
    Line,
    Party,
    PrecedingInvoice,
)
from distribution.documents.sums import STANDARD, ZERO_RATED, Sums
from distribution.kid import INVOICE_DIGITS, customer_digits, kid_of
from distribution.models import Draft, Invoice

PIECE = "C62"  # UN/ECE Rec 20: one, of whatever the description says
CREDIT_TRANSFER = "30"
IN_FORETAKSREGISTERET = frozenset({"AS", "ASA", "NUF", "AKSJESELSKAP", "ALLMENNAKSJESELSKAP"})


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedLine:
    name: str
    quantity: Decimal
    price: Decimal
    vat_rate: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What stood in the form when «Send» was pressed."""

    number: str
    issue_date: date
    delivered_on: date
    currency: str
    lines: tuple[TypedLine, ...]
    due_date: date | None = None
    reference: str = ""
    payment_id: str = ""


def sums_of(typed: Iterable[TypedLine]) -> Sums:
    return sums.sums_of(_line(position, line) for position, line in enumerate(typed, 1))


def document_of(customer: Customer, typed: Typed, credits: PrecedingInvoice | None = None) -> InvoiceData:
    """A credit note where it credits something. The customer's number, or his name, stands in for a reference that he did not
    give: EHF requires one (PEPPOL-EN16931-R003), and something true is better than «NA»."""
    company, summed = customer.company, sums_of(typed.lines)
    account = "" if credits else company.bank_account  # a credit note asks for no money
    return InvoiceData(
        document_type=DocumentType.CREDIT_NOTE if credits else DocumentType.INVOICE,
        number=typed.number,
        issue_date=typed.issue_date,
        due_date=typed.due_date,
        currency=typed.currency,
        seller=_seller(company),
        buyer=_buyer(customer),
        customer_number=customer.number,
        buyer_reference=typed.reference or customer.number or customer.name,
        delivery=Delivery(on=typed.delivered_on),
        lines=summed.lines,
        vat=summed.vat,
        totals=summed.totals,
        payment_means_code=CREDIT_TRANSFER if account else "",
        payment_id=typed.payment_id or ("" if credits else _kid(company, customer, typed)),
        account=account,
        preceding=(credits,) if credits else (),
    )


def _kid(company: Company, customer: Customer, typed: Typed) -> str:
    """By the company's rule, where none was typed."""
    chosen = getattr(company, "distribution_settings", None)  # asked for once, however many drafts a page shows
    return kid_of(chosen.kid_rule, chosen.kid_length, customer.number, typed.number) if chosen else ""


def why_no_kid(company: Company, customer: Customer, number: str) -> str:
    """In words, where the company has a rule that makes none for this customer and invoice; else nothing."""
    chosen = getattr(company, "distribution_settings", None)
    if not (chosen and chosen.kid_rule) or kid_of(chosen.kid_rule, chosen.kid_length, customer.number, number):
        return ""
    words = _(
        "Det kan ikke lages KID av kundenummer %(customer)s og fakturanummer %(invoice)s. De må være bare sifre uten null "
        "først; kundenummeret har plass til %(room)s og fakturanummeret til %(most)s."
    )
    room = customer_digits(chosen.kid_length)
    return words % {"customer": customer.number, "invoice": number, "room": room, "most": INVOICE_DIGITS}


def next_number(company: Company, kind: DocumentType = DocumentType.INVOICE) -> str:
    """One more than that of the document that came last, or than a draft has; empty where it isn't a number that can be counted.
    Who has sent no credit note yet counts on from his invoices."""
    last = _last_number(company, kind)
    if not (last.isascii() and last.isdigit()) or last.startswith("0"):
        return ""
    drafts = Draft.objects.filter(company=company, sent_as=None)
    drafted = set(drafts.annotate(number=KT("fields__number")).values_list("number", flat=True))
    number = int(last) + 1
    while str(number) in drafted:
        number += 1
    return str(number)


def _last_number(company: Company, kind: DocumentType) -> str:
    newest = Invoice.objects.filter(company=company).order_by("-created_at", "-pk").values_list("number", flat=True)
    return newest.filter(document_type=kind).first() or newest.first() or ""


def _line(position: int, typed: TypedLine) -> Line:
    return Line(
        id=str(position),
        name=typed.name,
        quantity=typed.quantity,
        unit=PIECE,
        price=typed.price,
        net_amount=sums.net_amount(typed.quantity, typed.price),
        vat_category=STANDARD if typed.vat_rate else ZERO_RATED,
        vat_rate=typed.vat_rate,
    )


def _seller(company: Company) -> Party:
    return Party(
        name=company.name,
        legal_name=company.name,
        endpoint=_endpoint(company.peppol_id),
        legal_id=company.org_number,
        legal_id_scheme=ELMA_SCHEME if company.org_number else "",
        vat_number=f"NO{company.org_number}MVA" if company.org_number else "",
        registered_in_foretaksregisteret=_is_in_foretaksregisteret(company.name),
        address=_address(company),
        phone=company.phone,
        email=company.email,
    )


def _is_in_foretaksregisteret(name: str) -> bool:
    """Companies whose name tells their form are, and must say so on the invoice (foretaksregisterloven § 10-2). Of others we
    don't know it."""
    words = name.upper().replace(".", "").split()
    return bool(words) and bool({words[0], words[-1]} & IN_FORETAKSREGISTERET)


def _buyer(customer: Customer) -> Party:
    business = customer.kind == Kind.BUSINESS
    identifier = customer.peppol_id or (peppol_id_of(customer.org_number) if customer.org_number else "")
    return Party(
        name=customer.name,
        legal_name=customer.name,
        endpoint=_endpoint(identifier) if business and identifier else None,
        legal_id=customer.org_number if business else "",
        legal_id_scheme=ELMA_SCHEME if business and customer.org_number else "",
        address=_address(customer),
    )


def _address(place: PostalAddress) -> Address:
    return Address(
        street=place.address_line,
        additional=place.address_line2,
        postcode=place.postcode,
        town=place.town,
        country=place.country,
    )


def _endpoint(peppol_id: str) -> tuple[str, str]:
    scheme, _colon, value = peppol_id.partition(":")
    return scheme, value
