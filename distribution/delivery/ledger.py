"""The one writer of a delivery's status. Every change is one conditional UPDATE and one event, in one transaction."""

import logging
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from customers.models import User
from distribution.delivery.statements import Statement, insert, update, write
from distribution.models import Delivery, Event, Invoice
from distribution.states import ENDED, SENT, TRANSITIONS, EventKind, Status

logger = logging.getLogger(__name__)


class LostClaim(Exception):
    """Somebody else has written the row since it was read: what this process knows of it is old."""


class WrongMove(Exception):
    """A transition that is not in the table: a fault of ours."""


def move(delivery: Delivery, status: Status, kind: EventKind, /, **changes: Any) -> None:
    """`move_within` in a transaction of its own."""
    with transaction.atomic():
        move_within(delivery, status, kind, **changes)


def move_within(
    delivery: Delivery,
    status: Status,
    kind: EventKind,
    /,
    *,
    data: dict[str, Any] | None = None,
    user: User | None = None,
    free: bool = True,
    beside: tuple[Statement, ...] = (),
    **changes: Any,
) -> None:
    """Writes `status` with `changes` if the row still has the status and the fence that `delivery` was read with, and the
    event, inside the caller's transaction. Raises LostClaim.

    `free` gives the lease back; only the move to `sending` keeps it. What is `beside` goes the same trip.
    """
    if status not in TRANSITIONS[Status(delivery.status)]:
        raise WrongMove(f"{delivery.status} -> {status}")
    changes |= {"status": status, "ended_at": timezone.now() if status in ENDED else None}
    if free:
        changes |= {"lease_until": None, "claims": 0}
    _write(delivery, changes, kind, data, user, beside)
    # ids only: what is in an invoice and whom it is for never enters a log (T93)
    logger.info("%s %s", status, delivery.key, extra={"invoice": delivery.invoice_id, "company": delivery.company_id})


def postpone(delivery: Delivery, kind: EventKind | None, **changes: Any) -> None:
    """`postpone_within` in a transaction of its own."""
    with transaction.atomic():
        postpone_within(delivery, kind, **changes)


def postpone_within(
    delivery: Delivery, kind: EventKind | None, *, data: dict[str, Any] | None = None, **changes: Any
) -> None:
    """The status stays; the row is given back and comes again at its `due_at`. Raises LostClaim."""
    _write(delivery, {**changes, "lease_until": None, "claims": 0}, kind, data, None)


def tell(delivery: Delivery, kind: EventKind, *, data: dict[str, Any] | None = None, user: User | None = None) -> None:
    """An event that changes nothing."""
    write(_event(delivery, delivery.status, kind, data, user))


def _write(
    delivery: Delivery,
    changes: dict[str, Any],
    kind: EventKind | None,
    data: dict[str, Any] | None,
    user: User | None,
    beside: tuple[Statement, ...] = (),
) -> None:
    """The row, if it is still as it was read, and its event. Where it is not, the caller's transaction takes the rest back."""
    row = update(Delivery, changes, id=delivery.pk, status=delivery.status, fence=delivery.fence)
    status = changes.get("status", delivery.status)
    events = [] if kind is None else [_event(delivery, status, kind, data, user)]
    if not write(row, *events, *beside)[0]:
        raise LostClaim(str(delivery.key))
    for name, value in changes.items():
        setattr(delivery, name, value)
    if delivery.leads and kind is not None:
        _settle_followers(delivery, kind, data)


def lock_invoices(delivery: Delivery) -> None:
    """Of two who order something, or bring news, the second finds what the first has made of it. Those of a leader's followers with
    it, and always in the same order, so that nobody waits in a ring. Without their keys: an event that a worker writes about one of
    them meanwhile need not wait."""
    together = Delivery.objects.filter(Q(pk=delivery.pk) | Q(leader=delivery.pk))
    rows = Invoice.objects.select_for_update(no_key=True).filter(pk__in=together.values("invoice")).order_by("pk")
    list(rows.values_list("pk"))


def _settle_followers(leader: Delivery, kind: EventKind, data: dict[str, Any] | None) -> None:
    """What left in the leader's mail is where the leader is (R20). While that is not known they wait for it; where it never left
    for a reason of the leader's own, they are free. Whoever fails a leader plans for them (`parting`)."""
    for follower in Delivery.objects.filter(leader=leader).select_related("invoice").order_by("pk"):
        changes = _as_the_leader(leader, follower, kind)
        if changes is None:
            continue
        move_within(follower, Status(leader.status), kind, data=data, **changes)
    if leader.status == Status.CANCELLED or (leader.status == Status.HELD and kind == EventKind.HELD):
        for follower in Delivery.objects.filter(leader=leader, status=Status.QUEUED).select_related("invoice"):
            _set_free(follower)


def _as_the_leader(leader: Delivery, follower: Delivery, kind: EventKind) -> dict[str, Any] | None:
    """What is written with the leader's status; None where the follower stays as it is."""
    changes: dict[str, Any] = {"due_at": None}
    if Status(leader.status) not in TRANSITIONS[Status(follower.status)]:
        return None
    match leader.status:
        case Status.ACCEPTED | Status.DELIVERED:
            return changes
        case Status.UNCERTAIN if leader.due_at is None and follower.status == Status.QUEUED:
            return changes
        case Status.QUEUED if follower.status in SENT | {Status.UNCERTAIN}:  # it goes again, with all that is in it
            return changes
        case Status.FAILED:
            return changes | {"refused": leader.refused, "reasons": leader.reasons}
        case Status.HELD if kind != EventKind.HELD:
            return changes | {"reasons": leader.reasons}
        case _:
            return None


def _set_free(follower: Delivery) -> None:
    """It goes by itself, as if it had never been decided about; not where its invoice has gone on without it."""
    if follower.invoice.last_delivery_id != follower.pk:
        move_within(follower, Status.CANCELLED, EventKind.SUPERSEDED, due_at=None)
        return
    changes: dict[str, Any] = {"leader_id": None, "channel": "", "to": [], "reasons": [], "facts": {}}
    changes |= {"content_sha256": "", "content_size": 0, "content_name": "", "due_at": timezone.now()}
    _write(follower, changes, EventKind.RELEASED, None, None)


def _event(
    delivery: Delivery, status: str, kind: EventKind, data: dict[str, Any] | None, user: User | None
) -> Statement:
    return insert(
        Event,
        invoice_id=delivery.invoice_id,
        delivery_id=delivery.pk,
        at=timezone.now(),
        kind=kind,
        status=status,
        user_id=user.pk if user else None,
        data=data or {},
    )
