"""«Arkiver»: out of the list and what counts it, never out of the activation, and back by himself with the next invoice."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from customers import history
from customers.models import Customer, Method
from distribution.activation import activate
from distribution.paging import PAGE
from distribution.prediction import predict
from tests.distribution.test_customer_pages import looked_up, shown
from tests.factories import ADDRESS, make_company, make_customer, queue, register_customer, take_in, ubl
from tests.test_pages import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def archived(customer: Customer) -> Customer:
    assert history.archive(customer, None)
    return customer


def counts(client: Client) -> dict[str, int]:
    return {query: number for query, _words, number in client.get("/kunder/").context["selections"]}


def test_one_click_archives_another_brings_back_and_both_are_remembered() -> None:
    company = make_company()
    customer = make_customer(company, name="Granli Eiendom")
    client, path = signed_in(company), f"/kunder/{customer.pk}/"

    client.post(f"{path}arkiver/")
    page = client.get(path).content.decode()
    assert "Hent fram igjen" in page
    assert shown(client) == []

    client.post(f"{path}hent-fram/")
    assert "Arkiver</button>" in client.get(path).content.decode()
    assert shown(client) == ["Granli Eiendom"]
    rows = customer.changes.order_by("pk").values_list("name", "before", "after", "changed_by")
    assert list(rows) == [("archived", False, True, "page"), ("archived", True, False, "page")]


def test_a_second_click_changes_and_tells_nothing_more() -> None:
    company = make_company()
    customer = make_customer(company)
    client = signed_in(company)

    for _ in range(2):
        client.post(f"/kunder/{customer.pk}/arkiver/")
    for _ in range(2):
        client.post(f"/kunder/{customer.pk}/hent-fram/")

    assert customer.changes.count() == 2


@pytest.mark.parametrize("word", ["arkiver", "hent-fram"])
def test_archiving_is_a_post(word: str) -> None:
    customer = make_customer(make_company())

    assert signed_in(customer.company).get(f"/kunder/{customer.pk}/{word}/").status_code == 405


def test_the_archived_are_in_no_list_count_file_or_worklist_but_their_own() -> None:
    company = make_company()
    register_customer(archived(make_customer(company, name="Arkivert E")))
    archived(make_customer(company, name="Arkivert M", email="m@kunde.test"))
    archived(make_customer(company, name="Arkivert P", **ADDRESS))
    archived(make_customer(company, name="Arkivert uten alt"))
    make_customer(company, name="Igjen uten alt")
    make_customer(company, name="Igjen M", email="i@kunde.test")
    client = looked_up(company)

    numbers = counts(client)
    for query, number in numbers.items():
        asked = dict([query.split("=")]) if query else {}
        assert len(shown(client, **asked)) == number, query
        assert client.get("/kunder/", asked).context["found"] == number
    assert (numbers[""], numbers["arkiverte=ja"], numbers["kanal=email"]) == (2, 4, 1)
    assert shown(client, q="uten alt") == ["Igjen uten alt"]
    assert shown(client, arkiverte="ja", q="uten alt") == ["Arkivert uten alt"]
    assert client.get("/kunder/?vis=alle").context["unreachable"] == 1
    file = b"".join(client.get("/kunder/last-ned/?format=csv")).decode()
    assert "Igjen M" in file
    assert "Arkivert" not in file


def test_the_archived_are_counted_before_their_predictions_are_made_too() -> None:
    company = make_company()
    archived(make_customer(company))
    make_customer(company)

    assert counts(signed_in(company))[""] == 1


def test_counting_and_paging_take_as_many_queries_for_many_archived_as_for_few() -> None:
    def queries(size: int) -> int:
        company = make_company()
        for _ in range(size):
            make_customer(company)
            archived(make_customer(company))
        client = looked_up(company)
        client.get("/kunder/")
        with CaptureQueriesContext(connection) as captured:
            client.get("/kunder/?arkiverte=ja")
        return len(captured)

    assert queries(2) == queries(PAGE + 5)


def test_an_archived_customer_is_not_offered_for_a_new_invoice_but_known_by_his_number() -> None:
    from distribution.invoice_form import customer_named

    company = make_company()
    away = archived(make_customer(company, name="Samme navn"))
    here = make_customer(company, name="Samme navn")
    client = signed_in(company)

    offered = client.get(f"/fakturaer/ny/kunder/{company.pk}/", {"customer": "Samme"}).content.decode()

    assert here.number in offered
    assert away.number not in offered
    assert customer_named(company, "samme navn") == here
    assert customer_named(company, away.number) == away


def test_R5_the_archived_stay_in_the_activation_list_and_in_the_activation() -> None:
    company = make_company(activated=False)
    customer = archived(make_customer(company, name="Granli Eiendom", method=Method.EMAIL))
    predict(company)

    page = signed_in(company).get("/mitt-firma/elektronisk-faktura/aktivering/").content.decode()
    activate(company, None)

    assert "Granli Eiendom" in page
    assert " · arkivert" in page
    customer.refresh_from_db()
    assert (customer.method, customer.archived) == (Method.AUTOINVOICE, True)


def test_an_invoice_brings_the_archived_back_and_the_history_says_so() -> None:
    customer = archived(make_customer(make_company(), email="kunde@kunde.test"))

    queue(customer)

    customer.refresh_from_db()
    assert not customer.archived
    assert customer.changes.order_by("pk").values_list("before", "after", "changed_by").last() == (
        True,
        False,
        "invoice",
    )


def test_the_same_invoice_once_more_leaves_the_archived_where_he_is() -> None:
    customer = make_customer(make_company(), email="kunde@kunde.test")
    content = ubl(customer)
    take_in(customer, content=content)
    archived(customer)

    take_in(customer, content=content)

    customer.refresh_from_db()
    assert customer.archived


def test_archiving_outdates_no_prediction() -> None:
    customer = make_customer(make_company(), email="kunde@kunde.test")
    predict(customer.company)

    archived(customer)

    assert not customer.company.predictions.stale().exists()


def test_one_who_came_by_hand_is_looked_at_as_he_is_now() -> None:
    """The caller read him before a colleague archived him."""
    from distribution.delivery import OpenRun
    from distribution.intake import receive

    customer = make_customer(make_company(), email="kunde@kunde.test")
    archived(Customer.objects.get(pk=customer.pk))

    receive(customer.company, ubl(customer), run=OpenRun(None, "test"), customer=customer)

    assert not Customer.objects.get(pk=customer.pk).archived
