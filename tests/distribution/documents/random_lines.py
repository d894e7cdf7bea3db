"""Random lines, allowances and odd texts, all of them valid: for `random_invoices`."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import strategies as st

from distribution.documents.invoice import AllowanceCharge, Classification, Line
from distribution.documents.sums import net_amount, rounded
from distribution.documents.xml import without_forbidden

ODD = "Æøå ß€🙂<>&\"'»{}%$\\/;|=+-_.,!?()[]#@\u00a0\u2028\u202e\u200b\ufeff日本語עבריתÅ"
UNITS = ("C62", "HUR", "KGM", "KWH", "MTR", "DAY")
BASES = tuple(map(Decimal, ("1", "3", "7", "100", "0.5")))
COUNTRIES = ("NO", "SE", "DK", "DE", "US")
TRAPS = tuple(map(Decimal, ("0.005", "0.015", "0.125", "1.005", "2.675", "0.3333", "33.335", "99.995", "0.01", "0")))


@dataclass(frozen=True)
class Vat:
    category: str
    rate: Decimal | None


def tidy(value: str) -> str:
    """As the reader gives a text of one line."""
    return " ".join(without_forbidden(value).split())


def words(most: int = 40) -> st.SearchStrategy[str]:
    """Never empty. Mostly short; some are long, and of what strangers' systems hold."""
    drawn = st.text(st.sampled_from(ODD), max_size=most) | st.text(
        st.characters(exclude_categories=["Cs"]), max_size=most
    )
    return st.sampled_from(("Kaffe", "Timer i november", "x")) | drawn.map(tidy).filter(bool)


def maybe(strategy: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.just("") | strategy


def paragraphs() -> st.SearchStrategy[str]:
    """Several lines of text, or none."""
    return st.lists(words(), max_size=3).map("\n".join)


def decimals(low: str, high: str, places: int) -> st.SearchStrategy[Decimal]:
    return st.decimals(Decimal(low), Decimal(high), places=places, allow_nan=False)


def money() -> st.SearchStrategy[Decimal]:
    return decimals("0", "99999.99", 2)


def schemed(*schemes: str) -> st.SearchStrategy[tuple[str, str]]:
    return st.tuples(st.sampled_from(schemes), words(20))


@st.composite
def periods(draw: st.DrawFn, first: date, last: date) -> tuple[date | None, date | None]:
    start = draw(st.dates(first, last))
    end = start + timedelta(days=draw(st.integers(0, (last - start).days)))
    return draw(st.sampled_from(((start, end), (start, None), (None, end), (None, None))))


@st.composite
def allowances(draw: st.DrawFn, vat: Vat | None = None) -> AllowanceCharge:
    """Of the document with `vat`, of a line without. A share of a base, or an amount alone (PEPPOL-EN16931-R040 to 42)."""
    is_charge = draw(st.booleans())
    base = draw(st.none() | money())
    percent = None if base is None else draw(decimals("0", "100", 2))
    amount = draw(money()) if base is None or percent is None else rounded(base * percent / 100)
    return AllowanceCharge(
        is_charge=is_charge,
        amount=amount,
        percent=percent,
        base_amount=base,
        reason=draw(words()),
        reason_code=draw(st.sampled_from(("", "FC", "CG", "ABL") if is_charge else ("", "95", "100", "64"))),
        vat_category=vat.category if vat else "",
        vat_rate=vat.rate if vat else None,
    )


@st.composite
def priced(draw: st.DrawFn) -> Line:
    """A line with quantity and price alone; below zero where something is taken back."""
    quantity = draw(decimals("-500", "9999", 3) | st.sampled_from(TRAPS) | st.integers(-9, 99).map(Decimal))
    discount = draw(st.none() | decimals("0", "5", 4))
    gross = draw(
        decimals("5", "20000", 4) | decimals("5", "900", 2) | st.sampled_from(TRAPS).map(lambda trap: trap + 5)
    )
    unit, base = draw(st.sampled_from(UNITS)), draw(st.none() | st.sampled_from(BASES))
    price, own = gross - (discount or 0), draw(st.lists(allowances(), max_size=2).map(tuple))
    return Line(
        id="",
        name="",
        quantity=quantity,
        unit=unit,
        price=price,
        gross_price=None if discount is None else gross,
        price_discount=discount,
        base_quantity=base,
        base_unit="" if base is None else draw(st.sampled_from(("", unit))),
        allowances=own,
        net_amount=net_amount(quantity, price, base, own),
    )


def classified() -> st.SearchStrategy[Classification]:
    return st.builds(
        Classification,
        code=words(12),
        list_id=st.sampled_from(("STI", "TSP", "MP")),
        list_version=maybe(st.just("19.0501")),
    )


@st.composite
def described(draw: st.DrawFn, line: Line) -> Line:
    """Everything that can be said of the item."""
    return replace(
        line,
        description=draw(paragraphs()),
        note=draw(paragraphs()),
        item_number=draw(maybe(words(12))),
        buyer_item_number=draw(maybe(words(12))),
        standard_id=draw(st.none() | schemed("0160", "0088")),
        classifications=draw(st.lists(classified(), max_size=2).map(tuple)),
        origin=draw(maybe(st.sampled_from(COUNTRIES))),
        attributes=draw(st.lists(st.tuples(words(12), words(12)), max_size=2).map(tuple)),
        accounting_cost=draw(maybe(words(12))),
        order_line=draw(maybe(words(6))),
        invoiced_object=draw(st.none() | schemed("AAA", "ABT", "")),
    )


@st.composite
def lines(draw: st.DrawFn, vat: tuple[Vat, ...], within: tuple[date, date]) -> tuple[Line, ...]:
    """`within` is the period of the invoice, which a line's may not leave (PEPPOL-EN16931-R110 and R111)."""
    return tuple(
        replace(line, id=str(position))
        for position, line in enumerate(draw(st.lists(_line(vat, within), min_size=1, max_size=8)), 1)
    )


@st.composite
def _line(draw: st.DrawFn, vat: tuple[Vat, ...], within: tuple[date, date]) -> Line:
    line, taxed = draw(priced()), draw(st.sampled_from(vat))
    if draw(st.booleans()):
        line = draw(described(line))
    start, end = draw(periods(*within))
    return replace(line, name=draw(words(200)), start=start, end=end, vat_category=taxed.category, vat_rate=taxed.rate)
