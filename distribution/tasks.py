"""Doorbells. Each is safe to ring twice, late or never: what is due is in the database, and the sweep finds it."""

import logging

from celery import Task, shared_task
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from customers.models import Company
from distribution import delivery, receipts
from distribution.alarm import tell_of_stopped_channels
from distribution.bounces import mailbox
from distribution.delivery.claiming import CHUNK
from distribution.lookups import refresh
from distribution.models import Delivery, Run
from distribution.morning import send_morning_mails
from distribution.nightly import read_b2c_agreements
from distribution.prediction import look_up, predict_stale
from distribution.states import WAITING

logger = logging.getLogger(__name__)
BELLS = 2  # as many chunks are asked for at once; a worker has as many hands by default
PASSES = 20
AT_ONCE, PAUSE = 200, 15  # lookups over the network, seconds: about 13 a second at most
MORNING = 6
PREDICT_EXPIRES = 30  # seconds; each look at the page rings
SWEEP_EXPIRES = 60  # seconds: a worker that was away finds one bell, not hundreds


@shared_task
def deliver(run_id: int | None = None) -> None:
    """One chunk of what is due, whoever's it is; rings again while there was something. (`run_id` told what the bell was for.)"""
    if delivery.run():
        deliver.delay()


@shared_task
def sweep() -> None:
    try:
        for _pass in range(PASSES):
            if not delivery.sweep() + receipts.follow():
                break
    finally:  # what is due does not wait for what could not be swept
        if Delivery.objects.due(timezone.now()).exists():
            _ring(_missing_bells())


@shared_task
def morning_mail() -> None:
    send_morning_mails()


@shared_task
def watch() -> None:
    tell_of_stopped_channels()


@shared_task
def predict(company_id: int, after: int = 0) -> None:
    """Makes a company's stale predictions anew, and asks the registers about those they never answered for (R6)."""
    company = Company.objects.get(pk=company_id)
    left_at = look_up(company, after=after, at_most=AT_ONCE)
    predict_stale(company)
    if left_at is not None:
        _ring_later(predict, company_id, left_at)


@shared_task
def read_bounces() -> None:
    """A mailbox that can't be read now is read in a few minutes."""
    try:
        mailbox.read_mailbox(settings.BOUNCE_IMAP_URL, ring)
    except mailbox.Trouble as trouble:
        logger.error("the mailbox of bounces could not be read: %s", type(trouble).__name__)


@shared_task
def read_agreements() -> None:
    read_b2c_agreements()


@shared_task
def refresh_lookups() -> None:
    """A little of the nightly round, and rings again while there is something old and it is night."""
    if refresh() and timezone.localtime().hour < MORNING:
        _ring_later(refresh_lookups)


def _ring_later(bell: "Task[..., None]", *args: int) -> None:
    """A pause between parts keeps the rate gentle, and lets a worker deliver meanwhile."""
    try:
        bell.apply_async(args, countdown=PAUSE)
    except (OperationalError, OSError):
        logger.warning("broker is down; the next look at a list, or the next night, goes on")


def ring_predictions(company_id: int) -> None:
    transaction.on_commit(lambda: _ring_predict(company_id))


def _ring_predict(company_id: int) -> None:
    try:
        predict.apply_async((company_id,), expires=PREDICT_EXPIRES)
    except (OperationalError, OSError):
        logger.warning("broker is down; the predictions stay stale, and say so")


def ring(run: Run) -> None:
    """After commit. A broker that is down costs time, never an invoice."""
    transaction.on_commit(lambda: _ring(BELLS, run.pk))


def ring_sweep() -> None:
    try:
        sweep.apply_async(expires=SWEEP_EXPIRES)
    except (OperationalError, OSError):
        logger.warning("broker is down; nothing can be swept by this worker")


def _missing_bells() -> int:
    """Each bell that is heard keeps a chunk leased and rings again; more of them at every sweep would fill the queue."""
    at_work = Delivery.objects.filter(status__in=WAITING, lease_until__gt=timezone.now()).count()
    return max(0, BELLS - -(-at_work // CHUNK))


def _ring(bells: int, run_id: int | None = None) -> None:
    try:
        for _bell in range(bells):
            deliver.delay(run_id)
    except (OperationalError, OSError):
        logger.warning("broker is down; the sweep will find what is due")
