"""The preflight finds what the official rules find: the same rules, as grave, in the same places; and nothing breaks it."""

from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from distribution.documents.validation.findings import Finding, Severity
from distribution.documents.validation.preflight import preflight
from distribution.documents.validation.preflight.catalogue import CATALOGUE, UNREADABLE
from tests.distribution.breakages_peppol import (
    ALSO,
    BREAKAGES,
    LINE,
    OF_CREDIT_NOTES,
    Breakage,
    sound_credit_note,
    sound_invoice,
    the,
)
from tests.distribution.documents.validation.mutations import TEXTS, mutated
from tests.distribution.documents.validation.odd_documents import COUNTED, ODD, Counted, line_of, odd

EVERY = [*BREAKAGES.items(), *OF_CREDIT_NOTES.items()]
WARNINGS = {
    "NO-R-002",
    *(f"PEPPOL-COMMON-R0{one}" for one in ("44", "45", "46", "47", "54", "55", "56-1", "56-2", "57")),
}


def broken(rule: str, breakage: Breakage) -> etree._Element:
    root = sound_credit_note() if rule in OF_CREDIT_NOTES else sound_invoice()
    breakage(root)
    return root


def rules(findings: Iterable[Finding]) -> set[str]:
    return {finding.rule for finding in findings}


def test_it_finds_nothing_in_sound_documents() -> None:
    assert preflight(sound_invoice()) == preflight(sound_credit_note()) == []


@pytest.mark.parametrize(("rule", "breakage"), EVERY, ids=[rule for rule, _ in EVERY])
def test_it_finds_each_rule_that_is_broken_and_no_other(rule: str, breakage: Breakage) -> None:
    findings = preflight(broken(rule, breakage))

    assert rules(findings) == {rule, ALSO.get(rule, rule)}
    assert {one.severity for one in findings if one.rule == rule} == {
        Severity.WARNING if rule in WARNINGS else Severity.FATAL
    }


def test_every_rule_has_its_breakage() -> None:
    assert set(CATALOGUE) - {UNREADABLE} == set(BREAKAGES) | set(OF_CREDIT_NOTES)
    assert len(CATALOGUE) == 66


def test_it_says_where() -> None:
    root = sound_invoice()
    the(root, f"{LINE}[2]/cbc:ID").text = ""
    the(root, "cbc:DueDate").text = "i morgen"

    assert [(one.rule, one.where) for one in preflight(root)] == [
        ("PEPPOL-EN16931-F001", "/Invoice/cbc:DueDate"),
        ("PEPPOL-EN16931-R008", "/Invoice/cac:InvoiceLine[2]/cbc:ID"),
    ]


@pytest.mark.parametrize("amount", ["abc", "", "1e3", "1,5", "5\u00a0", "NaN", "9" * 101])
def test_a_number_that_is_none_is_a_fatal_finding_and_no_crash(amount: str) -> None:
    root = sound_invoice()
    the(root, f"{LINE}/cbc:LineExtensionAmount").text = amount

    fatal = [one for one in preflight(root) if one.rule == UNREADABLE]

    assert [(one.where, one.severity) for one in fatal] == [("/Invoice/cac:InvoiceLine[1]", Severity.FATAL)]


def test_it_judges_what_stands_beside_what_cannot_be_read() -> None:
    root = sound_invoice()
    the(root, f"{LINE}/cbc:LineExtensionAmount").text = "abc"
    BREAKAGES["PEPPOL-EN16931-R100"](root)

    assert rules(preflight(root)) == {UNREADABLE, "PEPPOL-EN16931-R100"}


@pytest.mark.parametrize("counted", COUNTED, ids=str)
def test_the_amount_of_a_line_is_counted_as_exactly_as_the_official_rule_does(counted: Counted) -> None:
    root = line_of(counted)

    assert (preflight(root) == []) is counted.right


@pytest.mark.parametrize(("name", "rules_broken"), [(name, broken) for name, (broken, _) in ODD.items()])
def test_it_reads_what_is_odd_as_the_official_rules_do(name: str, rules_broken: set[str]) -> None:
    assert rules(preflight(odd(name))) == rules_broken


def test_a_comment_is_not_empty_text_nor_an_element() -> None:
    root = etree.fromstring(b"<a><b><!-- nothing --></b><c><!-- -->x</c><d/></a>")

    assert [one.where for one in preflight(root)] == ["/a/b", "/a/d"]


names = st.sampled_from(
    sorted({str(element.tag) for element in sound_invoice().iter("*")} | {"{urn:x}y", "plain", "{urn:x}Invoice"})
)
attributes = st.dictionaries(
    st.sampled_from(["currencyID", "schemeID", "unitCode", "mimeCode"]), st.sampled_from(TEXTS)
)


@st.composite
def elements(draw: st.DrawFn, depth: int = 4) -> etree._Element:
    made = etree.Element(draw(names), draw(attributes))
    made.text = draw(st.sampled_from(TEXTS))
    if depth:
        for child in draw(st.lists(elements(depth - 1), max_size=3)):
            child.tail = draw(st.sampled_from(TEXTS))
            made.append(child)
    return made


def test_nothing_makes_it_raise(request: pytest.FixtureRequest) -> None:
    @settings(max_examples=5000 if request.config.getoption("--long") else 150, deadline=None)
    @given(elements())
    def holds(root: etree._Element) -> None:
        assert all(found.where.startswith("/") for found in preflight(root))

    holds()


@pytest.mark.parametrize("seed", range(40))
def test_a_mutilated_invoice_does_not_make_it_raise(seed: int) -> None:
    preflight(mutated(sound_invoice(), seed))
