"""What no doorbell tells of: a dead lease on a row that was being sent, an unknown outcome, a register that answers again."""

import logging
from datetime import timedelta

from django.utils import timezone

from distribution import frozen, lookups, retry
from distribution.channels.base import DocumentRefused, Temporary
from distribution.delivery import sending
from distribution.delivery.claiming import claim_adrift, claim_releasable
from distribution.delivery.ledger import LostClaim, move, postpone
from distribution.facts import cases_of, facts_of, query_of
from distribution.models import Delivery
from distribution.reasons import because, to_json
from distribution.routing import Wait, decide
from distribution.states import EventKind, Outcome, Status

logger = logging.getLogger(__name__)


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
    transport = sending.transport_of(delivery)
    if not transport.can_ask:
        return sending.record_unknown(delivery, "")
    try:
        accepted = transport.ask(sending.outgoing_of(delivery))
    except Temporary as silence:
        return _ask_later(delivery, silence.answer)
    except (DocumentRefused, OSError, frozen.Damaged) as error:
        return _to_person(delivery, str(error))
    if accepted is not None:
        return sending.record_accepted(
            delivery, EventKind.ASKED, sending.Result(Outcome.ACCEPTED, accepted.answer, accepted.reference)
        )
    sending.close_attempt(delivery, sending.Result(Outcome.UNCERTAIN))
    return move(delivery, Status.QUEUED, EventKind.ASKED, data={"there": False}, due_at=timezone.now(), waited=0)


def _ask_later(delivery: Delivery, answer: str) -> None:
    pause = retry.PAUSES[min(delivery.waited, len(retry.PAUSES) - 1)]
    due_at = timezone.now() + timedelta(seconds=pause * (1 + sending.spread_of(delivery) / 4))
    if delivery.status == Status.UNCERTAIN:
        return postpone(delivery, None, due_at=due_at, waited=delivery.waited + 1)
    return move(
        delivery,
        Status.UNCERTAIN,
        EventKind.UNCERTAIN,
        data={"answer": answer, "askable": True},
        due_at=due_at,
        waited=1,
    )


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
                postpone(delivery, None, due_at=timezone.now() + sending.ASK_AGAIN)
            else:
                move(delivery, Status.QUEUED, EventKind.RELEASED, due_at=timezone.now(), waiting_since=None, waited=0)
        except LostClaim:
            logger.warning("lost claim %s", delivery.key)
    return len(held)
