"""What we write passes every layer without a finding, warnings included: random invoices, and those that the product makes."""

from datetime import date
from decimal import Decimal

import pytest
from django.conf import LazySettings
from hypothesis import given

from customers.models import Customer
from distribution.by_hand import Typed, TypedLine, document_of
from distribution.demo.invoices import credit_note_for, invoice_for
from distribution.documents.invoice import Attachment, InvoiceData, PrecedingInvoice
from distribution.documents.pdf import render
from distribution.documents.ubl import write
from distribution.documents.validation.check import check
from tests.distribution.documents.random_invoices import invoices
from tests.distribution.documents.samples import OFFICIAL, invoice
from tests.distribution.documents.test_round_trip import examples
from tests.factories import ADDRESS, make_company, make_customer

RULES = OFFICIAL.parent / "rules"
LAYERS = {"xsd", "cen", "peppol", "preflight"}
DAY = date(2026, 11, 24)


@pytest.fixture(autouse=True)
def rules(settings: LazySettings) -> None:
    if not RULES.is_dir():
        pytest.skip(f"the Peppol rules are not at {RULES}")
    settings.EHF_RULES_DIR = str(RULES)


def assert_valid(content: bytes) -> None:
    result = check(content)
    assert {layer.name for layer in result.layers} == LAYERS
    assert [(each.rule, each.text) for each in result.findings] == []


def test_every_random_invoice_passes(request: pytest.FixtureRequest) -> None:
    @examples(request)
    @given(invoices())
    def holds(document: InvoiceData) -> None:
        assert_valid(write(document))

    holds()


def test_an_invoice_with_its_pdf_inside_passes() -> None:
    content = render(invoice(), language="nb")
    pdf = Attachment(reference="1", filename="faktura 10427.pdf", mime="application/pdf", content=content)
    assert_valid(write(invoice(attachments=(pdf,))))


@pytest.fixture
def customer(db: None) -> Customer:
    company = make_company(name="Fjellro Kaffebrenneri AS", email="faktura@fjellro.example", phone="73000000")
    return make_customer(company, **ADDRESS)


@pytest.mark.parametrize("credits", [None, PrecedingInvoice(number="10427", issue_date=DAY)])
@pytest.mark.parametrize("number", ["10042", ""])
def test_what_is_written_by_hand_passes(customer: Customer, credits: PrecedingInvoice | None, number: str) -> None:
    customer.number = number
    lines = tuple(
        TypedLine(name="Kabel", quantity=Decimal("0.5"), price=Decimal("0.25"), vat_rate=Decimal(rate))
        for rate in ("25", "15", "12", "0")
    )
    typed = Typed(
        number="10428", issue_date=DAY, delivered_on=DAY, currency="NOK", lines=lines, due_date=None if credits else DAY
    )
    assert_valid(write(document_of(customer, typed, credits)))


def test_the_documents_of_the_demo_pass(customer: Customer) -> None:
    assert_valid(invoice_for(customer, 0, (0, 1, 2, 3, 4), DAY))
    assert_valid(credit_note_for(customer, 0, 0, (4,), DAY))
