"""What we do faster finds what the published rules find: the same rules, the same severity, the same places, in the same order."""

import copy
import os
import random
from collections.abc import Iterator

import pytest
from lxml import etree

from distribution.documents.validation import cen, engine, schematron
from distribution.documents.validation.findings import CRASH
from distribution.documents.validation.ruleset import RuleSet
from tests.distribution.documents.validation import plainly
from tests.distribution.documents.validation.plainly import EXAMPLES, RELEASES, RULES, Found

pytestmark = pytest.mark.skipif(not EXAMPLES.is_dir(), reason=f"the examples and rules are not in {plainly.SHARED}")
TEXTS = (
    *(
        "0",
        "-1",
        "1.005",
        "999",
        "x y",
        "2024-02-30",
        "true",
        "false",
        "urn:x",
        " ",
        "0192",
        "991825827",
        "NO991825827MVA",
    ),
    *("NO", "SE", "DK", "GR", "DE", "IT", "NL", "IS", "AE", "E", "O", "Z", "S", "K", "G"),
    *("30", "49", "58", "130", "380", "381", "384"),
)
COUNTRIES = ("DK", "SE", "NO", "IT", "GR", "IS", "NL", "DE")
BROKEN = int(os.environ.get("BROKEN_PER_EXAMPLE", "12"))


def _broken(seed: int, root: etree._Element) -> etree._Element:
    """One or two changes that somebody's program might make."""
    chance, changed = random.Random(seed), copy.deepcopy(root)
    for _ in range(chance.randint(1, 2)):
        element = chance.choice([one for one in changed.iter() if one is not changed])
        _change(chance, element)
    return changed


def _change(chance: random.Random, element: etree._Element) -> None:
    parent = element.getparent()
    assert parent is not None
    match chance.randrange(6):
        case 0:
            parent.remove(element)
        case 1:
            parent.append(copy.deepcopy(element))
        case 2 if element.attrib:
            element.set(chance.choice(list(element.attrib)), chance.choice(TEXTS))
        case 3:
            element.set(
                chance.choice(("schemeID", "languageID", "schemeName", "unitCode", "name")), chance.choice(TEXTS)
            )
        case 4:
            element.tag = str(chance.choice(list(parent)).tag)
        case _:
            if len(element) == 0:
                element.text = chance.choice(TEXTS)


def _documents() -> Iterator[tuple[str, etree._Element]]:
    parser = etree.XMLParser(remove_comments=True, remove_pis=True)
    for path in sorted(EXAMPLES.glob("*.xml")):
        root = etree.parse(str(path), parser).getroot()
        yield path.name, root
        for seed in range(BROKEN):
            yield f"{path.name} broken by {seed}", _broken(seed, root)
        for country in COUNTRIES:
            yield f"{path.name} moved to {country}", _moved(root, country)


def _moved(root: etree._Element, country: str) -> etree._Element:
    """Both parties live there: each country has rules of its own."""
    moved = copy.deepcopy(root)
    for code in moved.iterfind(".//{*}Country/{*}IdentificationCode"):
        code.text = country
    for number in moved.iterfind(".//{*}PartyTaxScheme/{*}CompanyID"):
        number.text = country + (number.text or "")[2:]
    return moved


def _ours(rules: RuleSet, root: etree._Element) -> list[Found] | None:
    found = engine.findings(root, [rules])
    if any(one.rule == CRASH for one in found):
        return None
    return [(one.rule, str(one.severity), one.where) for one in found]


def test_the_rules_of_cen_find_the_same_as_published() -> None:
    different, broken = [], set[str]()
    for name, root in _documents():
        published, ours = plainly.cen(root), _ours(cen.rules(), root)
        broken |= {rule for rule, _severity, _where in published or ()}
        if ours != published:
            different.append((name, ours, published))
    assert not different[:1]
    assert len(broken) > 40, "the breakages break too little to tell anything"


@pytest.mark.parametrize("release", RELEASES)
def test_the_rules_of_peppol_find_the_same_as_written_out_plainly(release: str) -> None:
    rules = schematron.read((RULES / release / "PEPPOL-EN16931-UBL.sch").read_bytes(), "peppol", release)
    different, broken = [], set[str]()
    for name, root in _documents():
        plain, ours = plainly.peppol(root, release), _ours(rules, root)
        broken |= {rule for rule, _severity, _where in plain or ()}
        if ours != plain:
            different.append((name, ours, plain))
    assert not different[:1]
    assert len(broken) > 20, "the breakages break too little to tell anything"


def test_every_rule_of_both_layers_is_carried_over() -> None:
    assert len(list(cen.rules().checks)) == 979
    text = (RULES / "3.0.21" / "PEPPOL-EN16931-UBL.sch").read_bytes()
    schema = etree.fromstring(text)
    asserted = [one.get("id") for one in schema.iter("{http://purl.oclc.org/dsdl/schematron}assert")]
    assert [check.rule for check in schematron.read(text, "peppol", "3.0.21").checks] == asserted
