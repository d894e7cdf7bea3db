"""A lookup on its way into a delivery: an outage never sends anything another way, and a real «no» never holds anything up."""

import time
from datetime import timedelta

import pytest
import time_machine
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from customers.models import Customer
from distribution import delivery
from distribution.documents.invoice import DocumentType
from distribution.models import Delivery, Lookup
from distribution.prediction import check
from distribution.reasons import in_words
from distribution.registers.peppol import register as timing
from distribution.routing import Route, Wait
from distribution.states import Status
from tests.distribution.registers.test_peppol import NOT_REGISTERED, UNKNOWN, failing
from tests.factories import ADDRESS, delivery_of, make_company, make_customer, make_user, out, queue
from tests.fake_peppol import Peppol

pytestmark = pytest.mark.django_db


@pytest.fixture
def customer() -> Customer:
    """Who could be reached in every way."""
    return make_customer(make_company(), email="kunde@firma.test", **ADDRESS)


def peppol_id(customer: Customer) -> str:
    return f"0192:{customer.org_number}"


def work(row: Delivery) -> Delivery:
    while delivery.run() + delivery.sweep():
        pass
    return delivery_of(row.invoice)


@pytest.mark.parametrize("fault", UNKNOWN)
def test_T11_F23_an_outage_makes_it_wait_and_after_it_it_goes_as_einvoice(
    peppol: Peppol, customer: Customer, fault: str
) -> None:
    peppol.register(peppol_id(customer))
    with failing(peppol, fault):
        row = work(queue(customer))
    assert (row.status, row.channel, out()) == (Status.QUEUED, "", [])
    assert "svarte ikke sikkert" in in_words(row.reasons)

    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        row = work(row)
    assert (row.status, row.channel) == (Status.ACCEPTED, "einvoice")
    assert len(out()) == 1


@pytest.mark.parametrize("fault", NOT_REGISTERED)
def test_a_sure_no_goes_the_next_way_and_the_timeline_has_the_reason(
    peppol: Peppol, customer: Customer, fault: str
) -> None:
    peppol.register(peppol_id(customer))
    peppol.fail(fault)
    row = work(queue(customer))
    assert (row.status, row.channel) == (Status.ACCEPTED, "email")
    assert NOT_REGISTERED[fault] in in_words(row.reasons)


def test_R25_silent_for_a_day_is_held_and_released_by_the_first_answer(peppol: Peppol, customer: Customer) -> None:
    peppol.register(peppol_id(customer))
    peppol.fail("servfail")
    row, start = queue(customer), timezone.now()
    for hour in range(26):
        with time_machine.travel(start + timedelta(hours=hour)):
            row = work(row)
    assert (row.status, out()) == (Status.HELD, [])
    peppol.fail("")
    with time_machine.travel(start + timedelta(hours=27)):
        assert work(row).channel == "einvoice"


def test_T10_F24_the_invoice_goes_as_einvoice_and_the_credit_note_by_email(peppol: Peppol, customer: Customer) -> None:
    peppol.register(peppol_id(customer), "invoice")
    assert work(queue(customer)).channel == "einvoice"
    credit = work(queue(customer, kind=DocumentType.CREDIT_NOTE))
    assert credit.channel == "email"
    assert "kreditnota" in in_words(credit.reasons)


def test_T12_F27_a_participant_of_mixed_case(peppol: Peppol) -> None:
    customer = make_customer(make_company(), org_number="", peppol_id="9930:de123456789", email="kunde@firma.test")
    peppol.register("9930:DE123456789")
    peppol.fail("mixed_case")
    assert work(queue(customer)).channel == "einvoice"


def test_T13_F25_in_the_test_network_only(peppol: Peppol, customer: Customer) -> None:
    peppol.test_network.add(peppol_id(customer))
    assert work(queue(customer)).channel == "email"


def test_F26_who_is_entered_without_an_endpoint_can_not_receive(peppol: Peppol, customer: Customer) -> None:
    peppol.register(peppol_id(customer))
    peppol.fail("no_endpoint")
    assert work(queue(customer)).channel == "email"


def test_F28_who_leaves_or_joins_after_the_preview_is_asked_about_again(peppol: Peppol, customer: Customer) -> None:
    peppol.register(peppol_id(customer))
    assert isinstance(check(customer), Route)
    del peppol.documents[peppol_id(customer)]
    assert work(queue(customer)).channel == "email"
    peppol.register(peppol_id(customer))
    assert work(queue(customer)).channel == "einvoice"


def test_P5_an_outage_changes_no_customer_and_no_kept_answer(peppol: Peppol, customer: Customer) -> None:
    peppol.register(peppol_id(customer))
    work(queue(customer))
    before = Customer.objects.filter(pk=customer.pk).values().get()
    kept = Lookup.objects.values("answer", "reason", "asked_at", "changed_at").get()
    for fault in ("servfail", "http_503", "tampered"):
        peppol.fail(fault)
        assert isinstance(check(customer), Wait)
        work(queue(customer))
    assert Customer.objects.filter(pk=customer.pk).values().get() == before
    assert Lookup.objects.values("answer", "reason", "asked_at", "changed_at").get() == kept


def test_a_chunk_with_silent_smps_goes_on_for_the_others_within_its_lease(
    peppol: Peppol, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timing, "SECONDS", 3.0)
    company = make_company()
    customers = [make_customer(company, email="kunde@firma.test") for _ in range(40)]
    for number, customer in enumerate(customers):
        peppol.register(peppol_id(customer))
        if number % 4 == 0:
            peppol.fail("hang", of=peppol_id(customer))
    rows = [queue(customer) for customer in customers]
    started = time.monotonic()
    while delivery.run():
        pass
    assert time.monotonic() - started < settings.LEASE_SECONDS / 2
    now = [delivery_of(row.invoice) for row in rows]
    assert [row.status for row in now[::4]] == [Status.QUEUED] * 10
    assert sum(row.channel == "einvoice" for row in now) == 30
    assert len(out()) == 30


def test_a_lookup_that_takes_longer_than_the_lease_allows_is_left_behind(
    peppol: Peppol, settings: LazySettings, customer: Customer
) -> None:
    settings.LEASE_SECONDS = 8  # of which the registers have one second
    peppol.register(peppol_id(customer))
    peppol.fail("hang")
    row = queue(customer)
    started = time.monotonic()
    delivery.run()
    assert time.monotonic() - started < timing.SECONDS - 1
    row = delivery_of(row.invoice)
    assert (row.status, out()) == (Status.QUEUED, [])
    assert "time-out" in in_words(row.reasons)


def test_check_now_on_the_customers_page(peppol: Peppol, client: Client) -> None:
    user = make_user()
    company = make_company(admin=user)
    customer = make_customer(company, email="kunde@firma.test")
    client.force_login(user)
    peppol.register(peppol_id(customer))
    page = reverse("check-customer", args=[customer.pk])
    client.post(page)
    assert Lookup.objects.get().answer == "registered"
    peppol.fail("wrong_profile")
    said = client.post(page, follow=True).content.decode()
    assert Lookup.objects.get().answer == "not_registered"
    assert "no endpoint with peppol-transport-as4-v2_0" in said
