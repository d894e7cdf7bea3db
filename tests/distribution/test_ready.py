"""R24: what was missing has been filled in, and a person is offered to send what can go now."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from customers.models import Company, Customer
from distribution import delivery
from distribution.models import Delivery
from distribution.prediction import predict
from distribution.ready import ready
from distribution.states import ChannelName, Status
from tests.distribution.test_overview_pages import held, make, run_all, signed_in, text_of
from tests.factories import delivery_of, make_company, take_in

pytestmark = pytest.mark.django_db
PAGE, SEND = "/utsendelser/oppgaver/", "/utsendelser/oppgaver/send/"


def fill_in(customer: Customer | None) -> None:
    assert customer is not None
    Customer.objects.filter(pk=customer.pk).update(email="ny@kunde.test", changed_at=timezone.now())
    predict(customer.company, Customer.objects.filter(pk=customer.pk))


def shown(company: Company) -> dict[str, list[int]]:
    return {"kan": [row.pk for row in ready([company])]}


def press(client: Client, company: Company) -> Any:
    return client.post(SEND, shown(company))


def test_what_can_go_now_is_offered_and_goes_only_when_asked() -> None:
    company = make_company()
    mended, still_missing = held(company), held(company)
    client = signed_in(company)
    assert "som nå kan gå" not in text_of(client, PAGE)

    fill_in(mended.customer)
    run_all()
    delivery.sweep()

    assert delivery_of(mended).status == Status.HELD  # nothing held goes by itself
    assert "Send den som nå kan gå" in text_of(client, PAGE)
    assert press(client, company).status_code == 302
    run_all()
    sent = delivery_of(mended)
    assert (sent.status, sent.channel) == (Status.ACCEPTED, ChannelName.EMAIL)
    assert delivery_of(still_missing).status == Status.HELD
    assert "som nå kan gå" not in text_of(client, PAGE)


def test_pressed_twice_it_goes_once() -> None:
    company = make_company()
    invoice = held(company)
    fill_in(invoice.customer)
    client = signed_in(company)

    seen = shown(company)
    for _press in range(2):
        client.post(SEND, seen)
    run_all()

    assert Delivery.objects.filter(invoice=invoice, status=Status.ACCEPTED).count() == 1


def test_a_number_used_before_and_a_fault_of_ours_stay_held() -> None:
    company = make_company()
    faulty, doubled = held(company), held(company)
    make(faulty, reasons=[{"code": "internal_error", "facts": {"error": "KeyError"}}])
    for invoice in (faulty, doubled):
        fill_in(invoice.customer)
    assert doubled.customer is not None
    make(doubled, reasons=[])
    other = take_in(doubled.customer, number=doubled.number, days=15).invoice
    run_all()
    assert delivery_of(other).status == Status.ACCEPTED

    assert ready([company]) == []


def test_only_ones_own_companies_are_sent() -> None:
    mine, also_mine, foreign = make_company(), make_company(), make_company()
    invoices = [held(company) for company in (mine, also_mine, foreign)]
    for invoice in invoices:
        fill_in(invoice.customer)

    client = signed_in(mine, also_mine)
    client.post(SEND)
    client.post(SEND, shown(foreign))
    assert [delivery_of(invoice).status for invoice in invoices] == [Status.HELD, Status.HELD, Status.HELD]
    press(client, mine)  # what he saw, whichever company he has gone to meanwhile
    assert [delivery_of(invoice).status for invoice in invoices] == [Status.QUEUED, Status.HELD, Status.HELD]
    press(client, also_mine)
    assert [delivery_of(invoice).status for invoice in invoices] == [Status.QUEUED, Status.QUEUED, Status.HELD]


def test_what_lacks_something_leads_to_the_customer_and_back() -> None:
    invoice = held(make_company())

    page = text_of(signed_in(invoice.company), PAGE)

    assert f'href="/kunder/{invoice.customer_id}/rediger/?neste=/utsendelser/oppgaver/"' in page
    assert "Fyll ut kunden" in page


def test_looking_costs_the_same_however_many_are_held() -> None:
    assert queries_with(2) == queries_with(12)


def queries_with(number: int) -> int:
    company = make_company()
    for _one in range(number):
        fill_in(held(company).customer)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert len(ready([company])) == number
    return len(asked)
