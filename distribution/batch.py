"""Many files at once: which PDF belongs to which invoice, and what became of each file. A bad one stops no good one."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Protocol

from django.utils.translation import gettext as _

from customers.models import Company, User
from distribution import intake
from distribution.delivery import OpenRun
from distribution.documents.ubl import MAX_BYTES
from distribution.models import Invoice


class NamedFile(Protocol):
    """As an uploaded file is: on disk until it is read."""

    name: str | None

    def read(self, size: int = ..., /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Outcome:
    """`refused` says in words why nothing was taken in; else there is an invoice, `new` unless it had come before (R38)."""

    name: str
    refused: str = ""
    invoice: Invoice | None = None
    new: bool = False


@dataclass(slots=True)
class _Namesakes:
    """Files that are called the same but for what they end in."""

    documents: list[NamedFile] = field(default_factory=list)
    pdfs: list[NamedFile] = field(default_factory=list)


def take_in(company: Company, files: Iterable[NamedFile], *, run: OpenRun, user: User) -> list[Outcome]:
    """One file in memory at a time, with its PDF."""
    return [outcome for group in _by_stem(files) for outcome in _of_group(company, group, run, user)]


def _by_stem(files: Iterable[NamedFile]) -> list[_Namesakes]:
    groups: dict[str, _Namesakes] = {}
    for file in files:
        path = PurePath(file.name or "")
        group = groups.setdefault(path.stem.casefold(), _Namesakes())
        (group.pdfs if path.suffix.lower() == ".pdf" else group.documents).append(file)
    return list(groups.values())


def _of_group(company: Company, group: _Namesakes, run: OpenRun, user: User) -> Iterator[Outcome]:
    if not group.documents:
        words = _("Det fulgte ingen UBL-fil med samme navn, og en PDF alene er ingen faktura vi kan sende.")
        yield from (Outcome(_name(pdf), refused=words) for pdf in group.pdfs)
    elif len(group.pdfs) > 1 or (group.pdfs and len(group.documents) > 1):
        words = _("Flere filer heter det samme, så vi vet ikke hvilken PDF som hører til hvilken faktura.")
        yield from (Outcome(_name(file), refused=words) for file in (*group.documents, *group.pdfs))
    else:
        pdf = group.pdfs[0] if group.pdfs else None
        yield from (_receive(company, document, pdf, run, user) for document in group.documents)


def _receive(company: Company, document: NamedFile, pdf: NamedFile | None, run: OpenRun, user: User) -> Outcome:
    name = f"{_name(document)} + {_name(pdf)}" if pdf else _name(document)
    own_pdf = _content(pdf) if pdf else None
    try:
        received = intake.receive(company, _content(document), run=run, user=user, own_pdf=own_pdf)
    except intake.Refused as refusal:
        return Outcome(name, refused=str(refusal))
    return Outcome(name, invoice=received.invoice, new=received.new)


def _content(file: NamedFile) -> bytes:
    """One byte above the limit is enough for the check that refuses it."""
    return file.read(MAX_BYTES + 1)


def _name(file: NamedFile) -> str:
    return file.name or _("uten navn")
