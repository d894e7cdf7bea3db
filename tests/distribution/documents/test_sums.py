"""Money is counted once and in one place: VAT per category and rate, half up."""

from dataclasses import replace
from decimal import Decimal

import pytest

from distribution.documents.invoice import AllowanceCharge, Line, Totals, VatSubtotal
from distribution.documents.sums import net_amount, rounded, sums_of
from distribution.documents.ubl import write
from tests.distribution.documents.samples import invoice, line


def taxed(amount: str, category: str = "S", rate: str | None = "25") -> Line:
    return line(amount=amount, vat_category=category, vat_rate=None if rate is None else Decimal(rate))


def allowance(amount: str, *, is_charge: bool = False, rate: str = "25") -> AllowanceCharge:
    return AllowanceCharge(is_charge=is_charge, amount=Decimal(amount), vat_category="S", vat_rate=Decimal(rate))


def test_vat_is_rounded_once_per_rate_and_not_per_line() -> None:
    sums = sums_of([taxed("0.02")] * 3)
    assert sums.totals.tax_total == Decimal("0.02")  # three times a rounded 0,01 would be 0,03


@pytest.mark.parametrize(
    ("exact", "amount"), [("0.125", "0.13"), ("0.135", "0.14"), ("-0.125", "-0.13"), ("1.005", "1.01"), ("-0.004", "0")]
)
def test_half_a_cent_goes_away_from_zero(exact: str, amount: str) -> None:
    """So an invoice and the credit note that takes it back come to the same."""
    assert rounded(Decimal(exact)) == Decimal(amount)


def test_a_line_is_rounded_by_itself_and_its_allowances_come_off_after() -> None:
    own = (allowance("0.50"), allowance("1.00", is_charge=True))
    assert net_amount(Decimal(10), Decimal("0.3333"), Decimal(3), own) == Decimal("1.61")


def test_what_the_document_takes_off_or_adds_changes_the_vat_of_its_rate() -> None:
    sums = sums_of(
        [taxed("100.00"), taxed("50.00", rate="15")],
        [allowance("10.00"), allowance("30.00", is_charge=True, rate="15")],
        prepaid=Decimal("20.00"),
        rounding=Decimal("0.50"),
    )
    assert sums.vat == (
        VatSubtotal(category="S", rate=Decimal(25), taxable=Decimal(90), tax=Decimal("22.50")),
        VatSubtotal(category="S", rate=Decimal(15), taxable=Decimal(80), tax=Decimal(12)),
    )
    assert sums.totals == Totals(
        line_total=Decimal(150),
        allowance_total=Decimal(10),
        charge_total=Decimal(30),
        tax_exclusive=Decimal(170),
        tax_total=Decimal("34.50"),
        tax_inclusive=Decimal("204.50"),
        prepaid=Decimal(20),
        rounding=Decimal("0.50"),
        payable=Decimal(185),
    )


def test_the_highest_rate_comes_first_and_categories_of_one_rate_stay_apart() -> None:
    lines = [taxed("1.00", "Z", "0"), taxed("2.00", "E", "0"), taxed("3.00", rate="11.11"), taxed("4.00", rate="25.00")]
    found = [(each.category, each.taxable) for each in sums_of([*lines, taxed("5.00")]).vat]
    assert found == [("S", Decimal(9)), ("S", Decimal(3)), ("E", Decimal(2)), ("Z", Decimal(1))]


@pytest.mark.parametrize("category", ["E", "AE", "G", "K"])
def test_where_there_is_no_vat_it_says_why(category: str) -> None:
    (subtotal,) = sums_of([taxed("100.00", category, "0")]).vat
    assert subtotal.tax == 0
    assert subtotal.exemption_reason


def test_zero_rated_has_no_reason_and_what_is_outside_the_law_has_no_rate() -> None:
    assert sums_of([taxed("1.00", "Z", "0")]).vat == (
        VatSubtotal(category="Z", rate=Decimal(0), taxable=Decimal("1.00"), tax=Decimal(0)),
    )
    (outside,) = sums_of([taxed("1.00", "O", None)]).vat
    assert outside.rate is None


def test_an_allowance_of_nothing_still_has_its_sum() -> None:
    """BR-CO-11 and 12 ask for it; without any allowance it is left out."""
    nothing = invoice(allowances=(allowance("0.00"), allowance("0.00", is_charge=True)))
    assert b">0.00</cbc:AllowanceTotalAmount>" in write(nothing)
    assert b">0.00</cbc:ChargeTotalAmount>" in write(nothing)
    assert b"AllowanceTotalAmount" not in write(replace(nothing, allowances=()))
