"""Rules that the operator brings: OpenPeppol does not let others hand its rules on, so the product ships without them.

EHF_RULES_DIR holds packs as `rules install` writes them, NAME/VERSION/ with manifest.json and the rules; or it is a release as
OpenPeppol publishes it, or a folder of such.
"""

import hashlib
import json
import re
import time
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cache, lru_cache
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from distribution.documents.validation import schematron
from distribution.documents.validation.ruleset import RuleSet

NAME = "peppol-billing"
LAYER = "peppol"
PUBLISHED = "PEPPOL-EN16931-UBL.sch"
MANIFEST = "manifest.json"
# From the release notes. Releases come in May and November and are mandatory some three months later.
MANDATORY = {"3.0.20": date(2026, 2, 23), "3.0.21": date(2026, 8, 17)}
FRESH = timedelta(days=243)  # eight months: the next release is mandatory by then
SEEN_AFTER = 10  # seconds until a running process sees what was installed
VERSION = re.compile(r"\d+\.\d+\.\d+(?:\.\d+)?")
RELEASE = re.compile(rb"release\s+(\d+\.\d+\.\d+(?:\.\d+)?)")


class State(StrEnum):
    CURRENT = "current"
    OUTDATED = "outdated"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Pack:
    """`valid_from` is when its release becomes mandatory, None where nobody said; `installed` '' for one used where it lies."""

    name: str
    version: str
    sha256: str
    valid_from: date | None
    valid_to: date | None
    installed: str
    path: Path
    intact: bool

    @property
    def age(self) -> tuple[date, list[int]]:
        return self.valid_from or date.min, [int(part) for part in self.version.split(".") if part.isdigit()]


def folder() -> Path:
    return Path(settings.EHF_RULES_DIR)


def packs() -> list[Pack]:
    """The oldest first."""
    return list(_packs(folder(), int(time.monotonic() / SEEN_AFTER)))


def rules(on: date | None = None) -> RuleSet | None:
    """Of the release in force that day."""
    pack = in_force(on)
    return _read(pack.path, pack.version, pack.sha256) if pack else None


def in_force(on: date | None = None) -> Pack | None:
    """Before the first release, the first: old rules say more than none."""
    day = on or timezone.localdate()
    known = [pack for pack in packs() if pack.intact]
    begun = [pack for pack in known if (pack.valid_from or date.min) <= day]
    return next(iter(begun[-1:] or known), None)


def state(on: date | None = None) -> State:
    day = on or timezone.localdate()
    known = [pack for pack in packs() if pack.intact]
    if not known:
        return State.MISSING
    newest = known[-1]
    last = newest.valid_to or (newest.valid_from + FRESH if newest.valid_from else date.max)
    return State.OUTDATED if last < day else State.CURRENT


def forget() -> None:
    """After an installation, in this process."""
    _packs.cache_clear()


@lru_cache(maxsize=4)
def _packs(folder: Path, _moment: int) -> tuple[Pack, ...]:
    kept = [_kept(manifest) for manifest in sorted(folder.glob(f"{NAME}/*/{MANIFEST}"))]
    lying = [_lying(path) for path in (folder / PUBLISHED, *sorted(folder.glob(f"*/{PUBLISHED}"))) if path.is_file()]
    versions = {pack.version for pack in kept}
    return tuple(sorted([*kept, *(one for one in lying if one.version not in versions)], key=lambda pack: pack.age))


def _kept(manifest: Path) -> Pack:
    facts = json.loads(manifest.read_text())
    path = manifest.parent / PUBLISHED
    return Pack(
        name=facts["name"],
        version=facts["version"],
        sha256=facts["sha256"],
        valid_from=_day(facts["valid_from"]),
        valid_to=_day(facts["valid_to"]),
        installed=facts["installed"],
        path=path,
        intact=path.is_file() and sha256_of(path.read_bytes()) == facts["sha256"],
    )


def _lying(path: Path) -> Pack:
    content = path.read_bytes()
    version = version_of(path, content)
    return Pack(NAME, version, sha256_of(content), MANDATORY.get(version), None, "", path, intact=True)


def version_of(path: Path, content: bytes) -> str:
    """As the file says, which a renamed folder can't change; else as its folder is called; else ''."""
    said = RELEASE.search(content[:4000])
    return said.group(1).decode() if said else path.parent.name if VERSION.fullmatch(path.parent.name) else ""


def sha256_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


@cache
def _read(path: Path, version: str, sha256: str) -> RuleSet:
    """Once for each content: the hash is part of the question."""
    return schematron.read(path.read_bytes(), LAYER, version)
