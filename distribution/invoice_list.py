"""The list of a company's invoices, newest first: what is shown, and where its pages begin and end."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from customers.models import Company
from distribution.models import Invoice
from distribution.states import ChannelName, Status

PAGE = 50
MAX_DIGITS = 18  # a number that every database takes


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the address says is shown; unknown words show everything."""

    q: str = ""
    status: str = ""
    channel: str = ""

    @classmethod
    def of(cls, asked: Any) -> "Wanted":
        return cls(*(str(asked.get(name, "")).replace("\0", "").strip() for name in cls.__slots__))

    @property
    def everything(self) -> bool:
        return self == Wanted()

    @property
    def kept(self) -> dict[str, str]:
        """By the names of the address."""
        return {name: getattr(self, name) for name in self.__slots__ if getattr(self, name)}


@dataclass(frozen=True, slots=True)
class Page:
    rows: list[Invoice]
    newer: int | None  # the id to page back from
    older: int | None


def invoices(company: Company, wanted: Wanted) -> QuerySet[Invoice]:
    rows = Invoice.objects.filter(company=company)
    if wanted.q:
        rows = rows.filter(Q(number__icontains=wanted.q) | Q(buyer_name__icontains=wanted.q))
    if wanted.status in Status.values:
        rows = rows.filter(last_delivery__status=wanted.status)
    if wanted.channel in ChannelName.values:
        rows = rows.filter(last_delivery__channel=wanted.channel)
    return rows


def page_of(rows: QuerySet[Invoice], company: Company, asked: Any) -> Page:
    """From one invoice on, never by counting: the last page costs what the first does. The edge need not be among the rows
    any more: since the page before was shown it may have got another status."""
    newer_than = _edge(company, asked.get("for", ""))
    older_than = None if newer_than else _edge(company, asked.get("etter", ""))
    rows = rows.select_related("last_delivery")
    if newer_than:
        shown, more = _cut(_beside(rows, newer_than, "gt").order_by("created_at", "pk"))
        return _page(shown[::-1], newer=more, older=True)
    if older_than:
        rows = _beside(rows, older_than, "lt")
    shown, more = _cut(rows.order_by("-created_at", "-pk"))
    return _page(shown, newer=bool(older_than), older=more)


def _edge(company: Company, asked: str) -> Invoice | None:
    if not (asked.isascii() and asked.isdigit() and len(asked) <= MAX_DIGITS):
        return None
    return Invoice.objects.filter(company=company, pk=int(asked)).only("created_at").first()


def _beside(rows: QuerySet[Invoice], edge: Invoice, side: str) -> QuerySet[Invoice]:
    """The first condition is what the index takes; the second sorts out those of the same moment."""
    same_or_beyond = Q(**{f"created_at__{side}e": edge.created_at})
    return rows.filter(same_or_beyond, Q(**{f"created_at__{side}": edge.created_at}) | Q(**{f"pk__{side}": edge.pk}))


def _cut(rows: QuerySet[Invoice]) -> tuple[list[Invoice], bool]:
    found = list(rows[: PAGE + 1])
    return found[:PAGE], len(found) > PAGE


def _page(shown: list[Invoice], *, newer: bool, older: bool) -> Page:
    return Page(
        shown,
        shown[0].pk if shown and newer else None,
        shown[-1].pk if shown and older else None,
    )
