"""How dates, numbers and money are written in UBL."""

import re
from datetime import date
from decimal import Decimal

from lxml import etree

from distribution.documents.xml import element, group, without_forbidden

CENT = Decimal("0.01")
SUBJECT_CODE = re.compile("[A-Z][A-Z0-9]{2}")  # as UNCL4451 writes them


def written_day(day: date | None) -> str:
    return day.isoformat() if day else ""


def written_notes(notes: tuple[str, ...]) -> str:
    """One note (PEPPOL-EN16931-R002). Three characters between its first two # are read as a subject code (BR-CL-08); text
    that only looks like it gets a space, so that nobody is refused for having written «ordre #123#»."""
    text = without_forbidden("\n".join(notes))
    before, mark, rest = text.partition("#")
    inside, end, _after = rest.partition("#")
    is_text = bool(end) and len(inside) == 3 and not SUBJECT_CODE.fullmatch(inside)
    return f"{before}# {rest}" if mark and is_text else text


def plain(value: Decimal | None) -> str:
    """The same number in the same way, however it was written before: 25.0 and 25 are «25»."""
    if value is None:
        return ""
    return f"{value.normalize() + 0:f}"


def money(name: str, amount: Decimal | None, currency: str) -> etree._Element | None:
    """With two decimals, or with all that it has."""
    if amount is None:
        return None
    cents = amount.quantize(CENT) + 0  # adding nothing makes -0 plain 0
    return element(name, f"{cents:f}" if cents == amount else plain(amount), currencyID=currency)


def identified(name: str, identifier: tuple[str, str] | None) -> etree._Element | None:
    """(scheme, value) as the reader gives it."""
    scheme, value = identifier or ("", "")
    return element(name, value, schemeID=scheme)


def tax_scheme(identifier: str) -> etree._Element | None:
    return group("cac:TaxScheme", element("cbc:ID", identifier))
