"""The list of what is missing is worked off where it stands: a row, its fields, one button."""

from typing import Any

import pytest
from django.test import Client

from customers.models import Customer, Method
from tests.distribution.test_customer_pages import looked_up
from tests.factories import ADDRESS, make_company, make_customer

pytestmark = pytest.mark.django_db
LIST = "/kunder/?mangler=epost"


def fields_of(client: Client, path: str = LIST) -> list[tuple[str, ...]]:
    return [row["filling"].names if row["filling"] else () for row in client.get(path).context["rows"]]


def filled(client: Client, customer: Customer, path: str = LIST, htmx: bool = False, **typed: str) -> Any:
    """What the row's own form would post, and where."""
    (row,) = [row for row in client.get(path).context["rows"] if row["customer"] == customer]
    data = {**dict.fromkeys(row["filling"].names, ""), "made_of": row["filling"].form.initial["made_of"], **typed}
    headers = {"HX-Request": "true"} if htmx else {}
    return client.post(f"/kunder/{customer.pk}/fyll-inn/?mangler=epost", data, headers=headers)


def test_with_the_filter_on_each_row_offers_what_it_lacks_and_no_more() -> None:
    company = make_company()
    make_customer(company, name="A begge")
    make_customer(company, name="B e-post", **ADDRESS)
    make_customer(company, name="C intet", email="c@kunde.test", **ADDRESS)
    client = looked_up(company)

    assert fields_of(client) == [("email", "address_line", "postcode", "town"), ("email",)]
    assert fields_of(client, "/kunder/?vis=alle") == [(), (), ()]


def test_one_row_is_saved_and_the_same_list_comes_back_without_it() -> None:
    company = make_company()
    customer, other = make_customer(company, phone="90000000"), make_customer(company)
    client = looked_up(company)

    answer = filled(client, customer, email="post@kunde.test")

    assert (answer.status_code, answer["Location"]) == (302, LIST)
    customer.refresh_from_db()
    assert (customer.email, customer.phone) == ("post@kunde.test", "90000000")
    assert list(customer.changes.values_list("name", "after")) == [("email", "post@kunde.test")]
    page = client.get(LIST)
    assert [row["customer"] for row in page.context["rows"]] == [other]
    assert customer.name in page.content.decode()  # «… er lagret.»


def test_an_error_stands_at_its_field_in_the_list_and_what_was_typed_is_kept() -> None:
    company = make_company()
    customer = make_customer(company)
    other = make_customer(company)
    client = looked_up(company)

    answer = filled(client, customer, email="ikke en adresse", town="Oslo")

    page = answer.content.decode()
    assert answer.status_code == 422
    assert f'id="id_{customer.pk}_email_error"' in page
    assert 'value="ikke en adresse"' in page
    assert 'value="Oslo"' in page
    assert f'id="kunde-{other.pk}"' in page
    assert 'href="?' not in page  # the page stands at the address of the row; its links lead to the list
    customer.refresh_from_db()
    assert (customer.email, customer.town) == ("", "")


@pytest.mark.parametrize(("email", "status"), [("post@kunde.test", 200), ("ikke en adresse", 422)])
def test_htmx_gets_the_row_alone(email: str, status: int) -> None:
    company = make_company()
    customer = make_customer(company)
    client = looked_up(company)

    answer = filled(client, customer, email=email, htmx=True)

    page = answer.content.decode()
    assert answer.status_code == status
    assert page.strip().startswith(f'<tr id="kunde-{customer.pk}">')
    assert "<html" not in page
    assert ("Lagret" in page) == (status == 200)


def test_nothing_but_what_can_be_missing_is_read() -> None:
    company = make_company()
    customer = make_customer(company)
    client = looked_up(company)

    filled(client, customer, email="post@kunde.test", method=Method.SELF, name="Annet navn", electronic_only="on")

    now = Customer.objects.get(pk=customer.pk)
    assert (now.name, now.method, now.electronic_only) == (customer.name, Method.AUTOINVOICE, False)


def test_a_branch_keeps_its_parent_and_its_empty_method() -> None:
    company = make_company()
    parent = make_customer(company, name="A")
    branch = make_customer(company, name="B", parent=parent, method="", electronic_only=False)
    client = looked_up(company)

    assert filled(client, branch, email="post@kunde.test").status_code == 302

    now = Customer.objects.get(pk=branch.pk)
    assert (now.parent, now.method, now.email) == (parent, "", "post@kunde.test")


def test_a_colleagues_change_in_between_is_told_and_not_written_over() -> None:
    company = make_company()
    customer = make_customer(company)
    client = looked_up(company)

    answer = filled(client, customer, email="min@kunde.test", made_of="foer")

    assert answer.status_code == 409
    page = answer.content.decode()
    assert "Noen andre har endret kunden mens du skrev." in page
    assert 'value="min@kunde.test"' in page
    customer.refresh_from_db()
    assert customer.email == ""
