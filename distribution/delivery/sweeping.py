"""What no doorbell tells of: a dead lease on a row that was being sent, an unknown outcome, a register that answers again."""

import logging
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from distribution import frozen, lookups, retry
from distribution.channels.base import DocumentRefused, Temporary
from distribution.delivery.claiming import claim_adrift, claim_releasable
from distribution.delivery.ledger import LostClaim, move, move_within, postpone
from distribution.delivery.preparing import outgoing_of, transport_of
from distribution.delivery.recording import Result, accept, close_attempt, record, spread_of
from distribution.facts import cases_of, facts_of, query_of
from distribution.models import Delivery
from distribution.reasons import because, to_json
from distribution.routing import Wait, decide
from distribution.states import EventKind, Outcome, Status

logger = logging.getLogger(__name__)
ASK_AGAIN = timedelta(minutes=5)  # a register that was silent for RETRY_HOURS


def sweep() -> int:
    """One pass; returns how many rows it looked at. Queued rows with a dead lease need nothing: they can be claimed again."""
    return _resolve(claim_adrift()) + _release(claim_releasable())


def _resolve(adrift: list[Delivery]) -> int:
    for delivery in adrift:
        try:
            _ask(delivery)
        except LostClaim:
            logger.warning("lost claim %s", delivery.key)
    return len(adrift)


def _ask(delivery: Delivery) -> None:
    """R32: by our key; never another channel, never a blind resend."""
    try:
        outgoing = outgoing_of(delivery)
        transport = transport_of(outgoing)
        accepted = transport.ask(outgoing) if transport.can_ask else None
    except Temporary as silence:
        return _ask_later(delivery, silence.answer)
    except (DocumentRefused, OSError, frozen.Damaged) as error:
        return _to_person(delivery, str(error))
    with transaction.atomic():
        if not transport.can_ask:
            return record(delivery, Result(Outcome.UNCERTAIN, can_ask=False))
        if accepted is None:
            close_attempt(delivery, Result(Outcome.UNCERTAIN))
            return move_within(
                delivery, Status.QUEUED, EventKind.ASKED, data={"there": False}, due_at=timezone.now(), waited=0
            )
        result = Result(Outcome.ACCEPTED, accepted.answer, accepted.reference)
        close_attempt(delivery, result)
        return accept(delivery, EventKind.ASKED, result)


def _ask_later(delivery: Delivery, answer: str) -> None:
    pause = retry.PAUSES[min(delivery.waited, len(retry.PAUSES) - 1)]
    due_at = timezone.now() + timedelta(seconds=pause * (1 + spread_of(delivery) / 4))
    if delivery.status == Status.UNCERTAIN:
        return postpone(delivery, None, due_at=due_at, waited=delivery.waited + 1)
    data = {"answer": answer, "askable": True}
    return move(delivery, Status.UNCERTAIN, EventKind.UNCERTAIN, data=data, due_at=due_at, waited=1)


def _to_person(delivery: Delivery, answer: str) -> None:
    """Something else lies under our key, or our own bytes are damaged: nothing to do by itself."""
    reasons = to_json((because("document_refused", answer=answer),))
    move(
        delivery,
        Status.HELD,
        EventKind.REFUSED,
        data={"answer": answer, "channel": delivery.channel},
        reasons=reasons,
        due_at=None,
    )


def _release(held: list[Delivery]) -> int:
    """Held because a register was silent: queued again at its first answer (R25)."""
    cases = cases_of(held)
    replies = lookups.ask(query for query in map(query_of, cases.values()) if query)
    lookups.remember(replies)
    for delivery in held:
        case = cases.get(delivery.pk)
        silent = case is not None and isinstance(decide(facts_of(case, replies)), Wait)
        try:
            if silent:
                postpone(delivery, None, due_at=timezone.now() + ASK_AGAIN)
            else:
                move(delivery, Status.QUEUED, EventKind.RELEASED, due_at=timezone.now(), waiting_since=None, waited=0)
        except LostClaim:
            logger.warning("lost claim %s", delivery.key)
    return len(held)
