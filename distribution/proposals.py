"""The activation list (R5, R6): all customers of a company with method now, proposal, expected channel and what is missing."""

from dataclasses import dataclass, replace
from typing import Any

from django.db.models import F, Q, QuerySet

from customers.models import Company, Customer, Method, User
from distribution import paging
from distribution.activation import TO_AUTOINVOICE, propose
from distribution.models import Prediction
from distribution.paging import BY_NAME, BY_NUMBER, Order, Page
from distribution.roster import MISSING as LACKS
from distribution.roster import lacking
from distribution.states import ChannelName, NoChannel

HELD, WAITS = NoChannel.HELD, NoChannel.WAITS
MINE, MOVES, MISSING = "mine", "moves", "missing"  # selections that are not a channel
NAMES = {
    "q": "q",
    "now": "na",
    "proposed": "ny",
    "channel": "kanal",
    "selection": "utvalg",
    "missing": "mangler",
    "sort": "sorter",
}
SHOWN = (  # what the page and the file have of each customer; the models are four times as wide
    "company",
    "number",
    "name",
    "kind",
    "org_number",
    "archived_at",
    "prediction__channel_after",
    "prediction__waits_after",
    "prediction__reasons_after",
    "prediction__missing",
    "proposal_edit__user__email",
    "proposal_edit__user__first_name",
    "proposal_edit__user__last_name",
)
ORDERS = {"navn": BY_NAME, "-navn": BY_NAME.turned(), "nummer": BY_NUMBER, "-nummer": BY_NUMBER.turned()}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the address says is shown; unknown words show everything."""

    q: str = ""
    now: str = ""
    proposed: str = ""
    channel: str = ""
    selection: str = ""
    missing: str = ""
    sort: str = ""

    @classmethod
    def of(cls, asked: Any) -> "Wanted":
        return cls(**{field: str(asked.get(name, "")).replace("\0", "").strip() for field, name in NAMES.items()})

    @property
    def everything(self) -> bool:
        return replace(self, sort="") == Wanted()

    @property
    def order(self) -> Order:
        return ORDERS.get(self.sort, BY_NAME)


def proposals(company: Company, wanted: Wanted, user: User) -> QuerySet[Customer]:
    rows = propose(company)
    if wanted.q:
        rows = rows.filter(_named(wanted.q))
    if wanted.now in Method.values:
        rows = rows.filter(_of_parent_too(company, Q(method=wanted.now)))
    if wanted.proposed in Method.values:
        own = _own_proposal(Method(wanted.proposed))
        rows = rows.filter(_of_parent_too(company, own, unless=Q(proposal_edit__isnull=False)))
    if wanted.selection == MINE:
        rows = rows.filter(proposal_edit__user=user)
    return rows.filter(_predicted(wanted, "prediction__"))


def shown(company: Company, wanted: Wanted, user: User) -> QuerySet[Customer]:
    """`proposals` with what is shown of each, and no more."""
    return proposals(company, wanted, user).select_related("prediction", "proposal_edit__user").only(*SHOWN)


def number_found(company: Company, wanted: Wanted, user: User) -> int:
    """How many `proposals` shows. What the predictions alone decide is counted without the customers' rows."""
    of_predictions = replace(wanted, channel="", selection="", missing="").everything and wanted.selection in (
        MOVES,
        MISSING,
        "",
    )
    if of_predictions and not wanted.everything:
        return Prediction.objects.filter(_predicted(wanted), company=company).count()
    return proposals(company, wanted, user).order_by().count()


def page_of(company: Company, wanted: Wanted, user: User, after: int | None, before: int | None) -> Page:
    return paging.page_of(shown(company, wanted, user), after, before, wanted.order, company.customers.all())


def _named(words: str) -> Q:
    return Q(name__icontains=words) | Q(number__icontains=words) | Q(org_number__contains="".join(words.split()))


def _own_proposal(method: Method) -> Q:
    """As `propose`, for a customer with a method of his own; in words that a database can search by."""
    untouched = Q(method__in=TO_AUTOINVOICE) if method == Method.AUTOINVOICE else Q(method=Method.SELF)
    return Q(proposal_edit__method=method) | (Q(proposal_edit__isnull=True) & untouched)


def _of_parent_too(company: Company, own: Q, unless: Q | None = None) -> Q:
    """A method left empty reads the parent's (R16). The parents are asked for apart: joined, they are looked up for every
    customer, and most have none."""
    reads_parent = Q(method="", parent__in=company.customers.filter(own, branches__isnull=False).values("pk"))
    return own | (reads_parent & ~unless if unless is not None else reads_parent)


def _predicted(wanted: Wanted, prefix: str = "") -> Q:
    """What the prediction decides: the channel, and the selections but «mine»."""
    channel, waits, now = f"{prefix}channel_after", f"{prefix}waits_after", f"{prefix}channel_now"
    shown = Q()
    if wanted.channel in ChannelName.values:
        shown &= Q(**{channel: wanted.channel})
    elif wanted.channel in (HELD, WAITS):
        shown &= Q(**{channel: "", waits: wanted.channel == WAITS})
    if wanted.missing in LACKS:
        shown &= lacking(wanted.missing, prefix)
    if wanted.selection == MOVES:
        shown &= Q(**{f"{prefix}company__isnull": False}) & ~Q(**{now: F(channel)})
    elif wanted.selection == MISSING:
        shown &= Q(**{f"{prefix}company__isnull": False}) & ~Q(**{f"{prefix}missing": []})
    return shown
