"""KID by the company's rule: check digits as the banks compute them, and an invoice by hand that gets one."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customers.models import Customer
from distribution.by_hand import Typed, TypedLine, document_of
from distribution.choices import change_settings
from distribution.kid import INVOICE_DIGITS, LONGEST, MOD10, MOD11, SHORTEST, is_kid, kid_of, mod11_digit
from tests.distribution.test_overview_pages import signed_in
from tests.factories import make_company, make_customer

PAGE = "/mitt-firma/elektronisk-faktura/innstillinger/"


def test_the_check_digits_are_those_of_the_published_examples() -> None:
    assert is_kid("602243")  # MOD10 of 60224
    assert mod11_digit("8601111794") == "7"  # an account number is checked by the same weights
    assert not is_kid("602244")
    assert is_kid("6-") is (mod11_digit("6") == "-")


@pytest.mark.parametrize(
    ("kid", "right"),
    [
        *[("1234567890128", True), ("1234567890123", False), ("12345678903", True), ("18", True)],
        *[("1", False), ("", False), ("12 4", False), ("A8", False), ("0" * 25, True), ("0" * 26, False)],
    ],
)
def test_a_kid_has_two_to_25_characters_and_a_check_digit(kid: str, right: bool) -> None:
    assert is_kid(kid) is right


def test_a_kid_holds_customer_and_invoice_at_fixed_places() -> None:
    assert kid_of(MOD10, 13, "10005", "20441").startswith("100050020441")
    assert len(kid_of(MOD10, 13, "10005", "20441")) == 13
    assert kid_of(MOD10, 13, "1", "2441") != kid_of(MOD10, 13, "12", "441")


@pytest.mark.parametrize(
    ("customer", "invoice"),
    [("A-17", "1"), ("1", "2026/1"), ("007", "12"), ("7", "0012"), ("123456", "1"), ("1", "12345678")],
)
def test_there_is_none_where_a_number_does_not_fit(customer: str, invoice: str) -> None:
    assert kid_of(MOD10, 13, customer, invoice) == ""


@given(
    rule=st.sampled_from([MOD10, MOD11]),
    length=st.integers(SHORTEST, LONGEST),
    customer=st.integers(1, 9),
    invoice=st.integers(1, 10**INVOICE_DIGITS - 1),
)
def test_each_one_passes_its_check_and_fits_the_length(rule: str, length: int, customer: int, invoice: int) -> None:
    kid = kid_of(rule, length, str(customer), str(invoice))

    assert len(kid) == length
    assert is_kid(kid)


@pytest.mark.django_db
def test_an_invoice_by_hand_gets_one_by_the_rule_and_keeps_a_typed_one() -> None:
    customer = make_customer(make_company(), number="10005")
    line = TypedLine(name="Vare", quantity=Decimal(1), price=Decimal(100), vat_rate=Decimal(25))
    today = date(2026, 11, 26)
    typed = Typed(number="20441", issue_date=today, due_date=today, delivered_on=today, currency="NOK", lines=(line,))
    assert document_of(customer, typed).payment_id == ""

    change_settings(customer.company, None, kid_rule=MOD11, kid_length=15)
    customer = Customer.objects.get(pk=customer.pk)

    assert document_of(customer, typed).payment_id == kid_of(MOD11, 15, "10005", "20441")
    own = replace(typed, payment_id="602243")
    assert document_of(customer, own).payment_id == "602243"


@pytest.mark.django_db
def test_the_rule_is_set_on_the_page_and_its_history_says_so_in_words() -> None:
    company = make_company()
    client = signed_in(company)
    made_of = client.get(PAGE).context["form"].initial["made_of"]

    wrong = client.post(PAGE, {"made_of": made_of, "kid_rule": "mod10", "kid_length": "8"})
    saved = client.post(PAGE, {"made_of": made_of, "kid_rule": "mod10", "kid_length": "12", "attach_pdf": "on"})

    assert wrong.status_code == 422
    assert saved.status_code == 302
    company.distribution_settings.refresh_from_db()
    assert (company.distribution_settings.kid_rule, company.distribution_settings.kid_length) == ("mod10", 12)
    page = client.get(PAGE).content.decode()
    assert "Vi lager ingen KID" in page
    assert "Uten KID lager vi den" in client.get("/fakturaer/ny/").content.decode()
