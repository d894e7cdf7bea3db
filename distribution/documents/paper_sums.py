"""The lower part: lines with the sum they carry from page to page, VAT per rate, and what is paid."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from distribution.documents import text
from distribution.documents.invoice import ZERO, AllowanceCharge, InvoiceData, Line, VatSubtotal
from distribution.documents.paper_head import Cell, size_of
from distribution.documents.sums import signed

GAP = "   "


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """`carried_in` and `carried_out` stand at the edges of a page that breaks before or after this row."""

    name: str
    more: tuple[str, ...]
    cells: tuple[Cell, ...]
    carried_in: str
    carried_out: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VatRow:
    label: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """`leading` explains how the sum of the lines became the VAT base; `trailing` how the total became what is paid."""

    carried_in: str
    leading: tuple[Cell, ...]
    vat: tuple[VatRow, ...]
    total: VatRow
    trailing: tuple[Cell, ...]
    final: Cell


def rows_of(invoice: InvoiceData) -> tuple[Row, ...]:
    return tuple(_rows(invoice))


def _rows(invoice: InvoiceData) -> Iterator[Row]:
    carried = ZERO
    for position, line in enumerate(invoice.lines):
        before, carried = carried, carried + line.net_amount
        yield Row(
            name=line.name or line.id,
            more=_more(line),
            cells=_cells(line),
            carried_in=_carried_in(before) if position else "",
            carried_out=_("Overføres til neste side") + GAP + text.amount(carried),
        )


def _carried_in(value: Decimal) -> str:
    return _("Overført fra forrige side") + GAP + text.amount(value)


def _cells(line: Line) -> tuple[Cell, ...]:
    quantity = "" if line.quantity is None else text.quantity(line.quantity)
    price = "" if line.price is None else text.price(line.price)
    rate = text.EN_DASH if line.vat_rate is None else text.percent(line.vat_rate)
    unit, amount = text.unit(line.unit), text.amount(line.net_amount)
    sized = ((quantity, 6), (unit, 6), (price, 10), (rate, 6), (amount, 12))
    return tuple(Cell("", value, size_of(value, room)) for value, room in sized)


def _more(line: Line) -> tuple[str, ...]:
    lines = [
        line.description if line.description != line.name else "",
        _("Varenr. %(number)s") % {"number": line.item_number} if line.item_number else "",
        text.period(line.start, line.end),
        _price_is_per(line),
        *(f"{label_of(each)}: {text.amount(signed(each))}" for each in line.allowances),
        line.note,
    ]
    return tuple(each for each in lines if each)


def _price_is_per(line: Line) -> str:
    if line.base_quantity is None or line.base_quantity == 1:
        return ""
    return _("Prisen er per %(quantity)s") % {"quantity": f"{text.quantity(line.base_quantity)} {text.unit(line.unit)}"}


def sums_of(invoice: InvoiceData, final: Cell) -> Sums:
    totals = invoice.totals
    return Sums(
        carried_in=_carried_in(totals.line_total),
        leading=_leading(invoice),
        vat=tuple(_vat_row(each) for each in invoice.vat),
        total=VatRow(label=_("Sum"), cells=_money(totals.tax_exclusive, totals.tax_total, totals.tax_inclusive)),
        trailing=_trailing(invoice),
        final=final,
    )


def _leading(invoice: InvoiceData) -> tuple[Cell, ...]:
    if not invoice.allowances:
        return ()
    return (
        _row(_("Sum linjer"), invoice.totals.line_total),
        *(_row(label_of(each), signed(each)) for each in invoice.allowances),
        _row(_("Sum uten mva"), invoice.totals.tax_exclusive),
    )


def _trailing(invoice: InvoiceData) -> tuple[Cell, ...]:
    totals, rows = invoice.totals, []
    if totals.tax_total_in_tax_currency is not None:
        label = _("Mva i %(currency)s") % {"currency": invoice.tax_currency}
        rows.append(_row(label, totals.tax_total_in_tax_currency))
    if totals.prepaid:
        rows.append(_row(_("Forskuddsbetalt"), -totals.prepaid))
    if totals.rounding:
        rows.append(_row(_("Øreavrunding"), totals.rounding))
    return tuple(rows)


def _vat_row(subtotal: VatSubtotal) -> VatRow:
    cells = _money(subtotal.taxable, subtotal.tax, subtotal.taxable + subtotal.tax)
    return VatRow(label=_vat_label(subtotal), cells=cells)


def _vat_label(subtotal: VatSubtotal) -> str:
    """UNCL5305 in words."""
    named = {
        "E": _("Unntatt mva"),
        "AE": _("Omvendt avgiftsplikt"),
        "K": _("EØS-handel uten mva"),
        "G": _("Eksport uten mva"),
        "O": _("Utenfor mva-loven"),
    }
    rate = text.EN_DASH if subtotal.rate is None else text.percent(subtotal.rate)
    return named.get(subtotal.category) or _("Mva %(rate)s") % {"rate": rate}


def label_of(allowance: AllowanceCharge) -> str:
    kind = _("Gebyr") if allowance.is_charge else _("Rabatt")
    share = f" {text.percent(allowance.percent)}" if allowance.percent is not None else ""
    return f"{allowance.reason or kind}{share}"


def _row(label: str, value: Decimal) -> Cell:
    shown = text.amount(value)
    return Cell(label, shown, size_of(shown, 12))


def _money(*values: Decimal) -> tuple[Cell, ...]:
    return tuple(_row("", value) for value in values)
