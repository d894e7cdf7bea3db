"""What the engine writes past the ORM's compiler is what the ORM would have written."""

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from distribution.delivery.ledger import LostClaim, move_within
from distribution.delivery.statements import insert, update, write
from distribution.models import Attempt, Delivery, Event
from distribution.states import ChannelName, EventKind, Outcome, Status
from tests import factories

pytestmark = [pytest.mark.database, pytest.mark.django_db]


@pytest.fixture
def delivery() -> Delivery:
    return factories.queue(factories.make_customer(factories.make_company()))


def an_attempt(delivery: Delivery, number: int) -> Attempt:
    return Attempt.objects.create(
        delivery=delivery, number=number, channel=ChannelName.EMAIL, key=delivery.key, sha256="a" * 64
    )


def test_each_statement_says_how_many_rows_it_has_changed(delivery: Delivery) -> None:
    an_attempt(delivery, 1), an_attempt(delivery, 2)
    changed = write(
        update(Delivery, {"tried": 7}, id=delivery.pk),
        update(Attempt, {"outcome": Outcome.ACCEPTED, "ended_at": timezone.now()}, delivery_id=delivery.pk),
        update(Delivery, {"tried": 8}, id=delivery.pk, status=Status.ACCEPTED),
        insert(
            Event,
            invoice_id=delivery.invoice_id,
            kind=EventKind.QUEUED,
            status="",
            at=timezone.now(),
            data={"%s": "5 %"},
        ),
    )
    assert changed == [1, 2, 0, 1]
    delivery.refresh_from_db()
    assert delivery.tried == 7
    assert set(delivery.attempts.values_list("outcome", flat=True)) == {Outcome.ACCEPTED}
    assert delivery.invoice.events.latest("pk").data == {"%s": "5 %"}


def test_what_is_written_together_goes_to_postgresql_in_one_trip(delivery: Delivery) -> None:
    with CaptureQueriesContext(connection) as trips, transaction.atomic():
        move_within(delivery, Status.HELD, EventKind.HELD, data={"reasons": []})
    spoken = [one["sql"] for one in trips if "delivery" in one["sql"]]
    assert len(spoken) == (1 if connection.vendor == "postgresql" else 2)


def test_a_lost_claim_leaves_no_event_and_nothing_beside_it(delivery: Delivery) -> None:
    attempt = an_attempt(delivery, 1)
    Delivery.objects.filter(pk=delivery.pk).update(fence=delivery.fence + 1)
    before = Event.objects.count()
    beside = update(Attempt, {"outcome": Outcome.ACCEPTED}, id=attempt.pk)
    with pytest.raises(LostClaim), transaction.atomic():
        move_within(delivery, Status.HELD, EventKind.HELD, beside=(beside,))
    assert Event.objects.count() == before
    attempt.refresh_from_db()
    assert attempt.outcome == ""
    delivery.refresh_from_db()
    assert delivery.status == Status.QUEUED
