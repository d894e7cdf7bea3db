"""The rules packs: taken in whole or not at all, side by side, and their age is told."""

import json
import shutil
from datetime import date
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.checks import run_checks
from django.core.management import call_command
from django.core.management.base import CommandError

from distribution.documents.validation import packs
from distribution.documents.validation.pack_install import NotInstalled, install
from distribution.documents.validation.packs import State
from tests.distribution.documents.validation.plainly import EXAMPLES, RULES, SHARED

pytestmark = pytest.mark.skipif(not EXAMPLES.is_dir(), reason=f"the examples and rules are not in {SHARED}")
NEW, OLD = RULES / "3.0.21", RULES / "3.0.20"


@pytest.fixture(autouse=True)
def kept(settings: LazySettings, tmp_path: Path) -> Path:
    settings.EHF_RULES_DIR = str(tmp_path / "rules")
    return tmp_path / "rules"


def versions() -> list[str]:
    return [pack.version for pack in packs.packs()]


def changed(folder: Path, name: str, before: str, after: str) -> Path:
    """A release with something changed in it."""
    copied = folder / name
    copied.mkdir()
    text = (NEW / packs.PUBLISHED).read_text()
    assert before in text
    (copied / packs.PUBLISHED).write_text(text.replace(before, after))
    return copied


def test_two_releases_lie_side_by_side_and_each_is_in_force_in_its_time() -> None:
    install(NEW)
    install(OLD)
    assert versions() == ["3.0.20", "3.0.21"]
    in_force = [packs.rules(day) for day in (date(2025, 1, 1), date(2026, 8, 16), date(2026, 8, 17))]
    assert [rules.version for rules in in_force if rules] == ["3.0.20", "3.0.20", "3.0.21"]


def test_the_manifest_says_what_it_is(kept: Path) -> None:
    pack = install(NEW)
    facts = json.loads((kept / "peppol-billing" / "3.0.21" / "manifest.json").read_text())
    assert facts["sha256"] == pack.sha256 == packs.sha256_of((NEW / packs.PUBLISHED).read_bytes())
    assert (facts["name"], facts["version"], facts["valid_from"], facts["valid_to"]) == (
        "peppol-billing",
        "3.0.21",
        "2026-08-17",
        None,
    )


def test_the_same_release_again_changes_its_dates_alone(kept: Path) -> None:
    install(NEW)
    assert install(NEW, date(2026, 9, 1), date(2027, 3, 1)).valid_from == date(2026, 9, 1)
    assert versions() == ["3.0.21"]
    assert sorted(path.name for path in kept.rglob("*")) == [
        "3.0.21",
        packs.PUBLISHED,
        "manifest.json",
        "peppol-billing",
    ]


def test_a_release_that_is_not_known_is_in_force_from_the_day_one_says_else_from_today(tmp_path: Path) -> None:
    later = changed(tmp_path, "next", "release 3.0.21", "release 3.0.22")
    assert install(later, date(2027, 2, 22)).valid_from == date(2027, 2, 22)
    assert versions() == ["3.0.22"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("</schema>", ""),
        ("http://purl.oclc.org/dsdl/schematron", "urn:other"),
        ("<rule context=\"cbc:TaxCurrencyCode\">", "<extends rule=\"x\"/><rule context=\"cbc:TaxCurrencyCode\">"),
        ("<rule context=\"cbc:TaxCurrencyCode\">", "<rule context=\"cbc:TaxCurrencyCode[\">"),
        ("u:slack($line", "u:unheard-of($line"),
    ],
)  # fmt: skip
def test_what_cannot_run_is_refused_in_words_and_leaves_nothing(
    kept: Path, tmp_path: Path, before: str, after: str
) -> None:
    with pytest.raises(NotInstalled) as refusal:
        install(changed(tmp_path, "release", before, after))
    assert "er ikke regler som kan brukes" in str(refusal.value)
    assert not list(kept.rglob("*"))


def test_other_content_under_an_installed_version_is_refused(tmp_path: Path) -> None:
    install(NEW)
    with pytest.raises(NotInstalled, match="annet innhold"):
        install(changed(tmp_path, "release", "MUST be a positive number", "should be a positive number"))


def test_rules_that_were_changed_after_they_were_installed_are_not_used(kept: Path) -> None:
    install(NEW)
    with (kept / "peppol-billing" / "3.0.21" / packs.PUBLISHED).open("a") as file:
        file.write("\n")
    packs.forget()
    assert packs.rules() is None
    assert packs.state() == State.MISSING


def test_a_folder_without_rules_and_one_with_several_are_refused(tmp_path: Path) -> None:
    with pytest.raises(NotInstalled, match="Fant ingen"):
        install(tmp_path)
    with pytest.raises(NotInstalled, match="flere"):
        install(RULES)


def test_their_age_is_told() -> None:
    assert packs.state() == State.MISSING
    install(NEW)
    assert [packs.state(day) for day in (date(2026, 11, 26), date(2027, 4, 17), date(2027, 4, 18))] == [
        "current",
        "current",
        "outdated",
    ]
    install(NEW, valid_to=date(2026, 12, 31))
    assert packs.state(date(2027, 1, 1)) == State.OUTDATED


def test_the_system_check_names_what_is_missing(settings: LazySettings) -> None:
    assert [message.id for message in run_checks(tags=["rules"])] == ["autoinvoice.W002"]
    settings.EHF_RULES_DIR = str(NEW)
    packs.forget()
    assert run_checks(tags=["rules"]) == []


def test_the_command_installs_and_lists(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("rules", "install", str(OLD))
    call_command("rules", "install", str(NEW), "--from", "2026-08-18")
    capsys.readouterr()
    call_command("rules", "list", "--json")
    listed = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(one["version"], one["valid_from"]) for one in listed] == [
        ("3.0.20", "2026-02-23"),
        ("3.0.21", "2026-08-18"),
    ]
    assert all(len(one["sha256"]) == 64 for one in listed)


def test_the_command_says_what_is_not_there() -> None:
    with pytest.raises(CommandError) as refusal:
        call_command("rules", "install", "/no/such/folder")
    assert refusal.value.returncode == 2


def test_a_release_may_lie_under_any_name(tmp_path: Path, settings: LazySettings) -> None:
    shutil.copytree(OLD, tmp_path / "peppol")
    settings.EHF_RULES_DIR = str(tmp_path)
    assert versions() == ["3.0.20"]
