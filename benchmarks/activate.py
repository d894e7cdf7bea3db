"""How long a company's one-way activation takes: the real `activate()`, with its history and its guards, in one transaction.

    python -m benchmarks.activate [--customers 1000000] [--rounds 3]

Beside it, on the same server, what the ORM does by the book: a copy of the customers' table (`LIKE … INCLUDING ALL`: columns,
indexes, checks), and one UPDATE of the method. `ratio` is ours by that one. `ratio_same_room` is ours by the same UPDATE on a
copy whose pages have the room that ours have, which LIKE does not take over. Each round has a database of its own, the sides
go first in turn, and the medians count.
"""

import argparse
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import common

if TYPE_CHECKING:
    from customers.models import Company

SMALL = 100_000
GOALS = {"ratio": 1.5, "sqlite_100k_s": 1.0, "postgres_100k_s": 1.0}
GROWS_BY = 30  # MB at most; a million rows that passed through the process would take hundreds
COLUMNS = (
    "company_id, number, name, kind, org_number, peppol_id, email, invoice_email, phone, language, method, electronic_only, "
    "address_line, address_line2, postcode, town, country, created_at, changed_at"
)


def main() -> None:
    asked = arguments()
    if asked.on:
        common.finish(**one_round(asked.on, asked.customers, plain_first=asked.plain_first))
    else:
        all_rounds(asked.customers, asked.rounds)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--on", choices=common.KINDS, help=argparse.SUPPRESS)
    parser.add_argument("--plain-first", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


def all_rounds(customers: int, rounds: int) -> None:
    small = {kind: medians(kind, SMALL, rounds) for kind in common.KINDS}
    large = {kind: medians(kind, customers, rounds) for kind in common.KINDS}
    ours, plain = large[common.POSTGRES]["activate_s"], large[common.POSTGRES]["plain_s"]
    facts = {
        "postgres_s": ours,
        "sqlite_s": large[common.SQLITE]["activate_s"],
        "plain_update_s": plain,
        "ratio": round(ours / plain, 2),
        "ratio_same_room": round(ours / large[common.POSTGRES]["roomy_s"], 2),
        "sqlite_100k_s": small[common.SQLITE]["activate_s"],
        "postgres_100k_s": small[common.POSTGRES]["activate_s"],
        "peak_mb": max(one["peak_mb"] for one in large.values()),
    }
    common.finish(**facts)
    grown = max(one["grown_mb"] for one in large.values())
    sys.exit(grown > GROWS_BY or any(facts[name] > goal for name, goal in GOALS.items()))


def medians(kind: str, customers: int, rounds: int) -> dict[str, float]:
    words = ["--on", kind, "--customers", str(customers)]
    said = [
        common.in_a_process("benchmarks.activate", *words, *(["--plain-first"] if number % 2 else []))
        for number in range(rounds)
    ]
    names = ("activate_s", "plain_s", "roomy_s", "peak_mb", "grown_mb")
    return {name: statistics.median(one[name] for one in said) for name in names}


def one_round(kind: str, customers: int, *, plain_first: bool) -> dict[str, Any]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="autoinvoice-activate-")))
        common.set_up(stack.enter_context(common.database(kind, folder)), folder)
        company = company_with(customers)
        copy_the_table("plain_customer")
        copy_the_table("roomy_customer", room=60)
        before, taken = peak_mb(), {}
        sides = [
            ("plain_s", lambda: plain_update("plain_customer")),
            ("activate_s", lambda: by_activate(company)),
            ("roomy_s", lambda: plain_update("roomy_customer")),
        ]
        for name, work in sides if plain_first else reversed(sides):
            settle()
            taken[name] = round(seconds(work), 3)
        check(company, customers)
        return {"on": kind, "customers": customers, **taken, "peak_mb": peak_mb(), "grown_mb": peak_mb() - before}


def company_with(customers: int) -> "Company":
    """Half on e-mail, a third by electronic invoice, the rest by hand."""
    from django.db import connection

    from tests.factories import make_company

    company = make_company(activated=False)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO customers_customer ({COLUMNS})
            WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < %s)
            SELECT %s, CAST(n AS text), 'Kunde ' || n || ' AS', 'business', '', '', 'kunde' || n || '@firma.test', '', '', 'nb',
                   CASE n %% 6 WHEN 0 THEN 'self' WHEN 1 THEN 'einvoice' WHEN 2 THEN 'einvoice' ELSE 'email' END,
                   %s, 'Storgata ' || n, '', '0155', 'Oslo', 'NO', CURRENT_TIMESTAMP, CURRENT_TIMESTAMP FROM numbers
            """,  # noqa: S608  # names of ours
            [customers, company.pk, False],
        )
    return company


def copy_the_table(name: str, room: int = 100) -> None:
    """With all of its columns, indexes and checks, and without triggers; `room` is PostgreSQL's fillfactor."""
    from django.db import connection

    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"CREATE TABLE {name} (LIKE customers_customer INCLUDING ALL) WITH (fillfactor = {room})")
        else:
            cursor.execute(
                "SELECT name, sql FROM sqlite_master WHERE tbl_name = 'customers_customer' AND type <> 'trigger'"
            )
            for old, sql in sorted(cursor.fetchall(), key=lambda row: row[0] != "customers_customer"):
                if sql:
                    cursor.execute(
                        sql.replace('"customers_customer"', f'"{name}"').replace(f'"{old}"', f'"{name}_{old}"')
                    )
        cursor.execute(f"INSERT INTO {name} SELECT * FROM customers_customer")  # noqa: S608  # names of ours


def settle() -> None:
    """Neither side pays for what was written before it."""
    from django.db import connection

    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("VACUUM ANALYZE")
            cursor.execute("CHECKPOINT")
        else:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def plain_update(table: str) -> None:
    """As the ORM does it by the book."""
    from django.db import models, transaction

    from customers.models import Method

    facts = {"app_label": "customers", "db_table": table, "managed": False}
    named = {"__module__": __name__, "method": models.CharField(max_length=12), "Meta": type("Meta", (), facts)}
    plain: Any = type(f"Copy_{table}", (models.Model,), named)
    with transaction.atomic():
        plain.objects.filter(method__in=[Method.EMAIL, Method.EINVOICE]).update(method=Method.AUTOINVOICE)


def by_activate(company: "Company") -> None:
    from distribution.activation import activate

    if not activate(company, None).first:
        raise RuntimeError("it was activated before")


def check(company: "Company", customers: int) -> None:
    """A figure of what was not done is worth nothing."""
    from customers.models import Method
    from distribution.models import MethodChange

    changed = company.customers.filter(method=Method.AUTOINVOICE).count()
    if MethodChange.objects.count() != customers or changed != customers - customers // 6:
        raise RuntimeError("not what an activation does")


def seconds(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def peak_mb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    main()
