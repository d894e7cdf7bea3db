"""The preflight against the official schematron, run by Saxon: rule, severity and place of each finding must be equal.

Where the official rules break off with an error there is nothing to compare with but that: the preflight must have said so.
"""

from collections import Counter

import pytest
from django.conf import LazySettings
from lxml import etree

from distribution.documents.validation.check import check
from distribution.documents.validation.findings import Finding
from distribution.documents.validation.preflight import preflight
from distribution.documents.validation.preflight.catalogue import CATALOGUE, UNREADABLE
from distribution.documents.xml import parse
from tests.distribution.breakages_peppol import (
    BREAKAGES,
    OF_CREDIT_NOTES,
    Breakage,
    sound_credit_note,
    sound_invoice,
)
from tests.distribution.documents.validation.mutations import mutated
from tests.distribution.documents.validation.odd_documents import COUNTED, ODD, Counted, line_of, odd
from tests.distribution.documents.validation.plainly import EXAMPLES, RULES, SHARED

pytestmark = pytest.mark.skipif(not RULES.is_dir(), reason=f"the examples and rules are not in {SHARED}")
CRASH = "ENGINE"
OURS = ("PEPPOL-", "NO-R-")
EVERY = [*BREAKAGES.items(), *OF_CREDIT_NOTES.items()]


@pytest.fixture(autouse=True)
def rules(settings: LazySettings) -> None:
    settings.EHF_RULES_DIR = str(RULES)


def official(root: etree._Element) -> list[Finding]:
    result = check(etree.tostring(root), layers={"peppol"})
    assert [str(layer) for layer in result.layers] == ["peppol 3.0.21"]
    return list(result.findings)


def difference(root: etree._Element) -> dict[str, Counter[tuple[str, str, str]]]:
    """Of the rules that are for Norwegians; those of other countries are not the preflight's."""
    theirs, own = official(root), preflight(root)
    broke_off, unreadable = any(one.rule == CRASH for one in theirs), any(one.rule == UNREADABLE for one in own)
    if broke_off and unreadable:
        return {}
    expected, found = _counted([one for one in theirs if one.rule.startswith((*OURS, CRASH))]), _counted(own)
    return {"missed": expected - found, "too much": found - expected} if expected != found else {}


def _counted(findings: list[Finding]) -> Counter[tuple[str, str, str]]:
    return Counter((one.rule, str(one.severity), one.where) for one in findings)


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.xml")), ids=lambda path: path.stem)
def test_it_agrees_about_the_official_examples(path: object) -> None:
    root = parse(EXAMPLES.joinpath(str(path)).read_bytes())

    assert difference(root) == {}
    assert preflight(root) == []


@pytest.mark.parametrize(("rule", "breakage"), EVERY, ids=[rule for rule, _ in EVERY])
def test_it_agrees_about_each_rule_that_is_broken(rule: str, breakage: Breakage) -> None:
    root = sound_credit_note() if rule in OF_CREDIT_NOTES else sound_invoice()
    breakage(root)

    assert rule in {one.rule for one in official(root)}
    assert difference(root) == {}


@pytest.mark.parametrize("name", ODD)
def test_it_agrees_about_what_is_odd(name: str) -> None:
    assert difference(odd(name)) == {}


@pytest.mark.parametrize("counted", COUNTED, ids=str)
def test_it_agrees_about_the_last_decimal(counted: Counted) -> None:
    assert difference(line_of(counted)) == {}


def test_it_agrees_about_documents_that_were_changed_at_random(request: pytest.FixtureRequest) -> None:
    sound = [parse(path.read_bytes()) for path in sorted(EXAMPLES.glob("*.xml"))] + [
        sound_invoice(),
        sound_credit_note(),
    ]
    count = 10_000 if request.config.getoption("--long") else 300
    different = [
        (seed, found) for seed in range(count) if (found := difference(mutated(sound[seed % len(sound)], seed)))
    ]

    assert different == []


def test_it_agrees_about_two_breakages_at_once(request: pytest.FixtureRequest) -> None:
    every = list(BREAKAGES.values())
    step = 1 if request.config.getoption("--long") else 17
    pairs = [(one, other) for place, one in enumerate(every) for other in every[place + 1 :]][::step]
    different = []
    for one, other in pairs:
        root = sound_invoice()
        try:
            one(root)
            other(root)
        except AssertionError:
            continue  # the first took away what the second breaks
        if found := difference(root):
            different.append(found)

    assert different == []


def test_it_knows_every_rule_of_the_release_but_those_of_other_countries() -> None:
    schema = etree.parse(str(RULES / "3.0.21" / "PEPPOL-EN16931-UBL.sch"))
    asserted = {str(one.get("id")): str(one.get("flag")) for one in schema.iter("{*}assert")}
    known = {rule: str(severity) for rule, (severity, _text) in CATALOGUE.items() if rule != UNREADABLE}

    assert known == {rule: flag for rule, flag in asserted.items() if rule.startswith(OURS)}
