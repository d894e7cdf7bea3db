"""What becomes of an invoice after a provider accepted it: asked with growing pauses, applied as the table of states allows."""

import logging
import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from distribution.account import Account
from distribution.accounts import accounts_of
from distribution.channels.base import News, Temporary
from distribution.channels.registry import transport_named
from distribution.delivery.ledger import move_within, postpone_within, tell
from distribution.delivery.recording import Result, come_back, spread_of
from distribution.models import Attempt, Delivery, Event
from distribution.reasons import printable
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


@dataclass(frozen=True, slots=True)
class Heard:
    """`news` by delivery id, of those that were answered for. `elsewhere` are those that went with the keys of another account
    than today's: it knows nothing of them, so it was not asked (R32)."""

    news: dict[int, News]
    elsewhere: frozenset[int]


def ask_provider(deliveries: Iterable[Delivery]) -> Heard:
    """Each provider and company at once. Over the network."""
    rows = list(deliveries)
    accounts = accounts_of(row.company_id for row in rows) if rows else {}
    groups: defaultdict[tuple[str, int], list[Delivery]] = defaultdict(list)
    elsewhere = set[int]()
    for row, transport, tried_as in _with_attempts(rows):
        account = accounts.get(row.company_id)
        if account is None:
            continue
        if tried_as not in ("", account.fingerprint):
            elsewhere.add(row.pk)
        else:
            groups[transport, row.company_id].append(row)
    found: dict[int, News] = {}
    ends = time.monotonic() + settings.LEASE_SECONDS / 2
    for (name, company_id), asked in groups.items():
        found |= _ask_about(asked, name, accounts[company_id], ends)
    return Heard(found, frozenset(elsewhere))


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


def nothing_new(delivery: Delivery, *, elsewhere: bool = False) -> bool:
    """It comes again later; inside the caller's transaction. Whether somebody must be told, which is once: that it has been
    pending for so long, or that it is known `elsewhere` only, where nobody can ask. Raises LostClaim."""
    now = timezone.now()
    age = now - (delivery.ended_at or delivery.created_at)
    pause = PAUSES[min(delivery.waited, len(PAUSES) - 1)] * (1 + spread_of(delivery) / 4)
    due_at = now + pause if age < ASK_FOR else None
    tells = (elsewhere or age >= SLOW) and not _told_of(delivery, elsewhere=elsewhere)
    data = {"days": age.days, "last": due_at is None, "other_account": elsewhere}
    kind = EventKind.STILL_PENDING if tells or due_at is None else None
    postpone_within(delivery, kind, data=data, due_at=due_at, waited=delivery.waited + 1)
    if tells:
        level, why = (
            (logging.WARNING, "known to another account only") if elsewhere else (logging.ERROR, "still pending")
        )
        logger.log(level, "%s: %s", why, delivery.key, extra={"company": delivery.company_id})
    return tells


def _arrived_after_all(delivery: Delivery) -> bool:
    """It went another way, or a person has it: the timeline says so, once; what was done meanwhile stays done."""
    if Event.objects.filter(delivery=delivery, kind=EventKind.LATE_NEWS).exists():
        return False
    tell(delivery, EventKind.LATE_NEWS)
    return True


def _told_of(delivery: Delivery, *, elsewhere: bool) -> bool:
    told = Event.objects.filter(delivery=delivery, kind=EventKind.STILL_PENDING).values_list("data", flat=True)
    return elsewhere in {bool(data.get("other_account")) for data in told}


def _ask_about(asked: list[Delivery], transport: str, account: Account, ends: float) -> dict[int, News]:
    by_reference = {row.reference or str(row.key): row for row in asked}
    try:
        fates = transport_named(transport).fates(list(by_reference), account, ends)
    except Temporary as silence:
        of = {"company": asked[0].company_id, "said": silence.answer}
        logger.warning("no answer about %s deliveries", len(asked), extra=of)
        return {}
    return {by_reference[one].pk: news for one, news in fates.items() if one in by_reference}


def _with_attempts(rows: list[Delivery]) -> list[tuple[Delivery, str, str]]:
    """With the transport and the account of its last attempt, where that transport tells what becomes of it."""
    attempts = Attempt.objects.filter(delivery__in=[row.pk for row in rows])
    tried = attempts.values_list("delivery", "number", "transport", "account")
    last = {(pk, number): (name, account) for pk, number, name, account in tried}
    named = [(row, *last.get((row.pk, row.tried), ("", ""))) for row in rows]
    following = {name for _row, name, _account in named if _follows(name)}
    return [one for one in named if one[1] in following]


def _follows(name: str) -> bool:
    """One that only an older release knew tells nothing any more."""
    try:
        return bool(name) and transport_named(name).follows
    except KeyError:
        return False
