"""`check`: which layers run, what a document must be to reach them, and that nothing a stranger sends gets past or ends the process."""

import os
from datetime import date
from pathlib import Path

import pytest
from django.conf import LazySettings
from lxml import etree

from distribution.documents.validation import check as checking
from distribution.documents.validation import engine, xsd
from distribution.documents.validation.check import LAYERS, check
from distribution.documents.validation.findings import Finding, Severity
from distribution.documents.xml import MAX_BYTES
from tests.distribution.documents.validation.plainly import EXAMPLES, RULES, SHARED

pytestmark = pytest.mark.skipif(not EXAMPLES.is_dir(), reason=f"the examples and rules are not in {SHARED}")
LAUGHS = b"""<?xml version="1.0"?><!DOCTYPE z [<!ENTITY a "ha">%s]><Invoice>&j;</Invoice>""" % b"".join(
    b'<!ENTITY %c "%s">' % (name + 1, b"&%c;" % name * 10) for name in range(ord("a"), ord("j"))
)


@pytest.fixture(autouse=True)
def rules(settings: LazySettings) -> None:
    settings.EHF_RULES_DIR = str(RULES)


@pytest.fixture
def example() -> bytes:
    return (EXAMPLES / "base-example.xml").read_bytes()


def found(content: bytes, *layers: str) -> list[str]:
    return [one.rule for one in check(content, layers=layers or None).findings]


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.xml")), ids=lambda path: path.stem)
def test_every_official_example_may_be_sent(path: Path) -> None:
    result = check(path.read_bytes())
    assert not result.fatal
    assert [str(layer) for layer in result.layers] == ["xsd", "cen 1.3.16", "peppol 3.0.21", "preflight 3.0.21"]


def test_it_names_rule_severity_place_and_text(example: bytes) -> None:
    broken = example.replace(
        b"<cbc:IssueDate>2017-11-13</cbc:IssueDate>", b"<cbc:IssueDate>2017-11-13Z</cbc:IssueDate>"
    )
    text = "[PEPPOL-EN16931-F001]-A date MUST be formatted YYYY-MM-DD."
    expected = Finding("PEPPOL-EN16931-F001", Severity.FATAL, "/Invoice/cbc:IssueDate", text)
    assert check(broken, layers=["peppol"]).findings == (expected,)


def test_the_place_is_told_in_our_prefixes_whatever_the_document_calls_them(example: bytes) -> None:
    renamed = (
        example.replace(b"cac:", b"a:").replace(b":cac=", b":a=").replace(b"cbc:", b"b:").replace(b":cbc=", b":b=")
    )
    second = renamed.replace(b">2</b:ID>", b"></b:ID>", 1)
    assert [one.where for one in check(second, layers=["peppol"]).findings] == ["/Invoice/cac:InvoiceLine[2]/cbc:ID"]


def test_what_breaks_the_schema_is_not_shown_to_the_rules(example: bytes) -> None:
    result = check(example.replace(b"<cbc:ID>Snippet1</cbc:ID>", b"<cbc:Unknown/>"))
    assert {one.rule for one in result.findings} == {"XSD", "PEPPOL-EN16931-R008"}  # the latter by the preflight
    assert [layer.name for layer in result.layers] == ["xsd", "preflight"]


def test_what_the_official_rules_said_the_preflight_does_not_say_again(example: bytes) -> None:
    broken = example.replace(b"<cbc:IssueDate>2017-11-13<", b"<cbc:IssueDate>13.11.2017<")
    assert found(broken, "peppol", "preflight") == found(broken, "peppol") == found(broken, "preflight")


def test_the_layers_that_are_asked_for_run_all_the_same(example: bytes) -> None:
    result = check(example.replace(b"<cbc:ID>Snippet1</cbc:ID>", b""), layers=LAYERS)
    assert {"XSD", "BR-02"} <= {one.rule for one in result.findings}
    assert [layer.name for layer in result.layers] == list(LAYERS)


def test_our_own_checks_run_also_where_the_schema_is_broken(example: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = Finding("OURS", Severity.WARNING, "/Invoice", "…")
    monkeypatch.setattr(checking, "preflight", lambda root: [ours])
    assert check(example.replace(b"<cbc:ID>Snippet1</cbc:ID>", b"")).findings[-1] == ours


def test_the_day_chooses_the_release(example: bytes) -> None:
    releases = [
        check(example, layers=["peppol"], on=day).layers[0].version for day in (date(2026, 8, 16), date(2026, 8, 17))
    ]
    assert releases == ["3.0.20", "3.0.21"]


@pytest.mark.parametrize("release", ["3.0.20", "3.0.21"])
def test_the_folder_may_be_one_release(example: bytes, settings: LazySettings, release: str) -> None:
    settings.EHF_RULES_DIR = str(RULES / release)
    assert str(check(example).layers[2]) == f"peppol {release}"


def test_without_rules_the_layer_is_absent_and_nothing_claims_it_ran(
    example: bytes, settings: LazySettings, tmp_path: Path
) -> None:
    settings.EHF_RULES_DIR = str(tmp_path)
    assert [layer.name for layer in check(example).layers] == ["xsd", "cen", "preflight"]
    assert check(example, layers=["peppol"]).layers == ()


def test_an_error_inside_the_rules_is_a_fatal_finding_and_the_other_patterns_still_speak(
    example: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    broken = example.replace(b'PriceAmount currencyID="EUR">500<', b'PriceAmount currencyID="EUR"><')
    assert found(broken, "peppol") == ["PEPPOL-EN16931-R008", "ENGINE"]
    crash = check(broken, layers=["peppol"]).findings[1]
    assert crash.severity == Severity.FATAL
    assert crash.text.startswith("peppol: FORG0001")
    assert capfd.readouterr().err == "", "what an invoice says has no place in the log"


@pytest.mark.parametrize(
    "content",
    [
        b"", b"   \n", b"not xml", b"<Invoice>", b"\x00\x01\x02", b"<a>\x0b</a>", LAUGHS, b"%PDF-1.7",
        b'<?xml version="1.0"?><!DOCTYPE Invoice [<!ENTITY e SYSTEM "file:///etc/hostname">]><Invoice>&e;</Invoice>',
        b'<?xml version="1.0"?><!DOCTYPE Invoice><Invoice/>',
        b'<?xml version="1.0" encoding="UTF-8"?><Invoice>\xe6\xf8\xe5</Invoice>',
        b'<?xml version="1.0" encoding="no-such"?><Invoice/>',
        b"<a>" + b" " * MAX_BYTES + b"</a>",
    ],
    ids=lambda content: repr(content[:30]),
)  # fmt: skip
@pytest.mark.parametrize("layers", [None, LAYERS])
def test_what_cannot_be_read_is_a_finding(content: bytes, layers: tuple[str, ...] | None) -> None:
    result = check(content, layers=layers)
    assert [(one.rule, one.severity) for one in result.findings] == [("XML", Severity.FATAL)]
    assert result.layers == ()


def test_xml_that_is_no_invoice_is_a_finding_and_never_a_pass() -> None:
    for layers in (None, LAYERS, ("cen",)):
        (one,) = check(b"<Order/>", layers=layers).findings
        assert (one.rule, one.severity) == ("UBL", Severity.FATAL)


@pytest.mark.parametrize("encoding", ["UTF-8", "ISO-8859-1", "UTF-16"])
def test_the_declaration_decides_the_encoding(example: bytes, encoding: str) -> None:
    root = etree.fromstring(example)
    name = next(root.iter("{*}RegistrationName"))
    name.text = "Bjørnås Blåbær AS"
    content: bytes = etree.tostring(root, encoding=encoding, xml_declaration=True)  # type: ignore[assignment]
    assert not check(content).fatal


def test_ten_thousand_lines_are_checked_and_a_fault_in_the_last_is_found(example: bytes) -> None:
    line = example[
        example.index(b"<cac:InvoiceLine>") : example.index(b"</cac:InvoiceLine>") + len(b"</cac:InvoiceLine>")
    ]
    many = example.replace(
        b"</Invoice>", line * 10_000 + line.replace(b"<cbc:ID>1</cbc:ID>", b"<cbc:ID> </cbc:ID>") + b"</Invoice>"
    )
    assert "/Invoice/cac:InvoiceLine[10003]/cbc:ID" in {one.where for one in check(many, layers=["peppol"]).findings}


def test_elements_within_elements_without_end_do_not_end_the_process(example: bytes) -> None:
    deep = example.replace(b"</Invoice>", b"<a>" * 20_000 + b"</a>" * 20_000 + b"</Invoice>")
    assert check(deep, layers=LAYERS).fatal


def test_a_forked_child_checks_for_itself_and_its_parent_goes_on(example: bytes) -> None:
    assert found(example) == []
    parents = engine._engine
    child = os.fork()
    if not child:
        fresh = engine._engine is None and check(example).findings == () and engine._engine is not parents
        os._exit(0 if fresh else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert found(example) == []


def test_a_long_document_is_shown_to_the_schema_in_pieces_and_is_the_same_before_and_after(
    example: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = example.replace(b"<cac:InvoiceLine>", b"<cac:InvoiceLine><cbc:Color/>").replace(b"2017-12-01", b"soon")
    line = bad[bad.index(b"<cac:InvoiceLine>") : bad.index(b"</cac:InvoiceLine>") + len(b"</cac:InvoiceLine>")]
    root = etree.fromstring(bad.replace(b"</Invoice>", line * 9 + b"</Invoice>"))
    at_once, before = xsd.findings(root), etree.tostring(root, method="c14n")
    monkeypatch.setattr(xsd, "PIECE", 4)
    assert xsd.findings(root) == at_once
    assert etree.tostring(root, method="c14n") == before
    monkeypatch.setattr(xsd, "MOST", 3)
    assert xsd.findings(root) == at_once[:3]
    assert etree.tostring(root, method="c14n") == before
