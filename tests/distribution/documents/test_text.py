from datetime import date
from decimal import Decimal

import pytest
from django.utils import translation

from distribution.documents import text


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("1234.5", "1\u00a0234,50"),
        ("0", "0,00"),
        ("-0.001", "0,00"),
        ("-1234567.895", "\u22121\u00a0234\u00a0567,90"),
        ("0.005", "0,01"),
        ("999999999999999.99", "999\u00a0999\u00a0999\u00a0999\u00a0999,99"),
    ],
)
def test_an_amount_has_two_decimals_and_spaces_that_never_break(value: str, written: str) -> None:
    assert text.amount(Decimal(value)) == written


def test_kroner_are_kr_and_other_money_has_its_code() -> None:
    assert text.amount_with_currency(Decimal(5), "NOK") == "5,00\u00a0kr"
    assert text.amount_with_currency(Decimal(5), "EUR") == "5,00\u00a0EUR"


def test_a_price_shows_all_the_decimals_that_it_has() -> None:
    assert text.price(Decimal("0.98765")) == "0,98765"
    assert text.price(Decimal("289")) == "289,00"
    assert text.price(Decimal("289.5000")) == "289,50"


def test_a_quantity_shows_no_more_than_it_has() -> None:
    assert text.quantity(Decimal("1.500")) == "1,5"
    assert text.quantity(Decimal("1E+3")) == "1\u00a0000"


def test_a_period_within_a_month_is_written_short() -> None:
    assert text.period(date(2026, 11, 3), date(2026, 11, 20)) == "3.–20.11.2026"
    assert text.period(date(2026, 10, 3), date(2026, 11, 20)) == "03.10.2026–20.11.2026"
    assert text.period(date(2026, 11, 3), date(2026, 11, 3)) == "03.11.2026"
    assert text.period(date(2026, 11, 3), None) == "03.11.2026–"
    assert text.period(None, date(2026, 11, 20)) == "–20.11.2026"
    assert text.period(None, None) == ""


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("86011117947", "8601 11 17947"),
        ("8601.11.17947", "8601 11 17947"),
        ("NO9386011117947", "8601 11 17947"),
        ("DE89 3704 0044 0532 0130 00", "DE89 3704 0044 0532 0130 00"),
        ("IBAN32423940", "IBAN32423940"),
        ("", ""),
    ],
)
def test_an_account_is_written_as_it_is_paid_to(value: str, written: str) -> None:
    assert text.account(value).replace("\u00a0", " ") == written


def test_a_norwegian_account_is_an_iban_abroad() -> None:
    assert text.iban("NO9386011117947").replace("\u00a0", " ") == "NO93 8601 1117 947"
    assert text.iban("86011117947") == ""


def test_an_org_number_stands_in_threes() -> None:
    assert text.org_number("987654325") == "987\u00a0654\u00a0325"
    assert text.org_number("GB983294") == "GB983294"


def test_units_are_words_in_the_language_of_the_document() -> None:
    with translation.override("nb"):
        assert (text.unit("HUR"), text.unit("C62"), text.unit("ZZ")) == ("time", "stk", "ZZ")
    with translation.override("en"):
        assert (text.unit("HUR"), text.unit("C62"), text.unit("ZZ")) == ("hour", "pcs", "ZZ")
