"""The activation list (R5, R6): all customers of a company with method now, proposal, expected channel and what is missing."""

from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q, QuerySet

from customers.models import Company, Customer, Method, User
from distribution import paging
from distribution.activation import propose
from distribution.paging import Page
from distribution.states import ChannelName

HELD, WAITS = "held", "waits"
MINE, MOVES, MISSING = "mine", "moves", "missing"  # selections that are not a channel


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the address says is shown; unknown words show everything."""

    q: str = ""
    now: str = ""
    proposed: str = ""
    channel: str = ""
    selection: str = ""

    @classmethod
    def of(cls, asked: Any) -> "Wanted":
        names = {"q": "q", "now": "na", "proposed": "ny", "channel": "kanal", "selection": "utvalg"}
        return cls(**{field: str(asked.get(name, "")).replace("\0", "").strip() for field, name in names.items()})

    @property
    def everything(self) -> bool:
        return self == Wanted()


def proposals(company: Company, wanted: Wanted, user: User) -> QuerySet[Customer]:
    rows = propose(company)
    if wanted.q:
        rows = rows.filter(
            Q(name__icontains=wanted.q) | Q(number__icontains=wanted.q) | Q(org_number=wanted.q.replace(" ", ""))
        )
    if wanted.now in Method.values:
        rows = rows.filter(method_now=wanted.now)  # type: ignore[misc]  # annotated by propose()
    if wanted.proposed in Method.values:
        rows = rows.filter(proposed=wanted.proposed)  # type: ignore[misc]
    return _of_selection(_of_channel(rows, wanted.channel), wanted.selection, user)


def page_of(rows: QuerySet[Customer], after: int | None, before: int | None) -> Page:
    return paging.page_of(rows.select_related("prediction", "parent", "proposal_edit__user"), after, before)


def _of_channel(rows: QuerySet[Customer], channel: str) -> QuerySet[Customer]:
    if channel in ChannelName.values:
        return rows.filter(prediction__channel_after=channel)
    if channel in (HELD, WAITS):
        return rows.filter(prediction__channel_after="", prediction__waits_after=channel == WAITS)
    return rows


def _of_selection(rows: QuerySet[Customer], selection: str, user: User) -> QuerySet[Customer]:
    if selection == MINE:
        return rows.filter(proposal_edit__user=user)
    if selection == MOVES:
        return rows.exclude(prediction__channel_now=F("prediction__channel_after")).filter(prediction__isnull=False)
    if selection == MISSING:
        return rows.filter(prediction__isnull=False).exclude(prediction__missing=[])
    return rows
