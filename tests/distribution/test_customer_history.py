"""«Endringer» of a customer: who, when, field, before, after, in words, kept for good."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from customers import history
from customers.models import ChangedBy, Customer, CustomerChange, Method, User
from distribution.activation import activate
from distribution.views.changes import SHOWN_CHANGES
from tests.distribution.test_customer_pages import filled_in
from tests.factories import make_company, make_customer, make_user, org_number, take_in
from tests.test_pages import signed_in

pytestmark = pytest.mark.django_db


def edited(client: Client, customer: Customer, **typed: Any) -> None:
    path = f"/kunder/{customer.pk}/rediger/"
    assert client.post(path, filled_in(client, path, **typed)).status_code == 302


def rows_of(customer: Customer) -> list[tuple[str, Any, Any, str]]:
    return list(customer.changes.order_by("pk").values_list("name", "before", "after", "changed_by"))


def shown(client: Client, customer: Customer) -> list[tuple[str, str, str]]:
    changes = client.get(f"/kunder/{customer.pk}/").context["changes"]
    return [(change.what, change.before, change.after) for change in changes]


def test_an_edit_leaves_a_row_for_each_field_that_differs_and_who_did_it() -> None:
    company = make_company()
    customer = make_customer(company, email="gammel@kunde.test", phone="90000000")
    client = signed_in(company)

    edited(client, customer, email="ny@kunde.test", electronic_only="on")

    assert rows_of(customer) == [
        ("email", "gammel@kunde.test", "ny@kunde.test", "page"),
        ("electronic_only", False, True, "page"),
    ]
    assert {change.user for change in customer.changes.all()} == set(User.objects.filter(companies=company))


def test_what_is_refused_or_unchanged_leaves_nothing() -> None:
    company = make_company()
    customer = make_customer(company)
    client, path = signed_in(company), f"/kunder/{customer.pk}/rediger/"

    assert client.post(path, filled_in(client, path, email="feil")).status_code == 422
    edited(client, customer)

    assert rows_of(customer) == []


def test_the_page_names_fields_and_choices_in_words_newest_first() -> None:
    company = make_company()
    parent = make_customer(company, number="100")
    customer = make_customer(company)
    client = signed_in(company)
    edited(client, customer, method=Method.SELF, kind="private")
    edited(client, customer, parent=parent.number, electronic_only="on")

    assert shown(client, customer) == [
        ("Hovedkunde", "", "100"),
        ("Kun elektronisk faktura", "Nei", "Ja"),
        (
            "Distribusjonsmåte",
            "Automatisk utsendelse (Visma AutoInvoice)",
            "Ikke send, jeg ordner det selv (e-post til bruker)",
        ),
        ("Type", "Bedrift", "Privatperson"),
    ]


def test_a_new_customer_is_told_of_with_who_made_him() -> None:
    company = make_company()
    client = signed_in(company)
    typed = filled_in(client, "/kunder/ny/", number="7", name="Ny Kunde AS")

    client.post("/kunder/ny/", typed)

    customer = company.customers.get()
    assert shown(client, customer) == [("Kunden ble opprettet", "", "")]
    assert customer.changes.get().user is not None


def test_an_import_leaves_the_same_in_as_many_statements_for_many_as_for_few() -> None:
    def statements(size: int) -> int:
        company = make_company()
        for number in range(size):
            make_customer(company, number=str(number), town="Oslo")
        client = signed_in(company)
        lines = "".join(f"{number};Ås\n" for number in range(size))
        file = SimpleUploadedFile("kunder.csv", f"Kundenummer;Poststed\n{lines}".encode())
        preview = client.post("/kunder/importer/", {"fil": file})
        with CaptureQueriesContext(connection) as captured:
            client.post("/kunder/importer/utfor/", {"fil": preview.context["sha256"]})
        for customer in company.customers.all():
            assert rows_of(customer) == [("town", "Oslo", "Ås", "import")]
        return len([query for query in captured if "customerchange" in query["sql"]])

    assert statements(2) == statements(30) == 1


def test_R7_what_the_activation_did_stands_among_them() -> None:
    admin = make_user()
    company = make_company(activated=False, admin=admin)
    customer, unchanged = make_customer(company, method=Method.EMAIL), make_customer(company, method=Method.SELF)
    activate(company, admin)
    client = signed_in(company)

    assert shown(client, customer) == [("Distribusjonsmåte", "E-post", "Automatisk utsendelse (Visma AutoInvoice)")]
    assert shown(client, unchanged) == []
    assert client.get(f"/kunder/{customer.pk}/").context["changes"][0].who == admin


def test_the_page_shows_the_newest_fifty_in_as_many_queries_as_one() -> None:
    company = make_company()
    client = signed_in(company)

    def queries(customer: Customer, size: int) -> int:
        user = make_user()
        for number in range(size):
            CustomerChange.objects.create(customer=customer, user=user, name="town", before="", after=str(number))
        client.get(f"/kunder/{customer.pk}/")
        with CaptureQueriesContext(connection) as captured:
            rows = shown(client, customer)
        assert rows[0][2] == str(size - 1)
        assert len(rows) == min(size, SHOWN_CHANGES)
        return len(captured)

    assert queries(make_customer(company), 1) == queries(make_customer(company), SHOWN_CHANGES + 5)


@pytest.mark.database
@pytest.mark.parametrize(
    "statement", ["UPDATE customers_customerchange SET name = 'x'", "DELETE FROM customers_customerchange"]
)
def test_the_database_refuses_to_change_what_is_written(statement: str) -> None:
    assert history.archive(make_customer(make_company()), None)

    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.database
def test_the_history_outlives_the_customer() -> None:
    customer = make_customer(make_company())
    history.archive(customer, None)

    Customer.objects.filter(pk=customer.pk).delete()

    assert CustomerChange.objects.exists()


def test_a_customer_that_came_with_an_invoice_says_so() -> None:
    company = make_company()
    draft = Customer(company=company, number="77", name="Ny Kunde AS", org_number=org_number(39_000_000))

    invoice = take_in(draft).invoice

    assert invoice.customer_id is not None
    change = CustomerChange.objects.get(customer_id=invoice.customer_id)
    assert (change.changed_by, change.after) == (ChangedBy.INVOICE, True)
