"""Our own check of the Peppol rules that can bite a Norwegian invoice to a Norwegian, without Saxon and without a rules pack.

Release 3.0.21 (May 2026): 65 of its 165 rules; the others are for the documents of other countries. It finds what the official
schematron finds: the same rules in the same places. Where the official rules break off with an error (a number that is none,
two values where one is meant), it says so at the place, and goes on.
"""

from collections.abc import Iterator
from decimal import localcontext

from lxml import etree

from distribution.documents.validation.findings import Finding
from distribution.documents.validation.preflight import codes, header, lines, money, numbers, parties
from distribution.documents.validation.preflight.catalogue import CATALOGUE, EMPTY, UNREADABLE
from distribution.documents.validation.preflight.facts import Facts
from distribution.documents.validation.preflight.reading import EXACT, WHITE, CannotTell
from distribution.documents.validation.preflight.rule import Pattern, patterns_of
from distribution.documents.validation.where import Places

VERSION = "3.0.21"
_ALL = (
    *(patterns_of(rules) for rules in (header.RULES, header.CREDIT_NOTE_RULES, parties.RULES, parties.NORWEGIAN_RULES)),
    *(
        patterns_of(rules)
        for rules in (money.RULES, money.CURRENCY_RULES, lines.RULES, codes.RULES, numbers.ADDRESS_RULES)
    ),
    numbers.PATTERNS,
)
PATTERNS: dict[str, tuple[Pattern, ...]] = {
    tag: tuple(patterns[tag] for patterns in _ALL if tag in patterns) for tag in {tag for some in _ALL for tag in some}
}


def preflight(root: etree._Element) -> list[Finding]:
    """In the order of the document. Never raises."""
    with localcontext(EXACT):
        failed = list(_failed(root))
    places = Places(root)
    return [_finding(rule, places.of(element)) for rule, element in failed]


def _finding(rule: str, where: str) -> Finding:
    severity, text = CATALOGUE[rule]
    return Finding(rule, severity, where, text)


def _failed(root: etree._Element) -> Iterator[tuple[str, etree._Element]]:
    facts = Facts(root)
    for element in root.iter("*"):
        if _is_empty(element):
            yield EMPTY, element
        for pattern in PATTERNS.get(element.tag, ()):
            for rule, holds in pattern(element, facts):
                try:
                    if not holds(element, facts):
                        yield rule, element
                except CannotTell:
                    yield UNREADABLE, element


def _is_empty(element: etree._Element) -> bool:
    text = element.text
    if text and text.strip(WHITE):
        return False
    if not len(element):
        return True
    # What is left may be a comment, or text after one.
    return next(element.iterchildren("*"), None) is None and not "".join(child.tail or "" for child in element).strip(
        WHITE
    )
