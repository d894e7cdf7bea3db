"""Works off due rows: claim, decide on the facts of this moment, and let `send` take each out."""

import logging
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import DatabaseError, transaction
from django.utils import timezone

from distribution import lookups, retry
from distribution.delivery import sending
from distribution.delivery.claiming import CHUNK, claim_due, give_back
from distribution.delivery.ledger import LostClaim, move, postpone
from distribution.delivery.planning import plan
from distribution.delivery.sweeping import sweep
from distribution.facts import Case, cases_of, facts_of, query_of
from distribution.models import Delivery, Run
from distribution.reasons import Reason, because, to_json
from distribution.registers.base import Query, Reply
from distribution.routing import Held, Route, Wait, decide
from distribution.states import EventKind, Status

logger = logging.getLogger(__name__)
MAX_CLAIMS = 4  # a row whose worker died this often without an attempt is itself what kills them


def run(*, run_id: int | None = None, limit: int = CHUNK) -> int:
    """Claims one chunk and delivers it; returns how many rows were taken, 0 when nothing is due."""
    claimed = claim_due(limit, run_id)
    ends = time.monotonic() + settings.LEASE_SECONDS / 2
    cases = cases_of(claimed)
    replies = _ask(cases)
    for position, delivery in enumerate(claimed):
        if time.monotonic() >= ends:
            give_back(claimed[position:])
            break
        _guarded(delivery, cases.get(delivery.pk), replies)
    return len(claimed)


def finish(of_run: Run, progress: Callable[[int], None] = lambda left: None, pause: float = 0.2) -> None:
    """Delivers a run in this process, beside whatever worker there is, until each of its invoices has ended (R30)."""
    while left := Delivery.objects.not_ended().filter(invoice__run=of_run).count():
        progress(left)
        if not run(run_id=of_run.pk) and not sweep():
            time.sleep(pause)
    progress(0)


def _ask(cases: dict[int, Case]) -> dict[Query, Reply]:
    """The registers are asked before each send, once for the chunk, and outside any transaction."""
    replies = lookups.ask(query for query in map(query_of, cases.values()) if query)
    if replies:
        lookups.remember(replies)
    return replies


def _guarded(delivery: Delivery, case: Case | None, replies: dict[Query, Reply]) -> None:
    """One invoice never takes the others down: what nobody foresaw holds this one, with its trace in the log for ops.

    A database that fails is another matter: it is the same for all, so it ends the chunk, and the leases run out.
    """
    try:
        _deliver(delivery, case, replies)
    except LostClaim:
        logger.warning("lost claim %s", delivery.key)
    except DatabaseError:
        raise
    except Exception as error:
        logger.exception("stumbled over %s", delivery.key)
        _stumble(delivery, error)


def _deliver(delivery: Delivery, case: Case | None, replies: dict[Query, Reply]) -> None:
    if delivery.claims > MAX_CLAIMS:
        return _hold(delivery, (because("internal_error", error="worker"),))
    if case is None:
        return _hold(delivery, (because("customer_deleted"),))
    facts = facts_of(case, replies)
    decision = decide(facts)
    if isinstance(decision, Wait):
        return _wait(delivery, decision, facts.to_json())
    if isinstance(decision, Held):
        return _hold(delivery, decision.reasons, facts=facts.to_json())
    if delivery.channel and delivery.channel != decision.channel:
        return _supersede(delivery, decision)
    return sending.deliver(delivery, case, facts, decision)


def _hold(delivery: Delivery, reasons: tuple[Reason, ...], **changes: Any) -> None:
    move(
        delivery,
        Status.HELD,
        EventKind.HELD,
        data={"reasons": to_json(reasons)},
        reasons=to_json(reasons),
        due_at=None,
        waiting_since=None,
        waited=0,
        **changes,
    )


def _wait(delivery: Delivery, decision: Wait, facts: dict[str, object]) -> None:
    """R25: it stays queued while the register is asked again; after RETRY_HOURS it is held, and released by the first answer."""
    now = timezone.now()
    since = delivery.waiting_since or now
    later = retry.next_attempt(
        tried=delivery.waited + 1, first=since, now=now, hours=settings.RETRY_HOURS, spread=sending.spread_of(delivery)
    )
    reasons = to_json(decision.reasons)
    if later is None:
        silent = to_json((because("register_silent"),))
        move(
            delivery,
            Status.HELD,
            EventKind.HELD,
            data={"reasons": silent},
            reasons=silent,
            facts=facts,
            due_at=now + sending.ASK_AGAIN,
            waiting_since=since,
        )
        return
    first = (
        EventKind.WAITING if delivery.waiting_since is None else None
    )  # one line on the timeline, not one per question
    postpone(
        delivery,
        first,
        data={"reasons": reasons},
        reasons=reasons,
        facts=facts,
        due_at=later,
        waiting_since=since,
        waited=delivery.waited + 1,
    )


def _supersede(delivery: Delivery, route: Route) -> None:
    """The last attempt was surely not accepted, and today's facts name another channel: a new delivery takes its place."""
    data = {"channel": delivery.channel, "next": route.channel}
    with transaction.atomic():
        move(
            delivery,
            Status.CANCELLED,
            EventKind.SUPERSEDED,
            data=data,
            due_at=None,
            reasons=to_json((because("facts_changed"),)),
        )
        plan(delivery.invoice, chosen_channel=delivery.chosen_channel, double_confirmed=delivery.double_confirmed)


def _stumble(delivery: Delivery, error: Exception) -> None:
    """Before the call nothing has left: held. After it nobody knows: the sweep asks by key (R32)."""
    name = type(error).__name__
    try:
        if delivery.status == Status.SENDING:
            sending.record_unknown(delivery, name)
        else:
            _hold(delivery, (because("internal_error", error=name),))
    except LostClaim:
        logger.warning("lost claim %s", delivery.key)
