"""Plain functions that make what a test needs; everything has a believable default."""

import csv
from datetime import timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import F
from django.utils import timezone
from stdnum import ean

from customers.models import Company, Customer, Membership, Method, Role, User
from distribution.activation import activate
from distribution.choices import change_settings, set_agreement
from distribution.delivery import OpenRun
from distribution.documents.invoice import Address, DocumentType, InvoiceData, Line, Party, Totals, VatSubtotal
from distribution.documents.ubl import write
from distribution.intake import Received, receive
from distribution.models import Delivery, Event, Invoice
from distribution.models.settings import AgreementKind
from distribution.states import AgreementStatus

_serial = count(1)
WEIGHTS = (3, 2, 7, 6, 5, 4, 3, 2)


def gln(serial: int) -> str:
    """A valid GLN, another one for each number."""
    digits = f"{730_000_000_000 + serial}"
    return digits + str(ean.calc_check_digit(digits))


def org_number(number: int) -> str:
    """The next valid org.nr from `number` (eight digits) on."""
    while True:
        digits = f"{number:08d}"
        check = 11 - sum(int(digit) * weight for digit, weight in zip(digits, WEIGHTS, strict=True)) % 11
        if check != 10:
            return digits + str(check % 11)
        number += 1


def make_user(email: str = "", **facts: Any) -> User:
    return User.objects.create_user(email or f"user{next(_serial)}@kontor.test", "hemmelig-nok", **facts)


def make_company(
    *, activated: bool = True, b2b: str = "active", b2c: str = "active", admin: User | None = None, **facts: Any
) -> Company:
    """With active agreements and activated, unless told otherwise."""
    number = org_number(31_000_000 + next(_serial) * 10)
    email = facts.get("email", f"post@{number}.test")
    company = Company.objects.create(
        **{
            "name": f"Firma {number} AS",
            "org_number": number,
            "peppol_id": f"0192:{number}",
            "email": email,
            "verified_email": email,
            "bank_account": "86011117947",
            "address_line": "Storgata 1",
            "postcode": "0155",
            "town": "Oslo",
            **facts,
        }
    )
    for kind, status in ((AgreementKind.B2B, b2b), (AgreementKind.B2C, b2c)):
        set_agreement(company, kind, AgreementStatus(status))
    if admin is not None:
        Membership.objects.create(user=admin, company=company, role=Role.ADMIN)
    if activated:
        activate(company, admin)
    return company


def make_customer(company: Company, **facts: Any) -> Customer:
    """A business on AutoInvoice (or on e-mail before activation) without anything to reach it by."""
    serial = next(_serial)
    method = Method.AUTOINVOICE if company.activated else Method.EMAIL
    return Customer.objects.create(
        **{
            "company": company,
            "number": str(50_000 + serial),
            "name": f"Kunde {serial} AS",
            "org_number": org_number(32_000_000 + serial * 10),
            "method": method,
            **facts,
        }
    )


ADDRESS = {"address_line": "Kirkegata 5", "postcode": "7014", "town": "Trondheim"}


def document(
    customer: Customer, *, number: str = "", kind: DocumentType = DocumentType.INVOICE, days: int = 14, **terms: Any
) -> InvoiceData:
    """One line of 1 000,00 at 25 %, due in `days`."""
    company, today = customer.company, timezone.localdate()
    line = Line(
        id="1",
        name="Rådgivning",
        quantity=Decimal(1),
        unit="HUR",
        price=Decimal("1000.00"),
        net_amount=Decimal("1000.00"),
        vat_category="S",
        vat_rate=Decimal(25),
    )
    facts: dict[str, Any] = {
        "document_type": kind,
        "number": number or str(next(_serial) + 10_000),
        "issue_date": today,
        "due_date": today + timedelta(days=days) if kind == DocumentType.INVOICE else None,
        "currency": "NOK",
        "seller": seller_of(company),
        "buyer": buyer_of(customer),
        "customer_number": customer.number,
        "buyer_reference": "ref",
        "lines": (line,),
        "vat": (VatSubtotal(category="S", rate=Decimal(25), taxable=Decimal("1000.00"), tax=Decimal("250.00")),),
        "totals": Totals(
            line_total=Decimal("1000.00"),
            tax_exclusive=Decimal("1000.00"),
            tax_total=Decimal("250.00"),
            tax_inclusive=Decimal("1250.00"),
            payable=Decimal("1250.00"),
        ),
        "payment_means_code": "30",
        "payment_id": "1234567890128",
        "account": company.bank_account,
    }
    return InvoiceData(**{**facts, **terms})


def seller_of(company: Company) -> Party:
    scheme, value = company.peppol_id.split(":")
    return Party(
        name=company.name,
        legal_name=company.name,
        endpoint=(scheme, value),
        legal_id=company.org_number,
        legal_id_scheme="0192",
        vat_number=f"NO{company.org_number}MVA",
        registered_in_foretaksregisteret=True,
        address=Address(street=company.address_line, postcode=company.postcode, town=company.town, country="NO"),
    )


def buyer_of(customer: Customer) -> Party:
    return Party(
        name=customer.name,
        legal_name=customer.name,
        endpoint=("0192", customer.org_number) if customer.org_number else None,
        legal_id=customer.org_number,
        legal_id_scheme="0192" if customer.org_number else "",
        address=Address(street=customer.address_line, postcode=customer.postcode, town=customer.town, country="NO"),
    )


def ubl(customer: Customer, **terms: Any) -> bytes:
    return write(document(customer, **terms))


def take_in(
    customer: Customer,
    *,
    user: User | None = None,
    run: OpenRun | None = None,
    own_pdf: bytes | None = None,
    email_text: str = "",
    content: bytes | None = None,
    **terms: Any,
) -> Received:
    run = run or OpenRun(user, "test")
    return receive(
        customer.company,
        content or ubl(customer, **terms),
        run=run,
        user=user,
        own_pdf=own_pdf,
        email_text=email_text,
    )


def queue(customer: Customer, **how: Any) -> Delivery:
    """An invoice to this customer, taken in; its queued delivery."""
    return delivery_of(take_in(customer, **how).invoice)


def delivery_of(invoice: Invoice) -> Delivery:
    """The last delivery as the database has it now."""
    return Delivery.objects.get(invoice=invoice.pk, invoice__last_delivery=F("pk"))


def kinds(invoice: Invoice) -> list[str]:
    return list(Event.objects.filter(invoice=invoice).order_by("pk").values_list("kind", flat=True))


def set_choices(company: Company, **wanted: Any) -> None:
    change_settings(company, None, **wanted)


def register(*rows: tuple[str, str]) -> None:
    """Writes the file register: (identifier, documents). Without rows an empty one, where nobody is registered."""
    path = Path(settings.DATA_DIR) / "receivers.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["identifier", "documents"])
        writer.writerows(rows)


def register_customer(customer: Customer, documents: str = "invoice credit_note") -> None:
    register((f"0192:{customer.org_number}", documents))


def silence_register() -> None:
    (Path(settings.DATA_DIR) / "receivers.csv").unlink(missing_ok=True)


def out(channel: str = "*") -> list[Path]:
    """The folders that have left, by channel."""
    return sorted(
        path for path in (Path(settings.DATA_DIR) / "out").glob(f"{channel}/*") if not path.name.startswith(".")
    )


def left(channel: str, suffix: str) -> bytes:
    """The bytes of the only thing that left by this channel."""
    (folder,) = out(channel)
    (file,) = folder.glob(f"*{suffix}")
    return file.read_bytes()
