"""Pages of customers by name, from one customer on, never by counting: the last page costs what the first does."""

from dataclasses import dataclass

from django.db import connection
from django.db.models import QuerySet

from customers.models import Customer

PAGE = 50


@dataclass(frozen=True, slots=True)
class Page:
    rows: list[Customer]
    before: int | None  # the id to page back from
    after: int | None


def page_of(rows: QuerySet[Customer], after: int | None, before: int | None) -> Page:
    backwards = before is not None
    edge = before if before is not None else after
    start = rows.filter(pk=edge).values_list("name", "pk").first() if edge is not None else None
    if start is not None:
        table = connection.ops.quote_name(Customer._meta.db_table)
        sign = "<" if backwards else ">"
        rows = rows.extra(where=[f"({table}.name, {table}.id) {sign} (%s, %s)"], params=list(start))  # noqa: S610
    order = ("-name", "-pk") if backwards else ("name", "pk")
    shown = list(rows.order_by(*order)[: PAGE + 1])
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
