"""What may have arrived opens no other way, whatever else happens to it, until somebody says that it did not (R32, R37)."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.conf import LazySettings
from django.db import connection
from django.utils import timezone

from customers.models import Customer
from distribution import delivery, tasks
from distribution.channels.base import Accepted, DocumentRefused, Outgoing, Temporary, Uncertain
from distribution.channels.folder import Folder
from distribution.delivery import cancel, ordering, resend, settle
from distribution.delivery.ordering import NeedsConfirmation, NotNow
from distribution.duplicates import duplicate_of_document
from distribution.files import data_of
from distribution.models import Delivery, Invoice
from distribution.states import DoubleState, Status
from tests.factories import (
    ADDRESS,
    delivery_of,
    make_company,
    make_customer,
    make_user,
    out,
    queue,
    register,
    register_customer,
    silence_register,
)
from tests.smtp_sink import Sink

pytestmark = pytest.mark.database


def einvoice() -> Delivery:
    customer = make_customer(make_company(), email="kunde@firma.test", **ADDRESS)
    register_customer(customer)
    return queue(customer)


def later(minutes: float) -> time_machine.travel:
    return time_machine.travel(timezone.now() + timedelta(minutes=minutes))


def says(error: Exception) -> Callable[[Folder, Outgoing], Accepted]:
    def send(_self: Folder, _outgoing: Outgoing) -> Accepted:
        raise error

    return send


def asked_and_not_there(monkeypatch: pytest.MonkeyPatch, minutes: float) -> Delivery:
    """Nobody knows how the call ended, and the provider, asked so much later, has not got it."""
    row = einvoice()
    with monkeypatch.context() as patch:
        patch.setattr(Folder, "send", says(Uncertain("the line broke")))
        delivery.run()
    with later(minutes):
        delivery.sweep()
    row = delivery_of(row.invoice)
    assert row.status == Status.QUEUED
    return row


@pytest.mark.django_db
def test_R32_a_call_that_may_still_be_under_way_opens_no_other_channel(monkeypatch: pytest.MonkeyPatch) -> None:
    row = asked_and_not_there(monkeypatch, 1)
    register()  # from now on he is registered nowhere

    with later(2):
        while delivery.run() + delivery.sweep():
            pass

    row = delivery_of(row.invoice)
    assert (row.status, row.channel, row.needs_person) == (Status.UNCERTAIN, "einvoice", True)
    assert out("email") == []


@pytest.mark.django_db
def test_R32_the_same_way_with_the_same_key_stays_open(monkeypatch: pytest.MonkeyPatch) -> None:
    row = asked_and_not_there(monkeypatch, 1)

    with later(2):
        delivery.run()

    again = delivery_of(row.invoice)
    assert (again.status, again.key) == (Status.ACCEPTED, row.key)


@pytest.mark.django_db
def test_R32_a_call_that_can_not_be_under_way_any_more_leaves_every_channel_open(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    row = asked_and_not_there(monkeypatch, 11)
    register()

    with later(12):
        while delivery.run() + delivery.sweep():
            pass

    assert (delivery_of(row.invoice).status, delivery_of(row.invoice).channel) == (Status.ACCEPTED, "email")


@pytest.fixture
def doubtful(smtp: Sink, settings: LazySettings) -> Delivery:
    """A mail that may have arrived, and goes again by the setting."""
    settings.EMAIL_UNCERTAIN = "resend"
    smtp.hang_up = True
    row = queue(make_customer(make_company(), email="kunde@firma.test", **ADDRESS))
    delivery.run()
    smtp.hang_up = False
    row = delivery_of(row.invoice)
    assert row.status == Status.QUEUED
    return row


def refused(monkeypatch: pytest.MonkeyPatch, row: Delivery) -> None:
    monkeypatch.setattr("distribution.channels.email.smtp.Smtp.send", says(DocumentRefused("550 no")))
    with later(1):
        delivery.run()


def temporary_for_a_day(monkeypatch: pytest.MonkeyPatch, row: Delivery) -> None:
    monkeypatch.setattr("distribution.channels.email.smtp.Smtp.send", says(Temporary("450 later")))
    for hour in range(30):
        with later(60 * hour + 1):
            delivery.run()


def nothing_left_to_send_by(monkeypatch: pytest.MonkeyPatch, row: Delivery) -> None:
    Customer.objects.update(email="", town="", changed_at=timezone.now())
    with later(1):
        delivery.run()


@pytest.mark.django_db
@pytest.mark.parametrize("happens", [refused, temporary_for_a_day, nothing_left_to_send_by])
def test_R37_what_may_have_arrived_takes_a_confirmation_whatever_happened_to_it_since(
    doubtful: Delivery, monkeypatch: pytest.MonkeyPatch, happens: Callable[[Any, Delivery], None]
) -> None:
    happens(monkeypatch, doubtful)

    row = delivery_of(doubtful.invoice)
    assert (row.status, row.needs_person) == (Status.UNCERTAIN, True)
    with pytest.raises(NeedsConfirmation):
        resend(doubtful.invoice, make_user())
    with pytest.raises(NotNow):
        resend(doubtful.invoice, make_user(), channel="print")
    settle(doubtful.invoice, make_user(), arrived=False)
    assert not delivery_of(doubtful.invoice).doubtful


@pytest.mark.django_db
def test_R37_nor_can_it_be_stopped_and_sent_anew(doubtful: Delivery) -> None:
    with pytest.raises(NotNow, match="kan ha kommet fram"):
        cancel(doubtful, make_user())


@pytest.mark.django_db
def test_R38_it_counts_as_one_that_may_have_arrived(doubtful: Delivery) -> None:
    company = doubtful.invoice.company
    double = duplicate_of_document(data_of(doubtful.invoice), company, "another")

    assert double is not None
    assert double.state == DoubleState.PERHAPS


def test_F7_one_who_settles_and_one_who_resends_at_once_make_one_delivery(
    committed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second waits at the invoice, or finds on SQLite that the first is writing, and then sees what was decided."""
    monkeypatch.setattr(Folder, "can_ask", False)
    row = einvoice()
    with monkeypatch.context() as patch:
        patch.setattr(Folder, "send", says(Uncertain("the line broke")))
        delivery.run()
    assert delivery_of(row.invoice).needs_person
    user, invoice = make_user(), Invoice.objects.get(pk=row.invoice_id)
    in_between, said = threading.Event(), []
    real = ordering._last_of

    def slowly(one: Invoice) -> Delivery:
        last = real(one)
        if threading.current_thread() is not threading.main_thread():
            in_between.set()
            threading.Event().wait(0.5)  # for the other one to come in between, if it can
        return last

    def settled() -> None:
        try:
            settle(invoice, user, arrived=False)
        except NotNow as refusal:
            said.append(refusal)
        finally:
            connection.close()

    monkeypatch.setattr(ordering, "_last_of", slowly)
    first = threading.Thread(target=settled)
    first.start()
    assert in_between.wait(30)
    try:
        resend(invoice, user, confirmed=True)
    except NotNow as refusal:
        said.append(refusal)
    first.join()

    assert Delivery.objects.filter(invoice=invoice, status=Status.QUEUED).count() == 1
    assert len(said) == 1


@pytest.mark.django_db
def test_what_is_known_of_one_is_kept_when_the_next_one_stumbles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Folder, "can_ask", False)
    rows = [einvoice() for _ in range(3)]
    register(*[(f"0192:{row.invoice.customer.org_number}", "invoice") for row in rows if row.invoice.customer])
    real, bad = delivery.sending.transport_for, str(rows[1].key)  # type: ignore[attr-defined]

    def stumbles(outgoing: Outgoing) -> str:
        if outgoing.key == bad:
            raise KeyError(outgoing.key)
        return str(real(outgoing))

    monkeypatch.setattr("distribution.delivery.sending.transport_for", stumbles)
    delivery.run()

    assert [delivery_of(row.invoice).status for row in rows] == [Status.ACCEPTED, Status.HELD, Status.ACCEPTED]


@pytest.mark.django_db
def test_T49_a_row_that_can_not_be_released_stops_neither_the_sweep_nor_the_bells(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows = [einvoice() for _ in range(3)]
    silence_register()
    for hour in range(27):
        with later(60 * hour):
            delivery.run()
    assert {delivery_of(row.invoice).status for row in rows} == {Status.HELD}
    register()
    rung: list[int] = []
    monkeypatch.setattr(tasks, "_ring", lambda bells, run_id=None: rung.append(bells))
    real, poison = delivery.sweeping.facts_of, rows[0].invoice.customer_id  # type: ignore[attr-defined]

    def stumbles(case: Any, replies: Any) -> Any:
        if case.customer.pk == poison:
            raise ValueError("poison")
        return real(case, replies)

    monkeypatch.setattr("distribution.delivery.sweeping.facts_of", stumbles)
    for minute in range(0, 60, 2):
        with later(60 * 28 + minute):
            tasks.sweep()

    assert rung
    assert [delivery_of(row.invoice).status for row in rows[1:]] == [Status.QUEUED] * 2
    assert delivery_of(rows[0].invoice).needs_person


@pytest.mark.django_db
@pytest.mark.parametrize("said", ["\x00 done \x1b[2J", "\ud800", "x" * 5000])
def test_F40_whatever_a_provider_says_when_it_is_asked_can_be_kept(said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    row, other = einvoice(), einvoice()
    register(*[(f"0192:{one.invoice.customer.org_number}", "invoice") for one in (row, other) if one.invoice.customer])
    with monkeypatch.context() as patch:
        patch.setattr(Folder, "send", says(Uncertain("the line broke")))
        delivery.run()

    def ask(_self: Folder, outgoing: Outgoing) -> Accepted:
        if outgoing.key == str(other.key):
            raise Temporary(said)
        return Accepted(reference=said, answer=said)

    monkeypatch.setattr(Folder, "ask", ask)
    with later(1):
        delivery.sweep()

    assert delivery_of(row.invoice).status == Status.ACCEPTED
    assert delivery_of(other.invoice).status == Status.UNCERTAIN
