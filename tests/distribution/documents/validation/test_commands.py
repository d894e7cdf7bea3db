"""`validate`: words for people, lines for machines, and what it ends with."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.management import call_command
from django.core.management.base import CommandError

from tests.distribution.documents.validation.plainly import EXAMPLES, RULES, SHARED

pytestmark = pytest.mark.skipif(not EXAMPLES.is_dir(), reason=f"the examples and rules are not in {SHARED}")
GOOD = EXAMPLES / "base-example.xml"


@pytest.fixture(autouse=True)
def rules(settings: LazySettings) -> None:
    settings.EHF_RULES_DIR = str(RULES)


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    path = tmp_path / "bad.xml"
    path.write_bytes(GOOD.read_bytes().replace(b"<cbc:BuyerReference>0150abc</cbc:BuyerReference>", b""))
    return path


def answers(
    lines: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: str
) -> list[Any]:
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(lines) + "\n"))
    call_command("validate", "--json-lines", *words)
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def asked(path: Path | str) -> str:
    return json.dumps({"file": str(path), "config": "whatever"})


def test_a_good_file_ends_well_and_says_which_layers_looked(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("validate", str(GOOD))
    assert (
        capsys.readouterr().out == "base-example.xml: kan sendes (xsd, cen 1.3.16, peppol 3.0.21, preflight 3.0.21)\n"
    )


def test_a_bad_file_ends_with_three_and_says_rule_and_place(bad: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        call_command("validate", str(bad), str(GOOD))
    out = capsys.readouterr().out
    assert end.value.code == 3
    assert "bad.xml: kan ikke sendes" in out
    assert "feil PEPPOL-EN16931-R003 /Invoice" in out
    assert "base-example.xml: kan sendes" in out


@pytest.mark.parametrize(
    "words", [[], ["--json-lines", "x.xml"], ["/no/such/file.xml"], [str(GOOD), "--layers", "svrl"]]
)
def test_wrong_use_ends_with_two(words: list[str]) -> None:
    with pytest.raises(CommandError) as refusal:
        call_command("validate", *words)
    assert refusal.value.returncode == 2


def test_each_line_is_answered_in_order_whatever_it_is(
    bad: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [asked(bad), asked("/no/such"), "{nonsense", "[]", json.dumps({"file": "a\0b"}), asked(GOOD)]
    found = answers(lines, monkeypatch, capsys)
    rules = [[finding["rule"] for finding in one["findings"]] for one in found]
    assert rules == [["PEPPOL-EN16931-R003"], ["XML"], ["XML"], ["XML"], ["XML"], []]
    assert set(found[0]["findings"][0]) == {"rule", "severity", "where", "text"}
    assert found[-1]["layers"] == ["xsd", "cen 1.3.16", "peppol 3.0.21", "preflight 3.0.21"]


def test_only_the_layers_that_are_named_run(
    bad: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (one,) = answers([asked(bad)], monkeypatch, capsys, "--layers", "cen,xsd")
    assert one == {"findings": [], "layers": ["xsd", "cen 1.3.16"]}
