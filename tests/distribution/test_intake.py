"""Intake: what is refused leaves nothing; the buyer is matched or created; bad bytes get words (R38, F32, T36)."""

from pathlib import Path

import pytest
from django.conf import LazySettings

from customers.models import Customer, Kind, Method
from distribution.delivery import OpenRun
from distribution.documents.invoice import Party
from distribution.documents.pdf import render
from distribution.intake import Refused, receive
from distribution.models import Delivery, Event, Invoice, Run
from tests.factories import buyer_of, document, make_company, make_customer, org_number, take_in, ubl

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def nothing_is_there(settings: LazySettings) -> bool:
    rows = Invoice.objects.count() + Delivery.objects.count() + Event.objects.count() + Run.objects.count()
    return rows == 0 and not list((Path(settings.DATA_DIR) / "frozen").glob("**/*"))


def refused(content: bytes, settings: LazySettings, own_pdf: bytes | None = None) -> str:
    company = make_company()
    with pytest.raises(Refused) as refusal:
        receive(company, content, run=OpenRun(None, "test"), own_pdf=own_pdf)
    assert nothing_is_there(settings)
    assert not Customer.objects.filter(company=company).exists()
    return str(refusal.value)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"<Invoice", id="broken XML"),
        pytest.param(b"%PDF-1.7", id="not XML"),
        pytest.param(b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><Invoice>&e;</Invoice>', id="DOCTYPE"),
        pytest.param(b"<html/>", id="another document"),
        pytest.param(b" " * (25 * 1024 * 1024 + 1), id="too large"),
    ],
)
def test_bad_bytes_are_refused_in_words_and_leave_nothing(content: bytes, settings: LazySettings) -> None:
    assert refused(content, settings)


@pytest.mark.parametrize("number", ["", "KLADD", "draft"])
def test_T24_a_draft_is_refused(number: str, settings: LazySettings) -> None:
    content = ubl(Customer(company=make_company(), name="Kunde AS", number="1"), number="NUMMER").replace(
        b"NUMMER", number.encode()
    )

    assert refused(content, settings)


def test_an_invoice_of_another_seller_is_refused_by_name(settings: LazySettings) -> None:
    other = make_company(name="Den Andre AS")

    assert "Den Andre AS" in refused(ubl(Customer(company=other, name="Kunde AS", number="1")), settings)


@pytest.mark.parametrize("own_pdf", [b"", b"JFIF", b"%PDF-1.7 cut off"], ids=["0 bytes", "not a PDF", "unreadable"])
def test_F32_an_own_pdf_that_is_none_is_refused(own_pdf: bytes, settings: LazySettings) -> None:
    company = make_company()
    customer = make_customer(company)
    with pytest.raises(Refused):
        take_in(customer, own_pdf=own_pdf, content=ubl(customer)) if own_pdf else receive(
            company, ubl(customer), run=OpenRun(None, "test"), own_pdf=own_pdf
        )
    assert nothing_is_there(settings)


def test_the_buyer_is_matched_by_peppol_id_then_org_number_then_customer_number() -> None:
    company = make_company()
    by_peppol = make_customer(company, peppol_id="0088:7300010000001", org_number="")
    by_org = make_customer(company)
    by_number = make_customer(company, org_number="", number="4711")
    stranger = Party(name="Noen", endpoint=("0088", "7300010000001"))

    assert take_in(by_org, buyer=stranger).invoice.customer == by_peppol
    assert take_in(by_org, customer_number="4711").invoice.customer == by_org
    assert take_in(by_number, buyer=Party(name="Noen")).invoice.customer == by_number
    assert Customer.objects.filter(company=company).count() == 3


def test_T12_a_peppol_id_in_other_case_is_the_same_customer() -> None:
    company = make_company()
    known = make_customer(company, peppol_id="0007:abc123", org_number="")

    assert take_in(known, buyer=Party(name="Noen", endpoint=("0007", "ABC123"))).invoice.customer == known


def test_T36_a_new_buyer_becomes_a_customer_on_autoinvoice_after_activation() -> None:
    company = make_company()
    ghost = Customer(
        company=company,
        name="Ny Kunde AS",
        number="",
        org_number=org_number(33_000_000),
        address_line="Gata 2",
        postcode="0155",
        town="Oslo",
    )

    customer = take_in(ghost).invoice.customer

    assert customer is not None
    assert (customer.method, customer.kind, customer.number) == (Method.AUTOINVOICE, Kind.BUSINESS, "10001")
    assert (customer.org_number, customer.peppol_id) == (ghost.org_number, f"0192:{ghost.org_number}")
    assert (customer.address_line, customer.postcode, customer.town, customer.country) == (
        "Gata 2",
        "0155",
        "Oslo",
        "NO",
    )


def test_two_invoices_to_one_new_buyer_make_one_customer() -> None:
    company = make_company()
    ghost = Customer(company=company, name="Ny Kunde AS", number="", org_number=org_number(33_000_100))

    assert take_in(ghost).invoice.customer == take_in(ghost).invoice.customer


def test_a_buyers_field_that_is_not_what_it_should_be_stays_empty() -> None:
    company = make_company()
    buyer = Party(name="Rar Kunde", endpoint=("0192", "123"), legal_id="abc", email="not an address")

    customer = take_in(Customer(company=company, name="Rar Kunde", number=""), buyer=buyer).invoice.customer

    assert customer is not None
    assert (customer.peppol_id, customer.org_number, customer.email) == ("", "", "")


def test_the_same_bytes_at_another_company_are_another_invoice() -> None:
    """Two companies can't own one seller id, so the same file is refused there; nothing is shared across tenants."""
    customer = make_customer(make_company())
    content = ubl(customer)
    take_in(customer, content=content)

    with pytest.raises(Refused):
        receive(make_company(), content, run=OpenRun(None, "test"))


def test_F33_two_customers_with_one_address_stay_two() -> None:
    company = make_company()
    customers = [make_customer(company, email="felles@firma.test") for _ in range(2)]

    assert [take_in(customer).invoice.customer for customer in customers] == customers


def test_an_own_pdf_and_an_erp_text_are_kept() -> None:
    customer = make_customer(make_company())
    pdf = render(document(customer), language="nb")

    invoice = take_in(customer, own_pdf=pdf, email_text=" Hei \n").invoice

    assert invoice.own_pdf_sha256
    assert invoice.email_text == "Hei"


def test_control_characters_in_a_text_do_not_break_the_way_out() -> None:
    customer = make_customer(make_company())
    buyer = buyer_of(customer)

    assert take_in(customer, buyer=buyer, buyer_reference="a\x01b").new


def test_R20_a_buyer_named_by_his_endpoint_alone_is_the_customer_with_that_org_number() -> None:
    customer = make_customer(make_company(), method=Method.SELF, email="kunde@firma.test")
    buyer = Party(name="Annet navn", endpoint=("0192", customer.org_number))

    assert take_in(customer, buyer=buyer, customer_number="").invoice.customer == customer


def test_a_customer_number_of_somebody_else_by_org_number_names_nobody() -> None:
    """Two systems with number rows of their own: 10001 in one is another firm than 10001 in the other."""
    company = make_company()
    theirs = make_customer(company, number="10001")
    stranger = Customer(company=company, number="10001", name="En annen AS", org_number=org_number(77), method="email")

    invoice = take_in(stranger).invoice

    assert invoice.customer is not None
    assert invoice.customer.pk != theirs.pk
    assert invoice.customer.org_number == org_number(77)
    assert invoice.customer.number == "10002"


def test_the_refusal_of_a_foreign_seller_names_both_by_their_ids() -> None:
    mine, other = make_company(), make_customer(make_company())

    with pytest.raises(Refused) as refusal:
        receive(mine, ubl(other), run=OpenRun(None, "test"))

    assert other.company.peppol_id in str(refusal.value)
    assert mine.peppol_id in str(refusal.value)
