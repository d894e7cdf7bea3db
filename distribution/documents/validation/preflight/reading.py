"""What the official rules read in a document, as XPath 2 reads it: more than one where one is meant is an error there, and
only the four white spaces of XML are white."""

import re
from decimal import ROUND_05UP, ROUND_FLOOR, ROUND_HALF_DOWN, Context, Decimal
from functools import cache
from typing import TypeAlias

from lxml import etree

from distribution.documents.xml import PREFIXES

Element: TypeAlias = etree._Element

WHITE = " \t\r\n"
BETWEEN_WHITE = re.compile(rf"[^{WHITE}]+")
NUMBER = re.compile(rf"[{WHITE}]*([+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+))[{WHITE}]*")
DOUBLE = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?|[+-]?INF|NaN")
LONGEST_NUMBER = 100
# Twice the longest number, times it, divided by it: nothing is rounded but where `divided` says so.
EXACT = Context(prec=6 * LONGEST_NUMBER, rounding=ROUND_05UP)
DECIMALS_OF_A_QUOTIENT = 18
STRING = etree.XPath("string()")


class CannotTell(Exception):
    """The official rules break off here with an error: a number that is none, two values where one is meant."""


def at(element: Element, path: str) -> list[Element]:
    """All there are on the path, `cac:Price/cbc:PriceAmount`. (lxml's own `findall` takes five times as long.)"""
    found = [element]
    for name in clark(path):
        found = [child for parent in found for child in parent.iterchildren(name)]
    return found


def has(element: Element, path: str) -> bool:
    return bool(at(element, path))


def under(element: Element, path: str) -> bool:
    """Whether its parents are those of the path, the nearest last."""
    parent = element.getparent()
    for name in reversed(clark(path)):
        if parent is None or parent.tag != name:
            return False
        parent = parent.getparent()
    return True


@cache
def clark(path: str) -> tuple[str, ...]:
    """`cac:Price/cbc:PriceAmount` as lxml names them; a name without prefix is one of the two roots."""
    return tuple(_clark(step) for step in path.split("/"))


def _clark(name: str) -> str:
    prefix, _colon, local = name.rpartition(":")
    return f"{{{PREFIXES.get(prefix, f'urn:oasis:names:specification:ubl:schema:xsd:{local}-2')}}}{local}"


def only(elements: list[Element]) -> Element | None:
    if len(elements) > 1:
        raise CannotTell
    return elements[0] if elements else None


def value(element: Element) -> str:
    """All the text in it, white space and all."""
    return str(STRING(element)) if len(element) else element.text or ""


def values(element: Element, path: str) -> list[str]:
    return [value(found) for found in at(element, path)]


def trimmed(text: str) -> str:
    """normalize-space()"""
    return " ".join(text.split() if text.isascii() else BETWEEN_WHITE.findall(text))


def only_value(element: Element, path: str) -> str:
    """Trimmed; '' where there is none."""
    found = only(at(element, path))
    return "" if found is None else trimmed(value(found))


def own_text(*elements: Element) -> str:
    """text(): what stands in the elements themselves, not in their children, white space and all; '' where there is none."""
    texts = [text for one in elements for text in (one.text, *(child.tail for child in one)) if text]
    if len(texts) > 1:
        raise CannotTell
    return texts[0] if texts else ""


def number(element: Element) -> Decimal:
    match = NUMBER.fullmatch(value(element))
    if match is None or len(match[1]) > LONGEST_NUMBER:
        raise CannotTell
    return Decimal(match[1])


def only_number(element: Element, path: str, absent: int = 0) -> Decimal:
    found = only(at(element, path))
    return Decimal(absent) if found is None else number(found)


def double(element: Element) -> float:
    text = trimmed(value(element))
    if not DOUBLE.fullmatch(text):
        raise CannotTell
    return float(text)


def divided(amount: Decimal, by: Decimal) -> Decimal:
    """As Saxon divides: to 18 decimals and those that the amount has more than the divisor; half a unit goes towards zero."""
    if by == 1:
        return amount
    places = DECIMALS_OF_A_QUOTIENT + max(0, _decimals(amount) - _decimals(by))
    return EXACT.divide(amount, by).quantize(Decimal(1).scaleb(-places), ROUND_HALF_DOWN, EXACT)


def rounded_to_cents(amount: Decimal) -> Decimal:
    """A half goes upwards, also below zero."""
    return (amount * 100 + Decimal("0.5")).to_integral_value(ROUND_FLOOR) / 100


def _decimals(amount: Decimal) -> int:
    return max(0, -int(amount.normalize().as_tuple().exponent))
