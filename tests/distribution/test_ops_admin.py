"""The admin for ops: lists to read, and two orders that go the way of a user's own."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from customers.models import Customer, User
from distribution import delivery
from distribution.models import Attempt, Delivery, Event, Worker
from tests.factories import ADDRESS, delivery_of, kinds, make_company, make_customer, make_user, queue

pytestmark = pytest.mark.django_db
ROWS = "/admin/distribution/delivery/"


@pytest.fixture
def ops() -> User:
    return make_user(is_staff=True, is_superuser=True)


@pytest.fixture
def client(ops: User) -> Client:
    client = Client()
    client.force_login(ops)
    return client


def ran(customer: Customer) -> Delivery:
    """An invoice to this customer, as far as it goes."""
    row = queue(customer)
    while delivery.run():
        pass
    return delivery_of(row.invoice)


def held() -> Delivery:
    return ran(make_customer(make_company()))


def sent() -> Delivery:
    return ran(make_customer(make_company(), email="kunde@firma.test", **ADDRESS))


def order(client: Client, action: str, *rows: Delivery) -> list[str]:
    answer = client.post(ROWS, {"action": action, "_selected_action": [row.pk for row in rows]}, follow=True)
    return [str(message) for message in answer.context["messages"]]


def test_ops_release_what_is_held_and_are_named_on_its_timeline(client: Client, ops: User) -> None:
    row = held()
    assert row.invoice.customer is not None
    Customer.objects.filter(pk=row.invoice.customer.pk).update(email="ny@firma.test")

    said = order(client, "release", row)

    assert said == ["1 faktura er lagt i kø."]
    assert delivery_of(row.invoice).status == "queued"
    assert Event.objects.get(invoice=row.invoice, kind="released").user == ops


def test_ops_try_again_what_failed_as_a_new_delivery(client: Client, ops: User) -> None:
    row = sent()
    Delivery.objects.filter(pk=row.pk).update(status="failed")

    assert order(client, "try_again", row) == ["1 faktura er lagt i kø."]

    again = delivery_of(row.invoice)
    assert (again.pk != row.pk, again.status) == (True, "queued")
    assert Event.objects.get(delivery=again, kind="queued").user == ops


def test_what_did_not_go_is_counted_with_its_reason_and_stays_as_it_was(client: Client) -> None:
    first, second, waits = sent(), sent(), held()

    said = order(client, "release", first, second, waits)

    assert said == ["1 faktura er lagt i kø.", "2 fakturaer gikk ikke: Den er tatt imot."]
    assert [delivery_of(row.invoice).pk for row in (first, second)] == [first.pk, second.pk]
    assert order(client, "try_again", waits) == ["1 faktura gikk ikke: Den er i kø."]


def test_no_double_is_ordered_in_bulk(client: Client) -> None:
    """A failed one that may have arrived, a used number, an older delivery: each is for a person on its own page."""
    doubtful, used, older = sent(), held(), sent()
    Delivery.objects.filter(pk=doubtful.pk).update(status="failed", doubtful=True)
    reasons = [{"code": "duplicate", "facts": {"document": "invoice", "number": "1", "invoice": older.invoice_id}}]
    Delivery.objects.filter(pk=used.pk).update(reasons=reasons)
    delivery.resend(older.invoice, None, confirmed=True)
    Delivery.objects.filter(pk=older.pk).update(status="failed")
    before = [kinds(row.invoice) for row in (doubtful, used, older)]

    said = order(client, "try_again", doubtful, older) + order(client, "release", used)

    assert len(said) == 3
    assert "kan være sendt" in " ".join(said)
    assert "nyere utsendelse" in " ".join(said)
    assert "Nummeret er brukt" in " ".join(said)
    assert [kinds(row.invoice) for row in (doubtful, used, older)] == before


def test_only_staff_may_order() -> None:
    client, row = Client(), held()
    client.force_login(make_user())

    answer = client.post(ROWS, {"action": "release", "_selected_action": [row.pk]})

    assert answer.status_code == 302
    assert delivery_of(row.invoice).status == "held"


@pytest.mark.parametrize(
    ("page", "query", "field", "model"),
    [
        ("delivery", "company__id__exact", "created_at", Delivery),
        ("attempt", "delivery__company__id__exact", "started_at", Attempt),
        ("event", "invoice__company__id__exact", "at", Event),
    ],
)
def test_lists_are_filtered_by_company_and_by_age(
    client: Client, page: str, query: str, field: str, model: Any
) -> None:
    row, _other = sent(), sent()
    address = f"/admin/distribution/{page}/"
    everything = client.get(address).context["cl"].result_count

    one = client.get(f"{address}?{query}={row.company_id}").context["cl"].result_count
    young = client.get(f"{address}?eldre_enn=24").context["cl"].result_count
    statuses = {"delivery": "status__exact=held", "attempt": "outcome__exact=temporary", "event": "status__exact=held"}

    assert 0 < one < everything
    assert young == 0
    assert client.get(f"{address}?{statuses[page]}").context["cl"].result_count == 0
    assert client.get(f"{address}add/").status_code == 403
    if model is Delivery:  # the others are append-only
        model.objects.filter(pk=row.pk).update(**{field: timezone.now() - timedelta(days=2)})
        assert client.get(f"{address}?eldre_enn=24").context["cl"].result_count == 1


@pytest.mark.parametrize("page", ["delivery", "attempt", "event"])
def test_a_list_takes_as_many_queries_for_many_rows_as_for_few(client: Client, page: str) -> None:
    company, counts = make_company(), []
    for number in (1, 5):
        for _ in range(number):
            ran(make_customer(company, email="kunde@firma.test"))
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"/admin/distribution/{page}/").status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_worker_shows_how_long_it_has_been_silent(client: Client) -> None:
    Worker.objects.create(name="frisk")
    Worker.objects.create(name="taus", seen_at=timezone.now() - timedelta(hours=3))

    words = client.get("/admin/distribution/worker/").content.decode()

    assert words.index("frisk") < words.index("taus")
    assert "3\u00a0timer" in words
    assert words.count("icon-yes") == words.count("icon-no") == 1
