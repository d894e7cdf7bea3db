"""The list of customers: what its address asks for, and the rows of that, each with method, channel today and what is missing."""

from collections import Counter
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from django.db.models import Count, Q, QuerySet

from customers.models import Company, Customer, Method
from distribution.prediction import Totals, name_of
from distribution.states import ChannelName

HELD, WAITS = "holdt", "venter"
FACTS = ("org_number", "email", "address")  # in the order in which routing misses them
MISSING: dict[str, tuple[str, ...]] = {
    "noe": (),
    "orgnr": ("org_number",),
    "epost": ("email",),
    "adresse": ("address",),
    "epost-og-adresse": ("email", "address"),
}
UNREACHABLE = "epost-og-adresse"
YES = "ja"
NAMES = {"q": "q", "method": "metode", "channel": "kanal", "missing": "mangler", "archived": "arkiverte"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the address says is shown; unknown words show everything."""

    q: str = ""
    method: str = ""
    channel: str = ""
    missing: str = ""
    archived: str = ""  # YES shows the archived and nobody else

    @classmethod
    def of(cls, asked: Any) -> "Wanted":
        return cls(**{field: str(asked.get(name, "")).replace("\0", "").strip() for field, name in NAMES.items()})

    @property
    def everything(self) -> bool:
        return self == Wanted()

    @property
    def kept(self) -> dict[str, str]:
        """By the names of the address."""
        return {name: getattr(self, field) for field, name in NAMES.items() if getattr(self, field)}


@dataclass(frozen=True, slots=True)
class Counts:
    """Customers of the list, by the channel of today; the archived are counted apart."""

    now: dict[str, int]
    missing: int
    customers: int
    archived: int


def without_archived(company: Company, counted: Totals) -> Counts:
    """The archived are few, and an index holds them: they are taken from the totals, which read no customer."""
    rows = company.customers.filter(archived_at__isnull=False).order_by()
    lacking = Count("pk", filter=Q(prediction__isnull=False) & ~Q(prediction__missing=[]))
    channels = rows.values_list("prediction__channel_now", "prediction__waits_now")
    now, missing, archived = Counter(counted.now), counted.missing, 0
    for channel, waits, number, lack in channels.annotate(number=Count("pk"), lack=lacking):
        if channel is not None:  # else there is no prediction of theirs in the totals either
            now[name_of(channel, waits)] -= number
        missing, archived = missing - lack, archived + number
    return Counts(dict(now), missing, counted.customers - archived, archived)


def roster(company: Company, wanted: Wanted) -> QuerySet[Customer]:
    rows = company.customers.select_related("prediction", "parent")
    rows = rows.filter(archived_at__isnull=wanted.archived != YES)
    if wanted.q:
        rows = rows.filter(_named(wanted.q))
    if wanted.method in Method.values:
        rows = rows.filter(Q(method=wanted.method) | Q(method="", parent__method=wanted.method))
    if wanted.missing in MISSING:
        rows = rows.filter(lacking(wanted.missing, "prediction__"))
    return _of_channel(rows, wanted.channel)


def _named(words: str) -> Q:
    anywhere = ("name", "number", "email", "invoice_email")
    found = Q(org_number="".join(words.split()))
    for field in anywhere:
        found |= Q(**{f"{field}__icontains": words})
    return found


def lacking(asked: str, prefix: str = "") -> Q:
    """Predictions whose list of what is missing holds these facts of `MISSING`. Not every database looks into a list, but the
    lists that hold them are few."""
    facts, found = MISSING[asked], Q()
    for size in range(1, len(FACTS) + 1):
        for missing in combinations(FACTS, size):
            if set(facts) <= set(missing):
                found |= Q(**{f"{prefix}missing": list(missing)})
    return found


def _of_channel(rows: QuerySet[Customer], channel: str) -> QuerySet[Customer]:
    if channel in ChannelName.values:
        return rows.filter(prediction__channel_now=channel)
    if channel in (HELD, WAITS):
        return rows.filter(prediction__channel_now="", prediction__waits_now=channel == WAITS)
    return rows
