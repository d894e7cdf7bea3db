"""Reads ISO schematron as OpenPeppol and CEN publish it (XSLT 2 binding). What it does not know, it refuses."""

from collections.abc import Iterator

from lxml import etree

from distribution.documents.validation.ruleset import XSLT, Check, Let, Rule, RuleSet, UnknownRules, severity_of
from distribution.documents.xml import Unreadable, parse

SCH = "http://purl.oclc.org/dsdl/schematron"
WORDS_ONLY = {"title", "p", "phase", "diagnostics", "properties"}


def read(content: bytes, name: str, version: str) -> RuleSet:
    """Raises UnknownRules."""
    schema = _schema(content)
    patterns = [child for child in schema if _kind(child) == "pattern"]
    shared = [child for owner in (schema, *patterns) for child in owner if _kind(child) == "let"]
    rules = tuple(tuple(_rule(child) for child in pattern if _kind(child) == "rule") for pattern in patterns)
    if not any(step for pattern in rules for rule in pattern for step in rule.steps):
        raise UnknownRules("no assertions")
    _refuse_others(schema, {"ns", "let", "pattern", "function"} | WORDS_ONLY)
    for pattern in patterns:
        _refuse_others(pattern, {"let", "rule"} | WORDS_ONLY)
    return RuleSet(
        name=name,
        version=version,
        namespaces={_attribute(one, "prefix"): _attribute(one, "uri") for one in schema if _kind(one) == "ns"},
        lets=tuple(map(_let, shared)),
        functions=tuple(etree.tostring(child, encoding="unicode") for child in schema if _kind(child) == "function"),
        patterns=rules,
    )


def _schema(content: bytes) -> etree._Element:
    try:
        schema = parse(content)
    except Unreadable as error:
        raise UnknownRules("not readable as XML") from error
    if schema.tag != f"{{{SCH}}}schema":
        raise UnknownRules(f"the root is {schema.tag}, not a schematron schema")
    return schema


def _kind(element: etree._Element) -> str:
    name = etree.QName(element)
    return name.localname if name.namespace in {SCH, XSLT} else str(name)


def _refuse_others(owner: etree._Element, known: set[str]) -> None:
    for child in owner:
        if _kind(child) not in known or child.get("abstract") == "true" or child.get("is-a"):
            raise UnknownRules(f"«{_kind(child)}» on line {child.sourceline} is not known to this program")


def _let(element: etree._Element) -> Let:
    return Let(_attribute(element, "name"), _attribute(element, "value"))


def _rule(element: etree._Element) -> Rule:
    _refuse_others(element, {"let", "assert", "report"} | WORDS_ONLY)
    return Rule(_attribute(element, "context"), tuple(_steps(element)))


def _steps(rule: etree._Element) -> Iterator[Let | Check]:
    for child in rule:
        kind = _kind(child)
        if kind == "let":
            yield _let(child)
        elif kind in {"assert", "report"}:
            yield _check(child, rule.get("flag", ""), reported=kind == "report")


def _check(element: etree._Element, flag: str, *, reported: bool) -> Check:
    """A report is an assert the other way round."""
    test = _attribute(element, "test")
    words = " ".join("".join(map(str, element.itertext())).split())
    severity = severity_of(element.get("flag") or element.get("role") or flag)
    return Check(_attribute(element, "id"), severity, f"not({test})" if reported else test, words)


def _attribute(element: etree._Element, name: str) -> str:
    value = element.get(name)
    if value is None:
        raise UnknownRules(f"«{_kind(element)}» on line {element.sourceline} has no {name}")
    return value
