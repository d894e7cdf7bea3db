"""Puts an invoice into the queue: one row, one event, and the invoice points at it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from customers.models import User
from distribution.delivery.ledger import tell
from distribution.models import Delivery, Invoice, Run
from distribution.states import EventKind

HEAVY_BYTES = 200_000  # some 400 lines of UBL: seconds of layout


class OpenRun:
    """A run that exists from its first new invoice on: sending the same folder twice leaves one run, not two."""

    def __init__(self, user: User | None, source: str, delay: timedelta = timedelta(0)) -> None:
        self._user, self._source, self._delay = user, source, delay
        self.row: Run | None = None

    def join(self) -> Run:
        if self.row is None:
            now = timezone.now()
            self.row = Run.objects.create(
                user=self._user, source=self._source, created_at=now, starts_at=now + self._delay
            )
        return self.row

    @contextmanager
    def kept_only_if_committed(self) -> Iterator[None]:
        """Round a transaction: a run that was made in it is forgotten where it is rolled back."""
        before = self.row
        try:
            yield
        except BaseException:
            self.row = before
            raise


def plan(invoice: Invoice, *, due_at: datetime | None = None, user: User | None = None, **facts: Any) -> Delivery:
    """A new queued delivery, the last one of its invoice from now on (R36)."""
    with transaction.atomic():
        delivery = Delivery.objects.create(
            invoice=invoice,
            company_id=invoice.company_id,
            due_at=due_at or timezone.now(),
            heavy=invoice.size > HEAVY_BYTES,
            **facts,
        )
        invoice.last_delivery = delivery
        invoice.save(update_fields=["last_delivery"])
        tell(delivery, EventKind.QUEUED, user=user)
    return delivery
