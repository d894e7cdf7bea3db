"""Nobody's invoices wait long for another's: neither for a big company's, nor for a big document (F42, F16)."""

import threading

import pytest
from django.conf import LazySettings
from django.db import connection

from benchmarks.common import make_company, queue_invoices
from distribution import delivery
from distribution.delivery import OpenRun, claiming, preparing, sending
from distribution.delivery.claiming import CHUNK
from distribution.delivery.planning import HEAVY_BYTES
from distribution.models import Delivery, Invoice
from distribution.states import Status
from tests import factories
from tests.distribution.test_fake_provider import provider, server  # noqa: F401  # fixtures
from tests.fake_provider import Remote

pytestmark = pytest.mark.database
MANY = 10_000


@pytest.mark.django_db
def test_F42_five_of_one_company_do_not_wait_for_the_many_of_another(
    provider: Remote,  # noqa: F811
    request: pytest.FixtureRequest,
    settings: LazySettings,
) -> None:
    settings.LEASE_SECONDS = 600  # on a busy machine a chunk gives back what no longer fits: that is not its order
    many = MANY if request.config.getoption("--long") else 1000
    big, small = make_company(), make_company("Liten AS")
    queue_invoices(big, many)
    queue_invoices(small, 5)

    delivery.run()

    accepted = Delivery.objects.filter(status=Status.ACCEPTED)
    assert accepted.filter(company=small).count() == 5
    assert 0 < accepted.filter(company=big).count() <= CHUNK


@pytest.mark.django_db
def test_F42_where_many_have_something_due_each_comes_within_few_chunks(provider: Remote) -> None:  # noqa: F811
    """More companies than one chunk takes are drawn by lot: 40, of which one has 1,000, and 10 a chunk."""
    queue_invoices(make_company(), 1000)
    small = [make_company(f"Liten {number} AS") for number in range(39)]
    for company in small:
        queue_invoices(company, 1)

    chunks = 0
    while Delivery.objects.filter(company__in=small, status=Status.QUEUED).exists():
        delivery.run()
        chunks += 1

    assert chunks < 30  # as good as certain; the queue's order alone would have taken 1000 / 50 and more


def test_F16_while_a_big_document_is_made_small_ones_go(
    committed: str,
    provider: Remote,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    customer = factories.make_customer(factories.make_company())
    factories.register_customer(customer)
    run = OpenRun(None, "test")
    big = factories.queue(customer, run=run)
    Invoice.objects.filter(pk=big.invoice_id).update(size=HEAVY_BYTES + 1)
    Delivery.objects.filter(pk=big.pk).update(heavy=True)
    begun, done = threading.Event(), threading.Event()

    def slowly(row: Delivery, *rest: object) -> object:
        if row.pk == big.pk:
            begun.set()
            assert done.wait(60)
        return preparing.outgoing_of(row, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(sending, "outgoing_of", slowly)

    def take_the_big_one() -> None:
        try:
            delivery.run()
        finally:
            connection.close()

    first = threading.Thread(target=take_the_big_one)
    first.start()
    assert begun.wait(60)
    small = [factories.queue(customer, run=run) for _ in range(10)]
    while delivery.run():
        pass
    went = Delivery.objects.filter(pk__in=[row.pk for row in small], status=Status.ACCEPTED).count()
    done.set()
    first.join()

    assert went == 10
    assert Delivery.objects.get(pk=big.pk).status == Status.ACCEPTED


def test_F16_a_big_document_is_taken_alone() -> None:
    """So that what stands in line behind it in the same chunk is not held up by it."""
    rows = [Delivery(pk=number, heavy=number == 1) for number in range(1, 4)]
    assert [row.pk for row in claiming._alone_if_apart(rows)] == [2, 3]
    assert claiming._alone_if_apart(rows[:1]) == rows[:1]
