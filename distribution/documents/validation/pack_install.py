"""Takes a release of Peppol's rules into EHF_RULES_DIR: whole or not at all, and as often as one likes."""

import json
import os
import shutil
from datetime import date
from pathlib import Path

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from distribution.documents.errors import InWords
from distribution.documents.validation import engine, packs, schematron
from distribution.documents.validation.packs import LAYER, MANDATORY, MANIFEST, NAME, PUBLISHED
from distribution.documents.validation.ruleset import UnknownRules


class NotInstalled(InWords):
    """`str()` tells the operator why."""


def install(source: Path, valid_from: date | None = None, valid_to: date | None = None) -> packs.Pack:
    """From a release as OpenPeppol publishes it, a folder or the file itself. Raises NotInstalled.

    Where nobody says from when the rules are in force, a known release has its date and another is in force from today.
    The same release again only changes its dates.
    """
    path = _published(source)
    content = path.read_bytes()
    version = packs.version_of(path, content)
    if not version:
        raise NotInstalled(_("Fant ikke versjonen av reglene i %(path)s. Gi mappen versjonen som navn."), path=path)
    _refuse_what_cannot_run(path, content, version)
    sha256 = packs.sha256_of(content)
    facts = {
        "name": NAME,
        "version": version,
        "sha256": sha256,
        "valid_from": (valid_from or MANDATORY.get(version) or timezone.localdate()).isoformat(),
        "valid_to": valid_to.isoformat() if valid_to else None,
        "installed": timezone.now().isoformat(timespec="seconds"),
    }
    _keep(packs.folder() / NAME / version, content, json.dumps(facts, indent=2).encode() + b"\n", sha256)
    packs.forget()
    return next(pack for pack in packs.packs() if pack.version == version)


def _published(source: Path) -> Path:
    found = [source] if source.is_file() else sorted(source.glob(PUBLISHED)) or sorted(source.rglob(PUBLISHED))
    if not found:
        raise NotInstalled(_("Fant ingen %(name)s i %(path)s."), name=PUBLISHED, path=source)
    if len(found) > 1:
        raise NotInstalled(_("Det er flere utgaver av reglene i %(path)s. Velg én av mappene."), path=source)
    return found[0]


def _refuse_what_cannot_run(path: Path, content: bytes, version: str) -> None:
    """Read and compiled before it is kept: not found out by the first invoice."""
    try:
        why = engine.refusal(schematron.read(content, LAYER, version))
    except UnknownRules as error:
        why = str(error)
    if why:
        raise NotInstalled(_("%(path)s er ikke regler som kan brukes: %(why)s."), path=path, why=why.rstrip("."))


def _keep(folder: Path, content: bytes, manifest: bytes, sha256: str) -> None:
    rules = folder / PUBLISHED
    if rules.exists() and packs.sha256_of(rules.read_bytes()) != sha256:
        raise NotInstalled(
            _("Versjonen er installert før med et annet innhold. Fjern mappen %(path)s først."), path=folder
        )
    if rules.exists():
        _replace(folder / MANIFEST, manifest)
        return
    draft = folder.parent / f".tmp-{folder.name}-{os.getpid()}"
    draft.mkdir(parents=True)
    try:
        _write(draft / PUBLISHED, content)
        _write(draft / MANIFEST, manifest)
        draft.rename(folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _replace(path: Path, content: bytes) -> None:
    draft = path.with_name(f".tmp-{path.name}-{os.getpid()}")
    _write(draft, content)
    draft.replace(path)


def _write(path: Path, content: bytes) -> None:
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
