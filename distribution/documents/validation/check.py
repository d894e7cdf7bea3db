"""Whether a document may leave as an e-invoice, and what is wrong with it."""

from collections.abc import Callable, Collection
from datetime import date

from django.utils import translation
from lxml import etree

from distribution.documents.validation import cen, packs, xsd
from distribution.documents.validation.findings import Finding, Layer, Result, Severity
from distribution.documents.validation.preflight import VERSION, preflight
from distribution.documents.validation.ruleset import RuleSet
from distribution.documents.validation.where import named
from distribution.documents.xml import Unreadable, parse

XSD, CEN, PEPPOL, PREFLIGHT = LAYERS = ("xsd", "cen", "peppol", "preflight")
CHEAP = (XSD, PREFLIGHT)  # without Saxon: what a web process may run
UNREADABLE, NO_INVOICE, FAULT = "XML", "UBL", "PREFLIGHT"


def check(content: bytes, *, layers: Collection[str] | None = None, on: date | None = None) -> Result:
    """All that the layers find; `on` (default today) chooses the release of the rules.

    By default a document that breaks the schema is not shown to the rules, which would crash on it. With `layers` those run
    all. A layer whose rules are not installed is absent from the result.
    """
    try:
        root = parse(content)
    except Unreadable as error:
        with translation.override("en"):
            return Result((Finding(UNREADABLE, Severity.FATAL, "/", str(error)),), ())
    if not xsd.is_known(root):
        words = f"The root is {named(root)}, not an Invoice or a CreditNote of UBL 2.1."
        return Result((Finding(NO_INVOICE, Severity.FATAL, f"/{named(root)}", words),), ())
    return _run(root, LAYERS if layers is None else layers, on, stop=layers is None)


def warm() -> None:
    """Loads what the first document would else wait for: about a second of Saxon, both sets of rules, the schema."""
    check(b'<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"/>', layers=LAYERS)


def _run(root: etree._Element, wanted: Collection[str], on: date | None, *, stop: bool) -> Result:
    found, ran = list[Finding](), list[Layer]()
    if XSD in wanted:
        found += xsd.findings(root)
        ran.append(Layer(XSD))
    if not (stop and found):
        sets = _sets(wanted, on)
        found += _against(root, sets) if sets else []
        ran += [Layer(rules.name, rules.version) for rules in sets]
    if PREFLIGHT in wanted:
        found += _new(preflight(root), found)
        ran.append(Layer(PREFLIGHT, VERSION))
    return Result(tuple(found), tuple(ran))


def _new(ours: list[Finding], found: list[Finding]) -> list[Finding]:
    """What the official rules have said already is not said twice."""
    said = {(finding.rule, finding.where) for finding in found}
    return [finding for finding in ours if (finding.rule, finding.where) not in said]


def _against(root: etree._Element, sets: list[RuleSet]) -> list[Finding]:
    from distribution.documents.validation import engine  # Saxon's 20 MB, which a web process does not need

    return engine.findings(root, sets)


def _sets(wanted: Collection[str], on: date | None) -> list[RuleSet]:
    sources: dict[str, Callable[[], RuleSet | None]] = {CEN: cen.rules, PEPPOL: lambda: packs.rules(on)}
    return [rules for name, source in sources.items() if name in wanted and (rules := source()) is not None]
