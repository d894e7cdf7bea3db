"""What becomes of an invoice after a provider accepted it: asked with growing pauses, applied as the table of states allows."""

import logging
import time
from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from distribution.accounts import accounts_of
from distribution.channels.base import News, Temporary
from distribution.channels.registry import transport_named
from distribution.delivery.ledger import move_within, postpone_within, tell
from distribution.delivery.recording import Result, come_back, printable, spread_of
from distribution.models import Attempt, Delivery, Event
from distribution.states import SENT, EventKind, Fate, Outcome, Status

logger = logging.getLogger(__name__)
PAUSES = (timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1))  # the last one repeats
ASK_FOR = timedelta(days=45)
SLOW = timedelta(days=3)  # then a person is told, once (T56)
REFUSALS = {
    Fate.RECIPIENT_REFUSED: Outcome.RECIPIENT_REFUSED,
    Fate.DOCUMENT_REFUSED: Outcome.DOCUMENT_REFUSED,
    Fate.FAILED: Outcome.DOCUMENT_REFUSED,
}


def ask_provider(deliveries: Iterable[Delivery]) -> dict[int, News]:
    """By delivery id, of those that were answered for; each provider and company at once. Over the network."""
    rows = list(deliveries)
    accounts = accounts_of(row.company_id for row in rows) if rows else {}
    groups: defaultdict[tuple[str, int], list[Delivery]] = defaultdict(list)
    for row, transport in _with_transports(rows):
        if row.company_id in accounts:
            groups[transport, row.company_id].append(row)
    found: dict[int, News] = {}
    ends = time.monotonic() + settings.LEASE_SECONDS / 2
    for (name, company_id), asked in groups.items():
        by_reference = {row.reference or str(row.key): row for row in asked}
        try:
            fates = transport_named(name).fates(list(by_reference), accounts[company_id], ends)
        except Temporary as silence:
            logger.warning(
                "no answer about %s deliveries", len(asked), extra={"company": company_id, "said": silence.answer}
            )
            continue
        found |= {by_reference[one].pk: news for one, news in fates.items() if one in by_reference}
    return found


def found_out(delivery: Delivery, truth: News) -> bool:
    """Inside the caller's transaction: whether the truth changed anything. Raises LostClaim."""
    answer = printable(truth.answer)
    if delivery.status not in SENT:
        return truth.fate == Fate.DELIVERED and _arrived_after_all(delivery)
    if truth.fate == Fate.DELIVERED:
        if delivery.status == Status.ACCEPTED:
            move_within(delivery, Status.DELIVERED, EventKind.DELIVERED, data={"answer": answer}, due_at=None)
            return True
        return False
    reason = "provider_failed" if truth.fate == Fate.FAILED else "document_refused"
    come_back(delivery, Result(REFUSALS[truth.fate], answer, reason=reason))
    return True


def nothing_new(delivery: Delivery) -> bool:
    """It comes again later; inside the caller's transaction. Whether it has been pending for so long that somebody must be
    told, which is once. Raises LostClaim."""
    now = timezone.now()
    age = now - (delivery.ended_at or delivery.created_at)
    pause = PAUSES[min(delivery.waited, len(PAUSES) - 1)] * (1 + spread_of(delivery) / 4)
    due_at = now + pause if age < ASK_FOR else None
    slow = age >= SLOW and not _told(delivery, EventKind.STILL_PENDING)
    data = {"days": age.days, "last": due_at is None}
    kind = EventKind.STILL_PENDING if slow or due_at is None else None
    postpone_within(delivery, kind, data=data, due_at=due_at, waited=delivery.waited + 1)
    if slow:
        logger.error("still pending at the provider: %s", delivery.key, extra={"company": delivery.company_id})
    return slow


def _arrived_after_all(delivery: Delivery) -> bool:
    """It went another way, or a person has it: the timeline says so, once; what was done meanwhile stays done."""
    if _told(delivery, EventKind.LATE_NEWS):
        return False
    tell(delivery, EventKind.LATE_NEWS)
    return True


def _told(delivery: Delivery, kind: EventKind) -> bool:
    return Event.objects.filter(delivery=delivery, kind=kind).exists()


def _with_transports(rows: list[Delivery]) -> list[tuple[Delivery, str]]:
    """With the transport of its last attempt, where that one tells what becomes of it."""
    attempts = Attempt.objects.filter(delivery__in=[row.pk for row in rows])
    names = {(pk, number): name for pk, number, name in attempts.values_list("delivery", "number", "transport")}
    named = [(row, names.get((row.pk, row.tried), "")) for row in rows]
    following = {name for _row, name in named if _follows(name)}
    return [(row, name) for row, name in named if name in following]


def _follows(name: str) -> bool:
    """One that only an older release knew tells nothing any more."""
    try:
        return bool(name) and transport_named(name).follows
    except KeyError:
        return False
