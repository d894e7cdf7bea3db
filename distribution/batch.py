"""Many files at once: which PDF belongs to which invoice, and what became of each file. A bad one stops no good one."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import PurePath
from typing import Protocol, TypeVar

from django.utils.translation import gettext as _

from customers.models import Company, User
from distribution import frozen, intake
from distribution.delivery import OpenRun
from distribution.documents.invoice import InvoiceData
from distribution.documents.ubl import MAX_BYTES
from distribution.documents.validation.verdicts import foreseen
from distribution.models import Invoice
from distribution.rehearsal import Document, case_of, decisions
from distribution.routing import Decision

Told = TypeVar("Told")


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
    receive = partial(_receive, company, run, user)
    return [outcome for group in _by_stem(files) for outcome in _of_group(group, receive)]


@dataclass(frozen=True, slots=True)
class Prospect:
    """Where a file would go, or why it would be refused. `same_as` names the file before it that has the same bytes (R38)."""

    name: str
    refused: str = ""
    same_as: str = ""
    document: InvoiceData | None = None
    decision: Decision | None = None


def rehearse(company: Company, files: Iterable[NamedFile], user: User) -> list[Prospect]:
    """As `take_in` would have it, without keeping anything."""
    checked = [each for group in _by_stem(files) for each in _checked(company, group)]
    firsts = dict[str, _Checked]()
    for each in checked:
        if isinstance(each, _Checked):
            firsts.setdefault(each.paper.sha256, each)
    known = set(Invoice.objects.filter(company=company, sha256__in=firsts).values_list("sha256", flat=True))
    new = [each for sha256, each in firsts.items() if sha256 not in known]
    earlier = dict[tuple[str, str], Document]()
    cases = [case_of(company, it.paper, earlier.setdefault(it.paper.numbered, it.paper), user) for it in new]
    decided = dict(zip(new, decisions(cases), strict=True))
    return [_prospect(each, firsts, decided) for each in checked]


def _prospect(
    each: "_Checked | Outcome", firsts: "dict[str, _Checked]", decided: "dict[_Checked, Decision]"
) -> Prospect:
    if isinstance(each, Outcome):
        return Prospect(each.name, refused=each.refused)
    first = firsts[each.paper.sha256]
    if first not in decided:
        words = _("Tatt inn før. Den sendes ikke på nytt.")
        return Prospect(each.name, refused=words, document=each.paper.data)
    if each is not first:
        return Prospect(each.name, same_as=first.name, document=each.paper.data)
    return Prospect(each.name, document=each.paper.data, decision=decided[each])


@dataclass(frozen=True, slots=True, eq=False)
class _Checked:
    name: str
    paper: Document


def _checked(company: Company, group: _Namesakes) -> Iterator[_Checked | Outcome]:
    def check(document: NamedFile, pdf: NamedFile | None) -> _Checked | Outcome:
        name = _both(document, pdf)
        content = _content(document)
        try:
            data = intake.check(company, content, _content(pdf) if pdf else None)
        except intake.Refused as refusal:
            return Outcome(name, refused=str(refusal))
        slim = replace(data, attachments=(), lines=())  # many stand in memory at once
        return _Checked(name, Document(slim, frozen.sha256_of(content), foreseen(content)))

    return _of_group(group, check)


def _by_stem(files: Iterable[NamedFile]) -> list[_Namesakes]:
    groups: dict[str, _Namesakes] = {}
    for file in files:
        path = PurePath(file.name or "")
        group = groups.setdefault(path.stem.casefold(), _Namesakes())
        (group.pdfs if path.suffix.lower() == ".pdf" else group.documents).append(file)
    return list(groups.values())


def _of_group(group: _Namesakes, each: Callable[[NamedFile, NamedFile | None], Told]) -> Iterator[Told | Outcome]:
    """`each` takes a document and its PDF."""
    if not group.documents:
        words = _("Det fulgte ingen UBL-fil med samme navn, og en PDF alene er ingen faktura vi kan sende.")
        yield from (Outcome(_name(pdf), refused=words) for pdf in group.pdfs)
    elif len(group.pdfs) > 1 or (group.pdfs and len(group.documents) > 1):
        words = _("Flere filer heter det samme, så vi vet ikke hvilken PDF som hører til hvilken faktura.")
        yield from (Outcome(_name(file), refused=words) for file in (*group.documents, *group.pdfs))
    else:
        pdf = group.pdfs[0] if group.pdfs else None
        yield from (each(document, pdf) for document in group.documents)


def _receive(company: Company, run: OpenRun, user: User, document: NamedFile, pdf: NamedFile | None) -> Outcome:
    name, own_pdf = _both(document, pdf), _content(pdf) if pdf else None
    try:
        received = intake.receive(company, _content(document), run=run, user=user, own_pdf=own_pdf)
    except intake.Refused as refusal:
        return Outcome(name, refused=str(refusal))
    return Outcome(name, invoice=received.invoice, new=received.new)


def _both(document: NamedFile, pdf: NamedFile | None) -> str:
    return f"{_name(document)} + {_name(pdf)}" if pdf else _name(document)


def _content(file: NamedFile) -> bytes:
    """One byte above the limit is enough for the check that refuses it."""
    return file.read(MAX_BYTES + 1)


def _name(file: NamedFile) -> str:
    return file.name or _("uten navn")
