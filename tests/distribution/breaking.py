"""Ways to break a field of any document that has it; NotHere where it has not."""

from collections.abc import Callable
from copy import deepcopy
from typing import TypeAlias

from lxml import etree

from distribution.documents.xml import PREFIXES, element

Breakage: TypeAlias = Callable[[etree._Element], None]
LINE = "line"  # a path that begins so means the first line, of whichever kind


class NotHere(Exception):
    """This document has not the field."""


def the(root: etree._Element, path: str) -> etree._Element:
    kind = "cac:CreditNoteLine" if etree.QName(root).localname == "CreditNote" else "cac:InvoiceLine"
    found = all_of(root, path.replace(LINE, kind, 1) if path.startswith(LINE) else path)
    if not found:
        raise NotHere(path)
    return found[0]


def all_of(root: etree._Element, path: str) -> list[etree._Element]:
    found = root.xpath(path, namespaces=PREFIXES)
    assert isinstance(found, list)
    return [one for one in found if isinstance(one, etree._Element)]


def write(path: str, text: str) -> Breakage:
    def break_it(root: etree._Element) -> None:
        the(root, path).text = text

    return break_it


def put(path: str, attribute: str, value: str) -> Breakage:
    return lambda root: the(root, path).set(attribute, value)


def strip(path: str, attribute: str) -> Breakage:
    def break_it(root: etree._Element) -> None:
        found = the(root, path)
        if attribute not in found.attrib:
            raise NotHere(f"{path}/@{attribute}")
        del found.attrib[attribute]

    return break_it


def drop(path: str, also: str = "") -> Breakage:
    """`also` goes where it is there."""

    def break_it(root: etree._Element) -> None:
        for one in [the(root, path), *(all_of(root, also) if also else [])]:
            one.getparent().remove(one)  # type: ignore[union-attr]

    return break_it


def double(path: str) -> Breakage:
    def break_it(root: etree._Element) -> None:
        found = the(root, path)
        found.addnext(deepcopy(found))

    return break_it


def before(path: str, name: str, text: str, **attributes: str) -> Breakage:
    """A field that was not there, in front of another."""

    def break_it(root: etree._Element) -> None:
        made = element(name, text, **attributes)
        assert made is not None
        the(root, path).addprevious(made)

    return break_it


def more(path: str, by: str = "7") -> Breakage:
    """An amount with a digit (or its sign) in front."""

    def break_it(root: etree._Element) -> None:
        found = the(root, path)
        found.text = by + (found.text or "").strip().lstrip("-")

    return break_it


def finer(path: str) -> Breakage:
    """An amount with a third decimal, a zero: no sum moves."""

    def break_it(root: etree._Element) -> None:
        found = the(root, path)
        whole, _point, cents = (found.text or "").strip().partition(".")
        found.text = f"{whole}.{cents:0<2}0"

    return break_it


def without(path: str, breakage: Breakage) -> Breakage:
    def break_it(root: etree._Element) -> None:
        try:
            the(root, path)
        except NotHere:
            breakage(root)
        else:
            raise NotHere(f"no {path}")

    return break_it


def on_invoices(breakage: Breakage) -> Breakage:
    def break_it(root: etree._Element) -> None:
        if etree.QName(root).localname == "CreditNote":
            raise NotHere("an invoice")
        breakage(root)

    return break_it
