"""Invoices to test with. Every name is made up; the official examples are read where they lie, and never copied in here."""

import subprocess
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from distribution.documents.invoice import (
    Address,
    AllowanceCharge,
    Attachment,
    Classification,
    Delivery,
    DocumentType,
    InvoiceData,
    Line,
    Party,
    PrecedingInvoice,
    References,
    TaxRepresentative,
    Totals,
    VatSubtotal,
)
from distribution.documents.payment import Account, Card, DirectDebit, Payee

OFFICIAL = Path(__file__).resolve().parents[4] / "shared" / "data" / "peppol" / "examples"
SELLER = Party(
    name="Fjellro Kaffebrenneri AS",
    legal_name="Fjellro Kaffebrenneri AS",
    endpoint=("0192", "987654325"),
    identifiers=(("0088", "7080000000005"),),
    legal_id="987654325",
    legal_id_scheme="0192",
    legal_form="Aksjekapital 300 000 kr",
    vat_number="NO987654325MVA",
    registered_in_foretaksregisteret=True,
    address=Address(street="Verftsgata 12", postcode="7042", town="Trondheim", country="NO"),
    contact_name="Marte Lie",
    phone="73000000",
    email="faktura@fjellro.example",
)
BUYER = Party(
    name="Havblikk Arkitekter AS",
    legal_name="Havblikk Arkitekter AS",
    endpoint=("0192", "123456785"),
    legal_id="123456785",
    legal_id_scheme="0192",
    address=Address(
        street="v/ Regnskap",
        additional="Postboks 214 Sentrum",
        line3="2. etasje",
        postcode="5804",
        town="Bergen",
        subdivision="Vestland",
        country="NO",
    ),
    contact_name="Ingvild Åsen",
)
DELIVERY = Delivery(
    on=date(2026, 11, 20),
    start=date(2026, 11, 3),
    end=date(2026, 11, 20),
    name="Havblikk, lageret",
    location=("0088", "7080000000005"),
    address=Address(street="Nordre gate 8", postcode="5003", town="Bergen", country="NO"),
)


REFERENCES = References(
    project="P-7",
    sales_order="S-118",
    receiving_advice="Mottak 3",
    despatch_advice="Følgeseddel 9",
    tender="Anbud 2026/4",
    invoiced_object=("AAA", "Abonnement 12"),
)


def line(
    number: int = 1, name: str = "Filterkaffe Mørketid, malt, 500 g", amount: str = "119.00", **changes: Any
) -> Line:
    given = Line(
        id=str(number),
        name=name,
        quantity=Decimal(1),
        unit="C62",
        price=Decimal(amount),
        net_amount=Decimal(amount),
        vat_category="S",
        vat_rate=Decimal(25),
    )
    return replace(given, **changes)


def invoice(count: int = 1, **changes: Any) -> InvoiceData:
    net = Decimal("119.00") * count
    tax = net / 4
    given = InvoiceData(
        document_type=DocumentType.INVOICE,
        number="10427",
        issue_date=date(2026, 11, 24),
        due_date=date(2026, 12, 8),
        currency="NOK",
        seller=SELLER,
        buyer=BUYER,
        customer_number="10042",
        buyer_reference="0150abc",
        payment_means_code="30",
        payment_id="100420104273",
        account="NO9386011117947",
        bic="DNBANOKK",
        lines=tuple(line(number + 1) for number in range(count)),
        vat=(VatSubtotal(category="S", rate=Decimal(25), taxable=net, tax=tax),),
        totals=Totals(line_total=net, tax_exclusive=net, tax_total=tax, tax_inclusive=net + tax, payable=net + tax),
    )
    return replace(given, **changes)


def credit_note(**changes: Any) -> InvoiceData:
    preceding = (PrecedingInvoice(number="10427", issue_date=date(2026, 11, 24)),)
    given = invoice(document_type=DocumentType.CREDIT_NOTE, number="10433", preceding=preceding)
    return replace(given, **{"due_date": None, "payment_terms": "Trekkes fra faktura 10427", **changes})


def full_invoice() -> InvoiceData:
    """Every field has a value of its own."""
    freight = AllowanceCharge(
        is_charge=True,
        amount=Decimal("100.00"),
        reason="Frakt",
        reason_code="FC",
        percent=Decimal("2.5"),
        base_amount=Decimal("4000.00"),
        vat_category="S",
        vat_rate=Decimal(25),
    )
    discount = AllowanceCharge(is_charge=False, amount=Decimal("40.00"), reason="Høstrabatt", reason_code="95")
    rich = line(
        description="Malt for filter\nBrent i Trondheim",
        note="Levert i to kasser",
        item_number="K-500",
        buyer_item_number="Kaffe 7",
        standard_id=("0160", "7038010009457"),
        classifications=(Classification(code="50201706", list_id="TSP", list_version="19.0501"),),
        origin="BR",
        attributes=(("Maling", "Filter"), ("Brent", "Lyst")),
        accounting_cost="Kantine",
        order_line="3",
        invoiced_object=("ABT", "Automat 4"),
        base_unit="C62",
        gross_price=Decimal("125.00"),
        price_discount=Decimal("6.00"),
        start=date(2026, 11, 3),
        end=date(2026, 11, 20),
        base_quantity=Decimal(10),
        allowances=(discount,),
    )
    totals = Totals(
        line_total=Decimal("119.00"),
        allowance_total=Decimal("40.00"),
        charge_total=Decimal("100.00"),
        tax_exclusive=Decimal("179.00"),
        tax_total=Decimal("44.75"),
        tax_total_in_tax_currency=Decimal("523.58"),
        tax_inclusive=Decimal("223.75"),
        prepaid=Decimal("100.00"),
        rounding=Decimal("0.25"),
        payable=Decimal("124.00"),
    )
    return invoice(
        currency="EUR",
        tax_currency="NOK",
        notes=("Takk for handelen", "God jul"),
        order_reference="PO-2026-118",
        contract_reference="Rammeavtale 7",
        accounting_cost="4100:Bergen",
        references=REFERENCES,
        tax_point=date(2026, 11, 20),
        payee=Payee(
            name="Fjellro Faktoring AS",
            identifiers=(("0088", "4006381333931"),),
            legal_id="889640782",
            legal_id_scheme="0192",
        ),
        tax_representative=TaxRepresentative(
            name="Fjellro Avgift AS", vat_number="NO889640782MVA", address=Address(town="Oslo", country="NO")
        ),
        payment_means_text="Bankoverføring",
        account_name="Driftskonto",
        other_accounts=(Account(number="86011117947", name="Valuta", bic="DNBANOKK"),),
        card=Card(number="1234", network="VISA", holder="Ingvild Åsen"),
        direct_debit=DirectDebit(mandate="M-118", account="NO8330001234567"),
        payment_terms="Netto 14 dager",
        delivery=DELIVERY,
        preceding=(PrecedingInvoice(number="10400", issue_date=date(2026, 10, 1)), PrecedingInvoice(number="10401")),
        allowances=(freight, discount),
        vat=(
            VatSubtotal(category="S", rate=Decimal(25), taxable=Decimal("179.00"), tax=Decimal("44.75")),
            VatSubtotal(
                category="AE",
                rate=Decimal(0),
                taxable=Decimal(0),
                tax=Decimal(0),
                exemption_reason="Omvendt avgiftsplikt",
                exemption_reason_code="VATEX-EU-AE",
            ),
        ),
        totals=totals,
        lines=(rich, line(2, "Leie", quantity=None, unit="", price=None, vat_rate=None)),
        attachments=(
            Attachment(
                reference="1", description="Timeliste", filename="timer.pdf", mime="application/pdf", content=b"%PDF-x"
            ),
            Attachment(reference="2", url="https://fjellro.example/timer"),
        ),
    )


def official(name: str) -> bytes:
    path = OFFICIAL / name
    if not path.is_file():
        pytest.skip(f"the official Peppol examples are not at {OFFICIAL}")
    return path.read_bytes()


def text_of(pdf: bytes, tmp_path: Path) -> str:
    """What a reader can copy out of it, by poppler's pdftotext; pages are parted by form feeds."""
    path = tmp_path / "invoice.pdf"
    path.write_bytes(pdf)
    found = subprocess.run(["pdftotext", "-layout", str(path), "-"], capture_output=True, check=True, timeout=60)
    return found.stdout.decode().replace("\u00a0", " ")
