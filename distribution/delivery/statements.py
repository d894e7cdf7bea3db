"""The engine's own UPDATE and INSERT, put together once: the ORM would compile each of them anew, six times an invoice.

Values pass through the model's fields as with the ORM, so both databases and every type are served; only the compiling is
saved (a third of the time of a delivery, `benchmarks/e2e.py`).
"""

from functools import lru_cache
from typing import Any

from django.db import connection
from django.db.models import Model


def update(model: type[Model], changes: dict[str, Any], **where: Any) -> int:
    """How many rows were changed; `where` are equalities."""
    sql = _update_sql(model, tuple(changes), tuple(where), connection.vendor)
    with connection.cursor() as cursor:
        cursor.execute(sql, _values(model, {**changes}) + _values(model, where))
        return int(cursor.rowcount)


def insert(model: type[Model], **values: Any) -> None:
    """One row, with every column that has no default of the database's."""
    sql = _insert_sql(model, tuple(values), connection.vendor)
    with connection.cursor() as cursor:
        cursor.execute(sql, _values(model, values))


def _values(model: type[Model], named: dict[str, Any]) -> list[Any]:
    return [model._meta.get_field(name).get_db_prep_save(value, connection) for name, value in named.items()]  # type: ignore[union-attr]


@lru_cache(maxsize=256)
def _update_sql(model: type[Model], changed: tuple[str, ...], where: tuple[str, ...], _vendor: str) -> str:
    sets = ", ".join(f"{_column(model, name)} = %s" for name in changed)
    holds = " AND ".join(f"{_column(model, name)} = %s" for name in where)
    return f"UPDATE {connection.ops.quote_name(model._meta.db_table)} SET {sets} WHERE {holds}"  # noqa: S608  # names of ours


@lru_cache(maxsize=64)
def _insert_sql(model: type[Model], names: tuple[str, ...], _vendor: str) -> str:
    columns = ", ".join(_column(model, name) for name in names)
    places = ", ".join(["%s"] * len(names))
    return f"INSERT INTO {connection.ops.quote_name(model._meta.db_table)} ({columns}) VALUES ({places})"  # noqa: S608


def _column(model: type[Model], name: str) -> str:
    return connection.ops.quote_name(str(model._meta.get_field(name).column))  # type: ignore[union-attr]
