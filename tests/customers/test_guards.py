"""What the database itself refuses (R8, R9), tried by raw SQL, by a concurrent insert, and after a migration."""

import threading
import time
from importlib import import_module
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from customers import guards
from customers.models import Company, Customer
from distribution.activation import activate
from distribution.models import Event
from tests.factories import make_company, make_customer, queue

pytestmark = pytest.mark.database


def refuses(statement: str, *values: Any) -> None:
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["email", "einvoice"])
def test_R9_raw_sql_can_not_give_a_customer_another_method(method: str) -> None:
    customer = make_customer(make_company())

    refuses("UPDATE customers_customer SET method = %s WHERE id = %s", method, customer.pk)
    refuses(
        "INSERT INTO customers_customer (company_id, number, name, kind, org_number, peppol_id, email, invoice_email, phone, language,"
        " method, electronic_only, address_line, address_line2, postcode, town, country, created_at, changed_at)"
        " SELECT company_id, 'ny', name, kind, org_number, peppol_id, email, invoice_email, phone, language,"
        " %s, electronic_only, address_line, address_line2, postcode, town, country, created_at, changed_at FROM customers_customer",
        method,
    )


@pytest.mark.django_db
def test_R9_a_customer_can_not_be_moved_in_from_a_company_before_activation() -> None:
    activated, before = make_company(), make_company(activated=False)
    customer = make_customer(before, method="email")

    refuses("UPDATE customers_customer SET company_id = %s WHERE id = %s", activated.pk, customer.pk)


@pytest.mark.django_db
def test_R8_raw_sql_can_not_undo_move_or_delete_an_activation() -> None:
    company = make_company()

    refuses("UPDATE customers_company SET activated_at = NULL WHERE id = %s", company.pk)
    refuses("UPDATE customers_company SET activated_at = created_at WHERE id = %s", company.pk)
    refuses("DELETE FROM customers_company WHERE id = %s", company.pk)
    refuses("DELETE FROM distribution_activation")
    refuses("UPDATE distribution_activation SET user_id = NULL")


@pytest.mark.django_db
def test_R9_raw_sql_can_not_activate_over_customers_with_other_methods() -> None:
    company = make_company(activated=False)
    make_customer(company, method="email")

    refuses("UPDATE customers_company SET activated_at = created_at WHERE id = %s", company.pk)


@pytest.mark.django_db
@pytest.mark.parametrize("statement", ["UPDATE distribution_event SET kind = 'held'", "DELETE FROM distribution_event"])
def test_R30_events_are_append_only(statement: str) -> None:
    queue(make_customer(make_company()))
    assert Event.objects.exists()

    refuses(statement)


@pytest.mark.django_db
def test_append_only_tables_refuse_truncate_too() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no TRUNCATE")
    refuses("TRUNCATE distribution_event")


def test_R9_an_insert_during_activation_does_not_slip_through(committed: str) -> None:
    """The insert comes while the activation has changed the customers and not committed yet."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time")
    company = make_company(activated=False)
    make_customer(company, method="email")
    outcome: list[object] = []

    def insert() -> None:
        try:
            outcome.append(make_customer(Company(pk=company.pk), method="email"))
        except IntegrityError as error:
            outcome.append(error)
        finally:
            connection.close()

    late = threading.Thread(target=insert)
    with transaction.atomic():
        activate(company, None)
        late.start()
        time.sleep(0.5)  # the insert now waits for the lock; without the lock it would be through
        assert late.is_alive()
    late.join()

    assert isinstance(outcome[0], IntegrityError)
    assert set(Customer.objects.values_list("method", flat=True)) == {"autoinvoice"}


def test_guards_stand_after_a_migration_that_alters_the_guarded_tables(committed: str, settings: LazySettings) -> None:
    company = make_company()
    make_customer(company)
    settings.MIGRATION_MODULES = {"customers": "tests.customers.altered"}
    names = {guard.name for guard in guards.all_guards()}

    call_command("migrate", "customers", verbosity=0)

    assert import_module("tests.customers.altered.0999_altered")
    assert guards.missing(connection) == []
    assert names
    refuses("UPDATE customers_company SET activated_at = NULL")
    refuses("UPDATE customers_customer SET method = 'email'")


@pytest.mark.django_db
def test_a_missing_guard_is_noticed() -> None:
    with connection.cursor() as cursor:
        on = " ON customers_company" if connection.vendor == "postgresql" else ""
        cursor.execute(f"DROP TRIGGER guard_activation_is_final{on}")

    assert guards.missing(connection) == ["guard_activation_is_final"]
