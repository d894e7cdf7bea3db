"""The engine against a provider on a real socket: each fault, and what becomes of the invoice (T40-T43, T46-T50, T52, T53)."""

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.client import HTTPConnection

import pytest
import time_machine
from django.conf import LazySettings
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from distribution import delivery, frozen, tasks
from distribution.channels import registry
from distribution.delivery import OpenRun, resend
from distribution.delivery.preparing import Departure, prepare
from distribution.facts import Case
from distribution.models import Attempt, Delivery, Invoice
from distribution.report import balances, report
from distribution.routing import Facts, Route
from distribution.states import Status
from tests.factories import (
    ADDRESS,
    delivery_of,
    make_company,
    make_customer,
    make_user,
    queue,
    register_customer,
    take_in,
)
from tests.fake_provider import Remote, running
from tests.fake_transport import URL

pytestmark = pytest.mark.database


@pytest.fixture(scope="module")
def server() -> Iterator[Remote]:
    with running() as remote:
        yield remote


@pytest.fixture
def provider(server: Remote, settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> Remote:
    monkeypatch.setenv(URL, server.url)
    monkeypatch.setitem(registry.TRANSPORTS, "fake", "tests.fake_transport.FakeTransport")
    settings.EINVOICE_TRANSPORT = settings.PRINT_TRANSPORT = "fake"
    server.fail()
    return server


def einvoice(number: str = "", run: OpenRun | None = None) -> Delivery:
    customer = make_customer(make_company(), email="kunde@firma.test", **ADDRESS)
    register_customer(customer)
    return queue(customer, number=number, run=run)


def work(row: Delivery, minutes: float = 0) -> Delivery:
    with time_machine.travel(timezone.now() + timedelta(minutes=minutes)):
        while delivery.run() + delivery.sweep():
            pass
        return delivery_of(row.invoice)


def accepted(provider: Remote, invoice: Invoice) -> int:
    """How often documents of this invoice were taken in, under any of its keys."""
    times = provider.accepted()
    return sum(times.get(str(row.key), 0) for row in invoice.deliveries.all())


@pytest.mark.django_db
@pytest.mark.parametrize("fault", ["accept_then_cut", "accept_then_hang", "wrong_answer"])
def test_T43_accepted_and_then_no_word_is_asked_for_and_never_sent_again(
    provider: Remote, settings: LazySettings, fault: str
) -> None:
    settings.LEASE_SECONDS = 4  # half of it is what a provider that hangs costs this test
    provider.fail(fault)
    row = work(einvoice())
    assert row.status == Status.UNCERTAIN

    row = work(row, minutes=1)

    assert (row.status, row.channel) == (Status.ACCEPTED, "einvoice")
    assert accepted(provider, row.invoice) == 1
    assert Attempt.objects.filter(delivery__invoice=row.invoice).count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("fault", ["reset_before", "reset_after"])
def test_T43_a_line_that_broke_is_asked_about_and_goes_again_with_the_same_key(provider: Remote, fault: str) -> None:
    provider.fail(fault)
    row = work(einvoice())
    assert row.status == Status.UNCERTAIN

    row = work(row, minutes=1)

    assert row.status == Status.ACCEPTED
    assert accepted(provider, row.invoice) == 1
    assert {attempt.key for attempt in Attempt.objects.filter(delivery__invoice=row.invoice)} == {row.key}


@pytest.mark.django_db
def test_F4_while_the_outcome_is_not_known_nothing_goes_another_way(provider: Remote) -> None:
    provider.fail("accept_then_cut")
    row = work(einvoice())

    assert row.status == Status.UNCERTAIN
    assert Delivery.objects.filter(invoice=row.invoice).count() == 1


@pytest.mark.django_db
def test_T46_already_there_and_ours_is_accepted(provider: Remote, monkeypatch: pytest.MonkeyPatch) -> None:
    row = work(einvoice())
    Delivery.objects.filter(pk=row.pk).update(status=Status.QUEUED, due_at=timezone.now())

    row = work(row)

    assert row.status == Status.ACCEPTED
    assert accepted(provider, row.invoice) == 1
    assert (
        Attempt.objects.filter(delivery=row).order_by("number").values_list("outcome", flat=True)[1] == "already_sent"
    )


@pytest.mark.django_db
def test_T46_already_there_and_not_ours_is_held(provider: Remote) -> None:
    row = einvoice()
    line = HTTPConnection("127.0.0.1", provider.port)
    line.request(
        "PUT",
        f"/documents/{row.key}",
        b"",
        {"X-Sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    )
    assert line.getresponse().status == 201
    line.close()

    assert work(row).status == Status.HELD


@pytest.mark.django_db
def test_R31_refusals_and_temporary_faults_over_the_wire(provider: Remote) -> None:
    provider.fail("refuse_recipient")
    to_next = work(einvoice())
    provider.fail("refuse_document")
    to_person = work(einvoice())
    provider.fail("temporary")
    later = work(einvoice())

    assert (to_next.status, to_next.channel) == (Status.ACCEPTED, "email")
    assert to_person.status == Status.HELD
    assert later.status == Status.QUEUED
    assert work(later, minutes=1).status == Status.ACCEPTED


@pytest.mark.django_db
def test_T47_a_commit_that_fails_after_the_hand_over_is_repaired_by_asking(
    provider: Remote, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = einvoice()

    def fail(*_facts: object) -> None:
        raise DatabaseError("commit")

    with monkeypatch.context() as patched:
        patched.setattr("distribution.delivery.sending.record", fail)
        with pytest.raises(DatabaseError):
            delivery.run()
    assert accepted(provider, row.invoice) == 1

    row = work(row, minutes=1)

    assert row.status == Status.ACCEPTED
    assert accepted(provider, row.invoice) == 1


@pytest.mark.django_db
def test_T49_a_poison_invoice_first_of_a_hundred(provider: Remote, monkeypatch: pytest.MonkeyPatch) -> None:
    customer, run = make_customer(make_company()), OpenRun(None, "test")
    register_customer(customer)
    poison = queue(customer, run=run)
    for _ in range(99):
        take_in(customer, run=run)

    def stumble(row: Delivery, case: Case, facts: Facts, route: Route) -> Departure:
        if row.pk == poison.pk:
            raise ZeroDivisionError
        return prepare(row, case, facts, route)

    monkeypatch.setattr("distribution.delivery.running.prepare", stumble)
    work(poison)

    figures = report(Invoice.objects.filter(run=run.row))
    assert (figures["einvoice"], figures["held"]) == (99, 1)
    assert balances(figures)


@pytest.mark.django_db
def test_T52_sent_again_after_the_error_was_mended_it_goes_once(provider: Remote) -> None:
    provider.fail("refuse_document")
    row = work(einvoice())
    resend(row.invoice, make_user())

    row = work(row)

    assert row.status == Status.ACCEPTED
    assert accepted(provider, row.invoice) == 1


@pytest.mark.django_db
def test_T53_already_sent_mixed_with_new_sends_only_the_new(provider: Remote) -> None:
    customer, run = make_customer(make_company()), OpenRun(None, "test")
    register_customer(customer)
    old = queue(customer)
    work(old)
    again = take_in(customer, run=run, content=frozen.read(old.invoice.sha256))
    new = queue(customer, run=run)
    before = provider.accepted()

    work(new)

    assert not again.new
    assert len(provider.accepted()) - len(before) == 1
    assert accepted(provider, old.invoice) == 1


def pull() -> None:
    while delivery.run():
        pass


def race(workers: int, work: Callable[[], object] = pull) -> None:
    start = threading.Barrier(workers)

    def at_the_word() -> None:
        start.wait()
        try:
            work()
        finally:
            connection.close()

    threads = [threading.Thread(target=at_the_word) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_T40_eight_workers_race_for_one_invoice(committed: str, provider: Remote) -> None:
    row = einvoice()

    race(8)

    assert delivery_of(row.invoice).status == Status.ACCEPTED
    assert Attempt.objects.count() == 1
    assert accepted(provider, row.invoice) == 1


def test_T40_eight_workers_share_a_hundred(committed: str, provider: Remote) -> None:
    customer, run = make_customer(make_company()), OpenRun(None, "test")
    register_customer(customer)
    before = len(provider.accepted())
    for _ in range(100):
        take_in(customer, run=run)

    race(8)

    assert report(Invoice.objects.all())["einvoice"] == 100
    assert Attempt.objects.count() == 100
    assert len(provider.accepted()) - before == 100


def test_T41_a_message_delivered_twice_at_once_and_once_more_later_is_one_call(
    committed: str, provider: Remote, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks.deliver, "delay", lambda *_run: None)
    row = einvoice()

    race(2, lambda: tasks.deliver(row.invoice.run_id))
    tasks.deliver(row.invoice.run_id)
    tasks.sweep()

    assert delivery_of(row.invoice).status == Status.ACCEPTED
    assert Attempt.objects.count() == 1
    assert accepted(provider, row.invoice) == 1


def test_T50_one_locked_row_of_ten_does_not_hold_the_other_nine(committed: str, provider: Remote) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite locks the whole database, for as long as one write takes")
    customer, run = make_customer(make_company()), OpenRun(None, "test")
    register_customer(customer)
    rows = [queue(customer, run=run) for _ in range(10)]
    locked, done = threading.Event(), threading.Event()

    def hold() -> None:
        try:
            with transaction.atomic():
                Delivery.objects.select_for_update().get(pk=rows[0].pk)
                locked.set()
                done.wait(30)
        finally:
            connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    locked.wait(30)
    while delivery.run():
        pass
    nine = report(Invoice.objects.all())["einvoice"]
    done.set()
    holder.join()

    assert nine == 9
