"""Doorbells. Each is safe to ring twice, late or never: what is due is in the database, and the sweep finds it."""

import logging

from celery import shared_task
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from distribution import delivery
from distribution.models import Delivery, Run

logger = logging.getLogger(__name__)
BELLS = 2  # a run is worked on by at most so many at once, so that it leaves hands for the others


@shared_task
def deliver(run_id: int) -> None:
    """One chunk of a run; rings again while there was something to do."""
    if delivery.run(run_id=run_id):
        deliver.delay(run_id)


@shared_task
def sweep() -> None:
    while delivery.sweep():
        pass
    for run_id in due_runs():
        deliver.delay(run_id)


def ring(run: Run) -> None:
    """After commit. A broker that is down costs time, never an invoice."""
    transaction.on_commit(lambda: _ring(run.pk))


def due_runs() -> list[int]:
    due = Delivery.objects.due(timezone.now()).order_by()
    return list(due.values_list("invoice__run", flat=True).distinct())


def _ring(run_id: int) -> None:
    try:
        for _bell in range(BELLS):
            deliver.delay(run_id)
    except (OperationalError, OSError):
        logger.warning("broker is down; the sweep will find run %s", run_id)
