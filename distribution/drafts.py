"""What is written by hand (R19): kept as typed, valid or not. Each draft becomes an invoice once, when a person presses «Send»."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from customers.access import locked
from customers.models import Company, User
from distribution.bounced import NO_MARKS, bounced_of
from distribution.delivery import OpenRun
from distribution.documents.ubl import write
from distribution.documents.validation.verdicts import foreseen
from distribution.facts import case_of_document, terms_of
from distribution.intake import Received, Refused, receive
from distribution.invoice_form import InvoiceForm
from distribution.models import Draft, Invoice
from distribution.rehearsal import decisions
from distribution.routing import Decision
from distribution.writing import Writing

LINE_FIELD = re.compile(r"linje-(TOTAL_FORMS|INITIAL_FORMS|[0-9]{1,3}-(name|quantity|price|vat_rate))")
LONGEST = 1000  # of what is kept of one field
BY_ANOTHER_DRAFT = "draft"  # where else a SHA-256 stands
SHOWN = 200  # drafts on one page, and in one sending


class ChangedMeanwhile(Exception):
    """The draft is not any more what the user saw, or it is gone."""


class Unfit(Exception):
    """It can't be sent as it is; the words stand at their fields."""


def drafts_of(company: Company) -> QuerySet[Draft]:
    """The newest first."""
    open_ones = Draft.objects.filter(company=company, sent_as=None).order_by("-changed_at", "-pk")
    return open_ones.select_related("company", "customer__parent", "customer__company", "credits", "changed_by")


def used_numbers(company: Company, numbers: set[str]) -> dict[tuple[str, str], str]:
    rows = Invoice.objects.filter(company=company, number__in=numbers).order_by("pk")
    return {(kind, number): sha256 for kind, number, sha256 in rows.values_list("document_type", "number", "sha256")}


def typed_in(posted: Mapping[str, Any], form: InvoiceForm) -> dict[str, str]:
    """What stood in the fields; PostgreSQL's JSON holds no NUL."""
    names = [name for name in posted if name in form.fields or LINE_FIELD.fullmatch(name)]
    return {name: str(posted[name])[:LONGEST].replace("\0", "") for name in names}


def keep(writing: Writing, posted: Mapping[str, Any], user: User, seen: str) -> Draft:
    """`seen` is the stamp of what the user had before him. Raises ChangedMeanwhile. A new one pressed twice is kept once."""
    draft, fields = writing.draft, typed_in(posted, writing.form)
    if stamp(draft) != seen:
        raise ChangedMeanwhile
    if not draft.credits_id:
        writing.form.is_valid()
        draft.customer = writing.form.cleaned_data.get("customer")
    facts = {"fields": fields, "customer": draft.customer, "changed_by": user, "changed_at": timezone.now()}
    if draft.pk is None:
        what = {"company": draft.company, "document_type": draft.document_type, "credits": draft.credits}
        same = Draft.objects.filter(**what, sent_as=None, changed_by=user, fields=fields).first()
        return same or Draft.objects.create(**what, **facts)
    untouched = Draft.objects.filter(pk=draft.pk, sent_as=None, changed_at=draft.changed_at)
    if not untouched.update(**facts):
        raise ChangedMeanwhile
    return draft


def send(writing: Writing, run: OpenRun, user: User, seen: str = "") -> Received:
    """Draft and invoice in one transaction: of two who press «Send» the second gets the first one's invoice. Raises
    ChangedMeanwhile, or Unfit."""
    draft, company = writing.draft, writing.company
    if draft.pk is None and (seen or draft.credits_id):  # what a credit note credits, its draft alone says afterwards
        raise ChangedMeanwhile
    with run.kept_only_if_committed(), transaction.atomic():
        locked(company)  # two that want one number
        if draft.pk is not None:
            now = Draft.objects.select_for_update(of=("self",)).filter(pk=draft.pk).first()
            if now is not None and now.sent_as is not None:
                return Received(now.sent_as, new=False)
            if now is None or stamp(now) != seen:
                raise ChangedMeanwhile
        if not (writing.fits() and writing.can_go(used_numbers(company, {writing.document.number}))):
            raise Unfit
        received = _receive(writing, run, user)
        if draft.pk is not None:
            Draft.objects.filter(pk=draft.pk).update(sent_as=received.invoice, fields={}, changed_by=user)
    return received


@dataclass(frozen=True, slots=True)
class Prospect:
    """Where a draft would go, or what is wrong with it."""

    writing: Writing
    decision: Decision | None

    @property
    def problems(self) -> list[str]:
        return [] if self.decision else self.writing.problems


def rehearse(company: Company, drafts: Iterable[Draft], user: User) -> list[Prospect]:
    """In the order in which they come."""
    writings = []
    for draft in drafts:
        draft.company = company  # the same row, read once
        writings.append(Writing(draft, draft.fields))
    fitting = _free(company, [writing for writing in writings if writing.fits()])
    terms = terms_of([company])[company.pk]
    bounced = bounced_of(each.known_customer for each in fitting)
    cases = [
        case_of_document(
            each.document,
            each.known_customer,
            terms,
            user,
            flaws=foreseen(write(each.document)),
            bounced=bounced.get(each.known_customer.pk, NO_MARKS),
        )
        for each in fitting
    ]
    decided = dict(zip(map(id, fitting), decisions(cases), strict=True))
    return [Prospect(writing, decided.get(id(writing))) for writing in writings]


def send_all(company: Company, chosen: Mapping[int, str], run: OpenRun, user: User) -> tuple[int, int]:
    """`chosen`: what the user saw of each, by id. What is not fit, or was changed since, stays a draft. Says how many went and
    how many stayed; each is a transaction of its own, so that one that can't go stops no other."""
    sent = stayed = 0
    for draft in drafts_of(company).filter(pk__in=chosen).order_by("pk"):
        try:
            sent += send(Writing(draft, draft.fields), run, user, chosen[draft.pk]).new
        except (Unfit, ChangedMeanwhile):
            stayed += 1
    return sent, stayed


def _free(company: Company, writings: list[Writing]) -> list[Writing]:
    """Those whose numbers are free, of two drafts with one number the one that is sent first."""
    used = used_numbers(company, {writing.document.number for writing in writings})
    free = []
    for writing in sorted(writings, key=lambda writing: writing.draft.pk):
        if writing.can_go(used):
            free.append(writing)
            used[writing.document.document_type.value, writing.document.number] = BY_ANOTHER_DRAFT
    return free


def delete(draft: Draft, seen: str) -> bool:
    """False where it is not any more what the user saw."""
    if stamp(draft) != seen:
        return False
    deleted, _by_table = Draft.objects.filter(pk=draft.pk, sent_as=None, changed_at=draft.changed_at).delete()
    return bool(deleted)


def stamp(draft: Draft) -> str:
    return draft.changed_at.isoformat() if draft.pk is not None else ""


def _receive(writing: Writing, run: OpenRun, user: User) -> Received:
    try:
        return receive(writing.company, writing.content, run=run, user=user, customer=writing.customer)
    except Refused as refusal:
        writing.form.add_error(None, str(refusal))
        raise Unfit from refusal
