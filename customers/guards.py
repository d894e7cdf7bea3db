"""What the database itself refuses, on SQLite and PostgreSQL: triggers, written once and made for both.

SQLite drops a table's triggers silently when a migration remakes the table, and remaking a table that another table's
trigger names fails. So all guards are dropped before migrations and made again after them (`autoinvoice_site.apps`),
and `missing()` tells when one is not there. The owner of a database can drop a trigger; that is outside the promise.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.apps import apps
from django.db.backends.base.base import BaseDatabaseWrapper

PREFIX = "guard_"


@dataclass(frozen=True, slots=True)
class Guard:
    """One refusal. `on` is what SQL says after BEFORE («UPDATE OF method»), `when` looks at OLD and NEW only and is cheap,
    `refused_if` may read other tables, `lock` is a row lock that PostgreSQL takes before it looks (SQLite has one writer)."""

    name: str
    table: str
    on: str
    message: str
    when: str = "TRUE"
    refused_if: str = "TRUE"
    lock: str = ""


def append_only(table: str, *, unless: str = "FALSE") -> tuple[Guard, ...]:
    """Rows of `table` are written once. `unless` names, over OLD, the rows that may still be completed by an UPDATE."""
    message = f"{table} is append-only"
    return (
        Guard(f"guard_{table}_update", table, "UPDATE", message, when=f"NOT ({unless})"),
        Guard(f"guard_{table}_delete", table, "DELETE", message),
    )


CUSTOMER_GUARDS = (
    Guard(
        name="guard_activation_is_final",
        table="customers_company",
        on="UPDATE OF activated_at",
        when="OLD.activated_at IS NOT NULL AND NEW.activated_at IS DISTINCT FROM OLD.activated_at",
        message="R8: an activation can not be undone or moved",
    ),
    Guard(
        name="guard_activation_leaves_two_methods",
        table="customers_company",
        on="UPDATE OF activated_at",
        when="OLD.activated_at IS NULL AND NEW.activated_at IS NOT NULL",
        refused_if="EXISTS (SELECT 1 FROM customers_customer WHERE company_id = NEW.id AND method IN ('einvoice', 'email'))",
        message="R9: a customer still has a method from before activation",
    ),
    Guard(
        name="guard_activated_company_stays",
        table="customers_company",
        on="DELETE",
        when="OLD.activated_at IS NOT NULL",
        message="R8: an activated company can not be deleted",
    ),
    # Called only for the methods from before activation: a trigger for every row made activation three times slower.
    # The share lock makes an insert wait for an activation that is under way; without it an e-mail customer slips in.
    *(
        Guard(
            name=f"guard_two_methods_on_{event.split()[0].lower()}",
            table="customers_customer",
            on=event,
            when="NEW.method NOT IN ('autoinvoice', 'self', '')",
            lock="PERFORM 1 FROM customers_company WHERE id = NEW.company_id FOR SHARE;",
            refused_if="EXISTS (SELECT 1 FROM customers_company WHERE id = NEW.company_id AND activated_at IS NOT NULL)",
            message="R9: after activation a customer has one of two methods",
        )
        for event in ("INSERT", "UPDATE OF method, company_id")
    ),
    *append_only("customers_customerchange"),
)


def all_guards() -> Iterator[Guard]:
    for config in apps.get_app_configs():
        yield from getattr(config, "guards", ())


def create(connection: BaseDatabaseWrapper) -> None:
    """Makes every guard whose table exists; safe to repeat."""
    drop(connection)
    tables = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for guard in all_guards():
            if guard.table in tables:
                for statement in _statements(guard, connection.vendor):
                    cursor.execute(statement)


def drop(connection: BaseDatabaseWrapper) -> None:
    """Takes away every guard, also those that an older release made under other names."""
    with connection.cursor() as cursor:
        for name, table in _present(connection):
            on = f' ON "{table}"' if connection.vendor == "postgresql" else ""
            cursor.execute(f'DROP TRIGGER "{name}"{on}')


def missing(connection: BaseDatabaseWrapper) -> list[str]:
    """Names of guards that should stand and don't."""
    present = {name for name, _ in _present(connection)}
    return sorted(guard.name for guard in all_guards() if guard.name not in present)


def _present(connection: BaseDatabaseWrapper) -> Iterable[tuple[str, str]]:
    query = {
        "sqlite": "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT tgname, relname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid WHERE NOT tgisinternal",
    }[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(query)
        return [(name, table) for name, table in cursor.fetchall() if name.startswith(PREFIX)]


def _statements(guard: Guard, vendor: str) -> Iterator[str]:
    if vendor == "sqlite":
        yield (
            f'CREATE TRIGGER "{guard.name}" BEFORE {guard.on} ON "{guard.table}" WHEN {guard.when} '
            f"BEGIN SELECT RAISE(ABORT, '{guard.message}') WHERE {guard.refused_if}; END"
        )
        return
    yield (
        f'CREATE OR REPLACE FUNCTION "{guard.name}"() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {guard.lock} '
        f"IF {guard.refused_if} THEN RAISE EXCEPTION '{guard.message}' USING ERRCODE = '23000'; END IF; "
        f"IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END $$"
    )
    yield (
        f'CREATE TRIGGER "{guard.name}" BEFORE {guard.on} ON "{guard.table}" '
        f'FOR EACH ROW WHEN ({guard.when}) EXECUTE FUNCTION "{guard.name}"()'
    )
    if guard.on == "DELETE":  # TRUNCATE passes by row triggers
        yield (
            f'CREATE OR REPLACE FUNCTION "{guard.name}_all"() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN '
            f"RAISE EXCEPTION '{guard.message}' USING ERRCODE = '23000'; END $$"
        )
        yield (
            f'CREATE TRIGGER "{guard.name}_all" BEFORE TRUNCATE ON "{guard.table}" '
            f'FOR EACH STATEMENT EXECUTE FUNCTION "{guard.name}_all"()'
        )
