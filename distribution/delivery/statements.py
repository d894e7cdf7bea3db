"""The engine's own UPDATE and INSERT, put together once: the ORM would compile each of them anew, six times an invoice.

Values pass through the model's fields as with the ORM, so both databases and every type are served; only the compiling is
saved, and on PostgreSQL the trips: what is written together goes there in one (`benchmarks/e2e.py`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db import connection
from django.db.models import Model

Prepare = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Statement:
    sql: str
    values: list[Any]


def update(model: type[Model], changes: dict[str, Any], **where: Any) -> Statement:
    """`where` are equalities."""
    sql = _update_sql(model, tuple(changes), tuple(where))
    return Statement(sql, _values(model, changes) + _values(model, where))


def insert(model: type[Model], **values: Any) -> Statement:
    """One row, with every column that has no default of the database's."""
    return Statement(_insert_sql(model, tuple(values)), _values(model, values))


def write(*statements: Statement) -> list[int]:
    """How many rows each has changed, in their order. Outside a transaction they may be written in part."""
    if connection.vendor == "postgresql":
        return _in_one_trip(statements)
    return [_alone(statement) for statement in statements]


def _in_one_trip(statements: tuple[Statement, ...]) -> list[int]:
    """psycopg's client-side cursors, which Django uses, send several statements as one query and keep each one's result."""
    values = [value for statement in statements for value in statement.values]
    with connection.cursor() as cursor:
        cursor.execute("; ".join(statement.sql for statement in statements), values)
        changed = [int(cursor.rowcount)]
        while cursor.nextset():
            changed.append(int(cursor.rowcount))
    return changed


def _alone(statement: Statement) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement.sql, statement.values)
        return int(cursor.rowcount)


def _values(model: type[Model], named: dict[str, Any]) -> list[Any]:
    return [_prepare(model, name)(value, connection) for name, value in named.items()]


@lru_cache(maxsize=256)
def _prepare(model: type[Model], name: str) -> Prepare:
    return model._meta.get_field(name).get_db_prep_save  # type: ignore[union-attr]


@lru_cache(maxsize=256)
def _update_sql(model: type[Model], changed: tuple[str, ...], where: tuple[str, ...]) -> str:
    sets = ", ".join(f"{_column(model, name)} = %s" for name in changed)
    holds = " AND ".join(f"{_column(model, name)} = %s" for name in where)
    return f"UPDATE {_quoted(model._meta.db_table)} SET {sets} WHERE {holds}"  # noqa: S608  # names of ours


@lru_cache(maxsize=64)
def _insert_sql(model: type[Model], names: tuple[str, ...]) -> str:
    columns = ", ".join(_column(model, name) for name in names)
    places = ", ".join(["%s"] * len(names))
    return f"INSERT INTO {_quoted(model._meta.db_table)} ({columns}) VALUES ({places})"  # noqa: S608


def _column(model: type[Model], name: str) -> str:
    return _quoted(str(model._meta.get_field(name).column))  # type: ignore[union-attr]


def _quoted(name: str) -> str:
    """As both databases have it (SQL-92); names of ours have no quotes in them."""
    return f'"{name}"'
