"""The demo's invoices as UBL, made by our own writer from the demo's customers."""

from datetime import date, timedelta
from decimal import Decimal

from customers.identifiers import ELMA_SCHEME, peppol_id_of
from customers.models import Company, Customer, Kind
from distribution.documents.invoice import (
    Address,
    Delivery,
    DocumentType,
    InvoiceData,
    Line,
    Party,
    PrecedingInvoice,
)
from distribution.documents.sums import STANDARD, net_amount, sums_of
from distribution.documents.ubl import write
from distribution.kid import MOD10, kid_of

FIRST_INVOICE, FIRST_CREDIT_NOTE = 20401, 30101
KID_LENGTH = 13  # room for the five digits of the demo's customers
# name, quantity, unit (UN/ECE Rec 20), net price, VAT rate
GOODS = (
    ("Montering av ladestasjon", "16", "HUR", "785.00", "25"),
    ("Kabel PFXP 5G6", "34", "MTR", "42.50", "25"),
    ("Jordfeilautomat 32 A", "2", "C62", "745.00", "25"),
    ("Befaring og prosjektering, november 2026", "3.5", "HUR", "980.00", "25"),
    ("Servering på kurs i elsikkerhet", "12", "C62", "189.00", "15"),
)


def invoice_for(customer: Customer, position: int, goods: tuple[int, ...], issued: date) -> bytes:
    number = str(FIRST_INVOICE + position)
    return write(_document(customer, DocumentType.INVOICE, number, goods, issued))


def credit_note_for(
    customer: Customer, position: int, invoice_position: int, goods: tuple[int, ...], issued: date
) -> bytes:
    number, credited = str(FIRST_CREDIT_NOTE + position), str(FIRST_INVOICE + invoice_position)
    return write(
        _document(
            customer,
            DocumentType.CREDIT_NOTE,
            number,
            goods[:1],
            issued,
            PrecedingInvoice(number=credited, issue_date=issued),
        )
    )


def _document(
    customer: Customer,
    kind: DocumentType,
    number: str,
    goods: tuple[int, ...],
    issued: date,
    *preceding: PrecedingInvoice,
) -> InvoiceData:
    company = customer.company
    sums = sums_of(_line(position, *GOODS[which]) for position, which in enumerate(goods, 1))
    invoice = kind == DocumentType.INVOICE
    return InvoiceData(
        document_type=kind,
        number=number,
        issue_date=issued,
        due_date=issued + timedelta(days=14) if invoice else None,
        currency="NOK",
        seller=_seller(company),
        buyer=_buyer(customer),
        customer_number=customer.number,
        buyer_reference="Innkjøp",
        preceding=preceding,
        delivery=Delivery(on=issued),
        lines=sums.lines,
        vat=sums.vat,
        totals=sums.totals,
        payment_means_code="30" if invoice else "",
        payment_id=kid_of(MOD10, KID_LENGTH, customer.number, number) if invoice else "",
        account=company.bank_account if invoice else "",
    )


def _line(position: int, name: str, quantity: str, unit: str, price: str, rate: str) -> Line:
    return Line(
        id=str(position),
        name=name,
        quantity=Decimal(quantity),
        unit=unit,
        price=Decimal(price),
        net_amount=net_amount(Decimal(quantity), Decimal(price)),
        vat_category=STANDARD,
        vat_rate=Decimal(rate),
    )


def _seller(company: Company) -> Party:
    return Party(
        name=company.name,
        legal_name=company.name,
        endpoint=(ELMA_SCHEME, company.org_number),
        legal_id=company.org_number,
        legal_id_scheme=ELMA_SCHEME,
        vat_number=f"NO{company.org_number}MVA",
        registered_in_foretaksregisteret=True,
        address=Address(
            street=company.address_line, postcode=company.postcode, town=company.town, country=company.country
        ),
        phone=company.phone,
        email=company.email,
    )


def _buyer(customer: Customer) -> Party:
    """A consumer has no endpoint; a business without an org.nr has none either."""
    business = customer.kind == Kind.BUSINESS and bool(customer.org_number)
    identifier = peppol_id_of(customer.org_number).split(":") if business else None
    return Party(
        name=customer.name,
        legal_name=customer.name,
        endpoint=(identifier[0], identifier[1]) if identifier else None,
        legal_id=customer.org_number,
        legal_id_scheme=ELMA_SCHEME if business else "",
        address=Address(
            street=customer.address_line, postcode=customer.postcode, town=customer.town, country=customer.country
        ),
    )
