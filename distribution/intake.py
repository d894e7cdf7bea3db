"""From bytes to an invoice in the queue. What is broken, foreign or a draft is refused in words, and leaves nothing behind."""

from collections.abc import Callable
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import BigIntegerField, Max
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from customers.history import bring_back, changes_of, keep
from customers.identifiers import ELMA_SCHEME, clean_emails, clean_org_number, clean_peppol_id, peppol_id_of
from customers.models import ChangedBy, Company, Customer, Kind, Method, User
from distribution import frozen
from distribution.activation import starting_method
from distribution.delivery import OpenRun, plan
from distribution.documents.invoice import InvoiceData, Party
from distribution.documents.pdf import BadPdf, check_own_pdf
from distribution.documents.ubl import Unreadable, read
from distribution.documents.validation.findings import as_facts
from distribution.documents.validation.verdicts import foreseen
from distribution.models import Event, Invoice
from distribution.states import EventKind

FIRST_NUMBER = 10001


class Refused(Exception):
    """Not taken in; the words say why and what to do."""


@dataclass(frozen=True, slots=True)
class Received:
    """`new` is false where the same bytes had come before (R38)."""

    invoice: Invoice
    new: bool


def receive(
    company: Company,
    content: bytes,
    *,
    run: OpenRun,
    user: User | None = None,
    own_pdf: bytes | None = None,
    email_text: str = "",
    customer: Customer | None = None,
) -> Received:
    """Takes in one UBL invoice or credit note and queues it, all or nothing. Raises Refused.

    `customer` is the buyer where the caller knows him; else he is found by what the document says of him, or made.
    `run` comes into being with its first new invoice. The bytes are frozen before the row that names them.
    """
    document, flaws = check(company, content, own_pdf), foreseen(content)
    with run.kept_only_if_committed(), transaction.atomic():
        Company.objects.select_for_update(no_key=True).get(
            pk=company.pk
        )  # two files of one new customer make one customer
        known = Invoice.objects.filter(company=company, sha256=frozen.sha256_of(content)).first()
        if known is not None:
            return Received(known, new=False)
        invoice = Invoice.objects.create(
            company=company,
            customer=_buyer(company, document, customer, user),
            run=run.join(),
            sent_by=user,
            sha256=frozen.keep(content),
            size=len(content),
            own_pdf_sha256=frozen.keep(own_pdf) if own_pdf else "",
            email_text=email_text.strip(),
            **_shown(document),
        )
        data = {"own_pdf": bool(own_pdf), "flaws": as_facts(flaws)}
        Event.objects.create(invoice=invoice, kind=EventKind.RECEIVED, user=user, data=data)
        _tell_of_same_number(invoice)
        plan(invoice, due_at=invoice.run.starts_at, user=user)
    return Received(invoice, new=True)


def check(company: Company, content: bytes, own_pdf: bytes | None = None) -> InvoiceData:
    """What `receive` would refuse, without taking anything in. Raises Refused."""
    try:
        document = read(content)
        if own_pdf is not None:
            check_own_pdf(own_pdf)
    except (Unreadable, BadPdf) as error:
        raise Refused(str(error)) from error
    if not is_seller(company, document.seller):
        raise Refused(
            _(
                "Selgeren i filen er %(seller)s (%(ids)s), ikke %(company)s (%(own)s). Velg riktig firma, eller rett filen."
            )
            % {
                "seller": document.seller.name or "–",
                "ids": ", ".join(seller_ids(document.seller)) or "–",
                "company": company.name,
                "own": company.peppol_id,
            }
        )
    return document


def seller_ids(seller: Party) -> tuple[str, ...]:
    """All identifiers by which a document names its seller, as `scheme:value` in lower case; the endpoint first."""
    endpoint = (f"{seller.endpoint[0]}:{seller.endpoint[1]}".lower(),) if seller.endpoint else ()
    org_number = org_number_of(seller)
    return (*endpoint, peppol_id_of(org_number)) if org_number else endpoint


def org_number_of(party: Party) -> str:
    """From the legal identifier, else a Norwegian endpoint, else the Norwegian VAT number (NO#########MVA)."""
    legal = _clean(clean_org_number, party.legal_id) if party.legal_id else ""
    scheme, value = party.endpoint or ("", "")
    endpoint = _clean(clean_org_number, value) if scheme == ELMA_SCHEME else ""
    if legal or endpoint:
        return legal or endpoint
    vat = party.vat_number.upper().removeprefix("NO").removesuffix("MVA")
    return _clean(clean_org_number, vat) if party.vat_number.upper().startswith("NO") else ""


def is_seller(company: Company, seller: Party) -> bool:
    org_number = org_number_of(seller)
    return company.peppol_id in seller_ids(seller) or (bool(org_number) and company.org_number == org_number)


def match(company: Company, document: InvoiceData) -> Customer | None:
    """The buyer among the company's customers: by Peppol id, by org.nr, by customer number, in that order. A number whose
    customer is by its Peppol id or org.nr somebody else names nobody."""
    buyer = document.buyer
    customers = company.customers.select_related("parent", "company").order_by("pk")
    endpoint, org_number = _peppol_id(buyer), org_number_of(buyer)
    for known in ({"peppol_id": endpoint}, {"org_number": org_number}):
        if all(known.values()) and (found := customers.filter(**known).first()):
            return found
    numbered = customers.filter(number=document.customer_number).first() if document.customer_number else None
    return numbered if numbered and not _somebody_else(numbered, endpoint, org_number) else None


def customer_from(company: Company, document: InvoiceData) -> Customer:
    """A customer out of the document's buyer, not saved. Which fields a stranger's file can't fill properly stay empty."""
    buyer, address = document.buyer, document.buyer.address
    peppol_id, org_number = _peppol_id(buyer), org_number_of(buyer)
    email = _clean(clean_emails, buyer.email)
    customer = Customer(
        company=company,
        name=buyer.name[:200],
        org_number=org_number,
        peppol_id=peppol_id,
        email=email,
        phone=buyer.phone[:40],
        kind=Kind.BUSINESS if peppol_id or org_number or buyer.legal_id else Kind.PRIVATE,
        address_line=address.street[:120],
        address_line2=address.additional[:120],
        postcode=address.postcode[:16],
        town=address.town[:80],
        country=(address.country or "NO")[:2],
    )
    wanted = Method.EINVOICE if peppol_id else Method.EMAIL if email else Method.SELF
    customer.method = starting_method(company, wanted)
    return customer


def _buyer(company: Company, document: InvoiceData, known: Customer | None, user: User | None) -> Customer:
    """One who was archived is fetched out again: he is a customer after all."""
    if known is not None:
        known.refresh_from_db(fields=["archived_at"])
    buyer = known or _match_or_create(company, document, user)
    if buyer.archived:
        bring_back(buyer, user, ChangedBy.INVOICE)
    return buyer


def _match_or_create(company: Company, document: InvoiceData, user: User | None) -> Customer:
    found = match(company, document)
    if found is not None:
        return found
    customer = customer_from(company, document)
    customer.number = _free_number(company, document.customer_number)
    customer.save()
    keep(changes_of(customer, None, user, ChangedBy.INVOICE))
    return customer


def _free_number(company: Company, wanted: str) -> str:
    """The number that the document gives its buyer, where it is free; else the next one of the company's own row."""
    taken = company.customers
    if wanted and len(wanted) <= 40 and not taken.filter(number=wanted).exists():
        return wanted
    numbers = taken.filter(number__regex=r"^[0-9]{1,12}$").annotate(as_number=Cast("number", BigIntegerField()))
    highest: int | None = numbers.aggregate(highest=Max("as_number"))["highest"]
    return str((highest or FIRST_NUMBER - 1) + 1)


def _somebody_else(customer: Customer, endpoint: str, org_number: str) -> bool:
    theirs = {customer.peppol_id, peppol_id_of(customer.org_number) if customer.org_number else ""} - {""}
    named = {endpoint, peppol_id_of(org_number) if org_number else ""} - {""}
    return bool(theirs and named and not theirs & named)


def _shown(document: InvoiceData) -> dict[str, object]:
    """What lists show of a document without opening it."""
    return {
        "document_type": document.document_type.value,
        "number": document.number,
        "buyer_name": document.buyer.name[:200],
        "issue_date": document.issue_date,
        "due_date": document.due_date,
        "currency": document.currency,
        "payable": document.totals.payable,
    }


def _tell_of_same_number(invoice: Invoice) -> None:
    """R38: other bytes with a number that was used before are taken in, and the timeline says so."""
    earlier = (
        Invoice.objects.filter(company=invoice.company_id, document_type=invoice.document_type, number=invoice.number)
        .exclude(pk=invoice.pk)
        .order_by("pk")
        .last()
    )
    if earlier is not None:
        Event.objects.create(
            invoice=invoice, kind=EventKind.NUMBER_USED_BEFORE, data={"number": invoice.number, "invoice": earlier.pk}
        )


def _peppol_id(party: Party) -> str:
    return _clean(clean_peppol_id, f"{party.endpoint[0]}:{party.endpoint[1]}") if party.endpoint else ""


def _clean(clean: Callable[[str], str], value: str) -> str:
    """A stranger's field, or nothing where it is not what it should be: the customer then shows what is missing."""
    try:
        return clean(value)
    except ValidationError:
        return ""
