"""From lines and allowances to VAT and totals, as EN 16931 counts (BR-CO-10 to 17): a line is rounded by itself, VAT once per
category and rate, half up and away from zero. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from distribution.documents.invoice import ZERO, AllowanceCharge, Line, Totals, VatSubtotal

CENT = Decimal("0.01")
STANDARD, ZERO_RATED, OUTSIDE_THE_LAW = "S", "Z", "O"  # UNCL5305
# Why there is no VAT, where EN 16931 wants it said (BR-E-10, BR-AE-10, BR-G-10, BR-IC-10, BR-O-10). In Norwegian in any document:
# these are the law's words, and the category tells a machine the same.
NO_VAT = {
    "E": "Unntatt fra merverdiavgift.",
    "AE": "Omvendt avgiftsplikt – Merverdiavgift ikke beregnet.",
    "G": "Utførsel, fritatt for merverdiavgift.",
    "K": "Salg innen EU, fritatt for merverdiavgift.",
    "O": "Utenfor merverdiavgiftsloven.",
}


@dataclass(frozen=True, slots=True)
class Sums:
    lines: tuple[Line, ...]
    vat: tuple[VatSubtotal, ...]
    totals: Totals


def sums_of(
    lines: Iterable[Line],
    allowances: Iterable[AllowanceCharge] = (),
    *,
    prepaid: Decimal = ZERO,
    rounding: Decimal = ZERO,
) -> Sums:
    """`allowances` are the document's; those of a line are in its net amount already."""
    lines, allowances = tuple(lines), tuple(allowances)
    vat = _vat(lines, allowances)
    net, tax = _sum(line.net_amount for line in lines), _sum(subtotal.tax for subtotal in vat)
    taken, added = _sum_of_kind(allowances, is_charge=False), _sum_of_kind(allowances, is_charge=True)
    exclusive = net - taken + added
    totals = Totals(
        line_total=net,
        allowance_total=taken,
        charge_total=added,
        tax_exclusive=exclusive,
        tax_total=tax,
        tax_inclusive=exclusive + tax,
        prepaid=prepaid,
        rounding=rounding,
        payable=exclusive + tax - prepaid + rounding,
    )
    return Sums(lines, vat, totals)


def net_amount(
    quantity: Decimal,
    price: Decimal,
    base_quantity: Decimal | None = None,
    allowances: Iterable[AllowanceCharge] = (),
) -> Decimal:
    """Of a line (BT-131)."""
    return rounded(quantity * price / (base_quantity or 1)) + _sum(map(signed, allowances))


def signed(allowance: AllowanceCharge) -> Decimal:
    return allowance.amount if allowance.is_charge else -allowance.amount


def rounded(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


def _vat(lines: tuple[Line, ...], allowances: tuple[AllowanceCharge, ...]) -> tuple[VatSubtotal, ...]:
    """The highest rate first."""
    taxable: dict[tuple[str, Decimal], Decimal] = {}
    for category, rate, amount in [
        *((line.vat_category, line.vat_rate, line.net_amount) for line in lines),
        *((each.vat_category, each.vat_rate, signed(each)) for each in allowances),
    ]:
        key = category, rate or ZERO
        taxable[key] = taxable.get(key, ZERO) + amount
    ordered = sorted(taxable.items(), key=lambda item: (-item[0][1], item[0][0]))
    return tuple(_subtotal(category, rate, base) for (category, rate), base in ordered)


def _subtotal(category: str, rate: Decimal, base: Decimal) -> VatSubtotal:
    return VatSubtotal(
        category=category,
        rate=None if category == OUTSIDE_THE_LAW else rate,
        taxable=base,
        tax=rounded(base * rate / 100),
        exemption_reason=NO_VAT.get(category, ""),
    )


def _sum_of_kind(allowances: tuple[AllowanceCharge, ...], *, is_charge: bool) -> Decimal:
    return _sum(each.amount for each in allowances if each.is_charge == is_charge)


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, ZERO)
