"""The customer's links to an invoice (R13): found by their token, opened, withdrawn.

A link stands for itself: that its mail was followed by another channel or another try does not close it, since the mail may have
arrived. It ends on its day, or when a person withdraws it.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from customers.models import User
from distribution import frozen
from distribution.delivery.preparing import token_of
from distribution.models import Delivery, Event, Invoice, Link
from distribution.states import EventKind

QUIET = timedelta(minutes=10)  # a page and its PDF opened together are one opening


def find(token: str) -> Link | None:
    """Also one that is closed. By the token's hash: what an index compares tells nothing of the token by its time."""
    rows = Link.objects.select_related("invoice__company", "invoice__customer")
    return rows.filter(token_sha256=frozen.sha256_of(token.encode())).first()


def links_of(invoice: Invoice) -> list[Link]:
    return list(invoice.links.order_by("pk"))


def note_opening(link: Link) -> None:
    """On the timeline, once in a while; two at the same moment are one."""
    now = timezone.now()
    if _lately(link.opened_at, now):
        return
    long_ago = Q(opened_at__isnull=True) | Q(opened_at__lte=now - QUIET)
    with transaction.atomic():
        if Link.objects.filter(long_ago, pk=link.pk).update(opened_at=now):
            _tell(link, EventKind.LINK_OPENED)


def note_machine(link: Link) -> None:
    """Not on the timeline: it tells of people. The row keeps that the mail was looked through."""
    now = timezone.now()
    if not _lately(link.fetched_at, now):
        Link.objects.filter(pk=link.pk).update(fetched_at=now)


def withdraw(link: Link, user: User) -> bool:
    """For good. False where that has been done already: then the timeline tells it once all the same."""
    with transaction.atomic():
        done = Link.objects.filter(pk=link.pk, withdrawn_at__isnull=True).update(withdrawn_at=timezone.now())
        if done:
            _tell(link, EventKind.LINK_WITHDRAWN, user)
    return bool(done)


def _lately(moment: datetime | None, now: datetime) -> bool:
    return moment is not None and moment > now - QUIET


def _tell(link: Link, kind: EventKind, user: User | None = None) -> None:
    Event.objects.create(invoice=link.invoice, delivery=_delivery_of(link), kind=kind, user=user)


def _delivery_of(link: Link) -> Delivery | None:
    """The one whose mail carried it; after a change of SECRET_KEY nobody can tell, and the last one stands in for it."""
    deliveries = link.invoice.deliveries.order_by("pk")
    found = (one for one in deliveries if frozen.sha256_of(token_of(one).encode()) == link.token_sha256)
    return next(found, None) or link.invoice.last_delivery
