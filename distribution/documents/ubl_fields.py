"""The smallest pieces of a UBL document: a text, a date, a number. Raises Unreadable for what can't be understood."""

import re
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext_lazy as _
from lxml import etree

from distribution.documents.xml import PREFIXES, Unreadable

DAY = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(Z|[+-][0-9]{2}:[0-9]{2})?")
# No NaN, no exponent, and no more digits than money has: 1e999 or a number of a million digits can cost anything.
NUMBER = re.compile(r"[+-]?([0-9]{1,15}(\.[0-9]{0,12})?|\.[0-9]{1,12})")


def one(element: etree._Element | None, path: str) -> etree._Element | None:
    return None if element is None else element.find(path, PREFIXES)


def text(element: etree._Element | None, path: str) -> str:
    """On one line; '' where it is absent."""
    found = one(element, path)
    return "" if found is None else " ".join((found.text or "").split())


def texts(element: etree._Element, path: str) -> list[str]:
    """Each with its own line breaks, without empty lines."""
    found = [_tidy(each.text or "") for each in element.findall(path, PREFIXES)]
    return [each for each in found if each]


def attribute(element: etree._Element | None, name: str) -> str:
    return "" if element is None else " ".join((element.get(name) or "").split())


def identifier(element: etree._Element | None, path: str) -> tuple[str, str] | None:
    """(scheme, value); the scheme may be ''."""
    found = one(element, path)
    value = text(found, ".")
    return (attribute(found, "schemeID"), value) if value else None


def identifiers(element: etree._Element | None, path: str) -> tuple[tuple[str, str], ...]:
    found = [] if element is None else element.findall(path, PREFIXES)
    return tuple((attribute(each, "schemeID"), text(each, ".")) for each in found if text(each, "."))


def day_or_none(element: etree._Element | None, path: str) -> date | None:
    value = text(element, path)
    return day(value) if value else None


def day(value: str) -> date:
    """xs:date; the time zone that it may carry says nothing about an invoice."""
    match = DAY.fullmatch(value)
    try:
        return date.fromisoformat(match[1] if match else "")
    except ValueError as error:
        raise Unreadable(_("«%(value)s» er ikke en gyldig dato (åååå-mm-dd)."), value=value[:40]) from error


def number(element: etree._Element | None, path: str) -> Decimal | None:
    value = text(element, path)
    if not value:
        return None
    if not NUMBER.fullmatch(value):
        raise Unreadable(
            _("«%(value)s» er ikke et gyldig tall (felt %(field)s)."), value=value[:40], field=path.rpartition(":")[2]
        )
    return Decimal(value)


def _tidy(value: str) -> str:
    lines = (" ".join(line.split()) for line in value.splitlines())
    return "\n".join(line for line in lines if line)
