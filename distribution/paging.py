"""Pages of customers, from one customer on, never by counting: the last page costs what the first does."""

from dataclasses import dataclass, replace

from django.db import connection
from django.db.models import QuerySet

from customers.models import Customer

PAGE = 50


@dataclass(frozen=True, slots=True)
class Page:
    rows: list[Customer]
    before: int | None  # the id to page back from
    after: int | None


@dataclass(frozen=True, slots=True)
class Order:
    """Columns that no two customers of a company share, and which an index has in this order behind the company."""

    columns: tuple[str, ...]
    falling: bool = False

    @property
    def names(self) -> list[str]:
        return [f"-{name}" if self.falling else name for name in self.columns]

    def turned(self) -> "Order":
        return replace(self, falling=not self.falling)


BY_NAME, BY_NUMBER = Order(("name", "id")), Order(("number",))


def page_of(
    rows: QuerySet[Customer],
    after: int | None,
    before: int | None,
    order: Order = BY_NAME,
    edges: QuerySet[Customer] | None = None,
) -> Page:
    """`edges`: among whom the customer to go on from is found, where an edit may have taken him out of `rows`."""
    backwards = before is not None
    edge = before if before is not None else after
    among = rows if edges is None else edges
    start = among.filter(pk=edge).values_list(*order.columns).first() if edge is not None else None
    way = order.turned() if backwards else order
    if start is not None:
        rows = rows.extra(where=[_beyond(way)], params=list(start))  # noqa: S610  # words of ours
    shown = list(rows.order_by(*way.names)[: PAGE + 1])
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


def _beyond(order: Order) -> str:
    table, places = connection.ops.quote_name(Customer._meta.db_table), ", ".join(["%s"] * len(order.columns))
    columns = ", ".join(f"{table}.{name}" for name in order.columns)
    return f"({columns}) {'<' if order.falling else '>'} ({places})"
