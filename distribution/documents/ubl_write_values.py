"""How dates, numbers and money are written in UBL."""

from datetime import date
from decimal import Decimal

from lxml import etree

from distribution.documents.xml import element, group

CENT = Decimal("0.01")


def written_day(day: date | None) -> str:
    return day.isoformat() if day else ""


def plain(value: Decimal | None) -> str:
    """The same number in the same way, however it was written before: 25.0 and 25 are «25»."""
    if value is None:
        return ""
    return f"{value.normalize() + 0:f}"


def money(name: str, amount: Decimal | None, currency: str) -> etree._Element | None:
    """With two decimals, or with all that it has."""
    if amount is None:
        return None
    short = amount.normalize() + 0
    exponent = short.as_tuple().exponent
    written = short.quantize(CENT) if isinstance(exponent, int) and exponent > CENT.as_tuple().exponent else short
    return element(name, f"{written:f}", currencyID=currency)


def tax_scheme(identifier: str) -> etree._Element | None:
    return group("cac:TaxScheme", element("cbc:ID", identifier))
