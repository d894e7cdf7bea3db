"""Over every official example: one field broken, and `validate` names the rule that forbids it, at a place that is there."""

import copy
import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.management import call_command
from lxml import etree

from tests.distribution.breakages import ALSO, BREAKAGES, NotHere
from tests.distribution.documents.validation.plainly import EXAMPLES, RULES, SHARED

pytestmark = pytest.mark.skipif(not EXAMPLES.is_dir(), reason=f"the examples and rules are not in {SHARED}")
PARSER = etree.XMLParser(remove_comments=True)


def validated(paths: list[Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> list[Any]:
    monkeypatch.setattr("sys.stdin", io.StringIO("".join(json.dumps({"file": str(path)}) + "\n" for path in paths)))
    call_command("validate", "--json-lines", "--layers", "cen,peppol")
    return [json.loads(line)["findings"] for line in capsys.readouterr().out.splitlines()]


def broken_into(folder: Path, example: Path) -> dict[str, Path]:
    """By rule, a file in which it is broken."""
    root, written = etree.parse(str(example), PARSER).getroot(), dict[str, Path]()
    for rule, breakage in BREAKAGES.items():
        changed = copy.deepcopy(root)
        try:
            breakage(changed)
        except NotHere:
            continue
        written[rule] = folder / f"{rule}.xml"
        written[rule].write_bytes(etree.tostring(changed))
    return written


@pytest.mark.parametrize("example", sorted(EXAMPLES.glob("*.xml")), ids=lambda path: path.stem)
def test_it_names_the_rule_that_was_broken_and_no_other(
    example: Path, settings: LazySettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:  # fmt: skip
    settings.EHF_RULES_DIR = str(RULES)
    files = broken_into(tmp_path, example)
    before, *answers = validated([example, *files.values()], monkeypatch, capsys)
    known = {(one["rule"], one["where"]) for one in before}
    assert len(files) > 45
    for rule, found in zip(files, answers, strict=True):
        new = {one["rule"] for one in found if (one["rule"], one["where"]) not in known}
        assert rule in new, f"{rule} is broken, and not found"
        assert new <= {rule} | ALSO.get(rule, set()), f"{rule} is broken, and nothing else"


def test_there_are_breakages_enough_and_each_can_be_done_somewhere(tmp_path: Path) -> None:
    done = set().union(*(broken_into(tmp_path, example) for example in EXAMPLES.glob("*.xml")))
    assert done == set(BREAKAGES)
    assert len(BREAKAGES) >= 60
    assert len(set(BREAKAGES) - set(ALSO)) >= 40, "most are broken alone"
