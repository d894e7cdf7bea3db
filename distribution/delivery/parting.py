"""Where a zip of many comes to nothing (R20): each of its invoices goes anew by itself, but for those that have gone on since."""

from typing import Any

from django.db.models import F, Q

from customers.models import User
from distribution.delivery.ledger import move_within
from distribution.delivery.planning import plan
from distribution.models import Delivery
from distribution.states import EventKind, Status


def has_gone_on(leader: Delivery) -> bool:
    """Whether the invoice of any in the zip has been sent again since, so that the same zip once more would double it."""
    together = Delivery.objects.filter(Q(pk=leader.pk) | Q(leader=leader))
    return together.exclude(invoice__last_delivery=F("pk")).exists()


def part_ways(leader: Delivery, kind: EventKind, data: dict[str, Any], user: User | None = None) -> None:
    """The zip of these comes to nothing, and each goes anew by itself; whose invoice has gone on meanwhile stays there."""
    move_within(leader, Status.FAILED, kind, data=data, user=user, due_at=None, doubtful=False)
    plan_anew(Q(pk=leader.pk) | Q(leader=leader))


def plan_anew(whose: Q) -> None:
    rows = Delivery.objects.last_of_invoices().filter(whose, status=Status.FAILED).select_related("invoice")
    for row in rows.order_by("pk"):
        plan(row.invoice, double_confirmed=row.double_confirmed)
