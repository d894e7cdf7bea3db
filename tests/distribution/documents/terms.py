"""The business terms of a UBL document: each leaf with its path, value and attributes, as often as it stands there."""

from collections import Counter
from decimal import Decimal, InvalidOperation

from lxml import etree

Term = tuple[str, str, tuple[tuple[str, str], ...]]
NUMBERS = ("Amount", "Quantity", "Percent", "Numeric")
# It names the list of a code that has no other list; EN 16931 has no such term, and its rules warn of it (UBL-CR-679).
NO_TERM = ("cac:ClassifiedTaxCategory/cbc:ID", "schemeID")
PREFIX = {"CommonAggregateComponents-2": "cac", "CommonBasicComponents-2": "cbc"}


def terms(content: bytes) -> Counter[Term]:
    root = etree.fromstring(content, etree.XMLParser(remove_comments=True, remove_pis=True))
    return Counter(_term(each) for each in root.iter() if not len(each))


def _term(leaf: etree._Element) -> Term:
    path = "/".join(_name(each) for each in [*reversed(list(leaf.iterancestors())), leaf])
    attributes = ((key, value.strip()) for key, value in leaf.attrib.items())
    kept = sorted(each for each in attributes if not (path.endswith(NO_TERM[0]) and each[0] == NO_TERM[1]))
    return path, _value(path, leaf.text or ""), tuple((str(key), str(value)) for key, value in kept)


def _name(element: etree._Element) -> str:
    name = etree.QName(element)
    prefix = PREFIX.get((name.namespace or "").rpartition(":")[2], "")
    return f"{prefix}:{name.localname}" if prefix else name.localname


def _value(path: str, text: str) -> str:
    value = " ".join(text.split())
    if not path.endswith(NUMBERS):
        return "".join(value.split()) if path.endswith("BinaryObject") else value
    try:
        return f"{Decimal(value).normalize() + 0:f}"
    except InvalidOperation:
        return value
