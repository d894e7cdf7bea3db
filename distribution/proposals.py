"""The activation list (R5, R6): all customers of a company with method now, proposal, expected channel and what is missing."""

from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import F, Q, QuerySet

from customers.models import Company, Customer, Method, User
from distribution.activation import propose
from distribution.states import ChannelName

PAGE = 50
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


@dataclass(frozen=True, slots=True)
class Page:
    rows: list[Customer]
    before: int | None  # the id to page back from
    after: int | None


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
    """By name; from one customer on, never by counting: the last page costs what the first does."""
    backwards = before is not None
    edge = before if before is not None else after
    start = rows.filter(pk=edge).values_list("name", "pk").first() if edge is not None else None
    if start is not None:
        table = connection.ops.quote_name(Customer._meta.db_table)
        sign = "<" if backwards else ">"
        rows = rows.extra(where=[f"({table}.name, {table}.id) {sign} (%s, %s)"], params=list(start))  # noqa: S610
    order = ("-name", "-pk") if backwards else ("name", "pk")
    shown = list(rows.select_related("prediction", "parent", "proposal_edit__user").order_by(*order)[: PAGE + 1])
    more, shown = len(shown) > PAGE, shown[:PAGE]
    if backwards:
        shown.reverse()
    there_is_before = more if backwards else start is not None
    there_is_after = start is not None if backwards else more
    return Page(
        shown,
        shown[0].pk if shown and there_is_before else None,
        shown[-1].pk if shown and there_is_after else None,
    )


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
