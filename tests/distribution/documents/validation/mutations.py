"""Documents as they must not be: one to six random changes that somebody's program, or nobody, might make."""

import copy
import random
from collections.abc import Callable

from lxml import etree

NUMBERS = ("0", "-1", "1.005", "5.", "+.5", "1e3", "INF", "0.333333", "3", "7", "1.02", "99.98", "100.02", "x y")
CODES = (
    "30",
    "49",
    "59",
    "50",
    "130",
    "380",
    "381",
    "384",
    "326",
    "3",
    "432",
    "41",
    "AA",
    "application/pdf",
    "S",
    "E",
    "AE",
    "O",
)
WORDS = (
    "",
    " ",
    "\u00a0",
    "true",
    "false",
    " true ",
    "urn:x",
    "urn:peppol:bis:billing_with_response",
    "NOK",
    "EUR",
    "XYZ",
)
DAYS = ("2024-02-30", "2024-02-28", "2013-06-30", "2026-11-03", "2026-11-20", "0000-01-01", "12026-11-20")
TAXES = ("TAX", "VAT", " VAT ", "Foretaksregisteret", "VATEX-EU-G", "vatex-eu-ic", "VATEX-EU-O", "NO", "DE")
IDENTIFIERS = (
    *(
        "0088",
        "0192",
        "0184",
        "0007",
        "0151",
        "0208",
        "0210",
        "0211",
        "0217",
        "9944",
        "NL123456789B01",
        "NL1",
        "IT12345670017",
    ),
    *(
        "991825827",
        "NO991825827MVA",
        "7080000000005",
        "5560360793",
        "51824753556",
        "0202239951",
        "DK12345678",
        "IT+1234567890",
    ),
)
TEXTS = (*NUMBERS, *CODES, *WORDS, *DAYS, *TAXES, *IDENTIFIERS)


def mutated(root: etree._Element, seed: int) -> etree._Element:
    chance, changed = random.Random(seed), copy.deepcopy(root)
    for _ in range(chance.choice((1, 1, 2, 3, 6))):
        elements = [element for element in changed.iter("*") if element is not changed]
        if elements:
            chance.choice(MUTATIONS)(chance, elements)
    return changed


def _drop(chance: random.Random, elements: list[etree._Element]) -> None:
    element = chance.choice(elements)
    element.getparent().remove(element)  # type: ignore[union-attr]


def _double(chance: random.Random, elements: list[etree._Element]) -> None:
    element = chance.choice(elements)
    element.addnext(copy.deepcopy(element))


def _misplace(chance: random.Random, elements: list[etree._Element]) -> None:
    chance.choice(elements).append(copy.deepcopy(chance.choice(elements)))


def _set_attribute(chance: random.Random, elements: list[etree._Element]) -> None:
    element = chance.choice([one for one in elements if one.attrib] or elements)
    element.set(chance.choice([*map(str, element.attrib), "schemeID"]), chance.choice(TEXTS))


def _drop_attribute(chance: random.Random, elements: list[etree._Element]) -> None:
    element = chance.choice([one for one in elements if one.attrib] or elements)
    for name in list(element.attrib)[:1]:
        del element.attrib[name]


def _say_something_else(chance: random.Random, elements: list[etree._Element]) -> None:
    chance.choice([one for one in elements if len(one) == 0] or elements).text = chance.choice(TEXTS)


def _say_something_between(chance: random.Random, elements: list[etree._Element]) -> None:
    chance.choice(elements).text = chance.choice(TEXTS)


def _say_what_another_says(chance: random.Random, elements: list[etree._Element]) -> None:
    chance.choice(elements).text = chance.choice(elements).text


def _take_anothers_name(chance: random.Random, elements: list[etree._Element]) -> None:
    chance.choice(elements).tag = str(chance.choice(elements).tag)


Mutation = Callable[[random.Random, list[etree._Element]], None]
MUTATIONS: tuple[Mutation, ...] = (
    *(_drop, _double, _misplace, _set_attribute, _drop_attribute, _take_anothers_name),
    *(_say_something_else, _say_something_else, _say_something_between, _say_what_another_says),
)
