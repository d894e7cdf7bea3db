"""What no doorbell tells of: a dead lease on a row that was being sent, an unknown outcome, a register that answers again."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import Error as DatabaseTrouble
from django.db import transaction
from django.utils import timezone

from distribution import frozen, lookups
from distribution.channels.base import DocumentRefused, Temporary
from distribution.channels.registry import transport_named
from distribution.delivery.claiming import MAX_CLAIMS, claim_adrift, claim_releasable, lease_of
from distribution.delivery.ledger import LostClaim, move, move_within, postpone, postpone_within
from distribution.delivery.preparing import outgoing_of, transport_for, with_account
from distribution.delivery.recording import (
    Result,
    accept,
    close_attempt,
    later_for,
    leave_to_person,
    not_there,
    record,
)
from distribution.facts import cases_of, facts_of, query_of
from distribution.models import Delivery
from distribution.reasons import because, printable, to_json
from distribution.routing import Wait, decide
from distribution.states import EventKind, Outcome, Status

logger = logging.getLogger(__name__)
ASK_AGAIN = timedelta(minutes=5)  # a register that was silent for RETRY_HOURS


def sweep() -> int:
    """One pass; returns how many rows it looked at. Queued rows with a dead lease need nothing: they can be claimed again."""
    return _resolve(claim_adrift()) + _release(claim_releasable())


def _resolve(adrift: list[Delivery]) -> int:
    for delivery in adrift:
        with nobody_elses_trouble(delivery):
            if delivery.claims > MAX_CLAIMS:
                _to_person(delivery, "")
            else:
                _ask(delivery)
    return len(adrift)


def _ask(delivery: Delivery) -> None:
    """R32: by our key; never another channel, never a blind resend."""
    try:
        outgoing = outgoing_of(delivery)
        tried_by, tried_as = _last_attempt(delivery)
        transport = transport_named(tried_by or transport_for(outgoing))
        outgoing = with_account(outgoing, delivery, transport)
        if outgoing.account and tried_as not in ("", outgoing.account.fingerprint):
            raise Temporary(
                "sent with the keys of another account"
            )  # which knows nothing of it: no proof that it isn't there
        accepted = transport.ask(outgoing) if transport.can_ask else None
    except (Temporary, OSError) as silence:
        return _ask_later(delivery, printable(str(silence)))
    except frozen.Damaged:
        return _to_person(delivery, "SHA-256")
    except DocumentRefused as refusal:
        return _hold(delivery, printable(refusal.answer))
    with transaction.atomic():
        if not transport.can_ask:
            return _unaskable(delivery)
        if accepted is None:
            return not_there(delivery)
        answer, reference = printable(accepted.answer), printable(accepted.reference)
        result = Result(Outcome.ACCEPTED, answer, reference, follows=transport.follows)
        return accept(delivery, EventKind.ASKED, result)


def _last_attempt(delivery: Delivery) -> tuple[str, str]:
    """Its transport and its account: another one that is set today never heard of it."""
    last = delivery.attempts.filter(number=delivery.tried)
    return last.values_list("transport", "account").first() or ("", "")


def _unaskable(delivery: Delivery) -> None:
    if delivery.status == Status.UNCERTAIN:
        return leave_to_person(delivery, "")
    return record(delivery, Result(Outcome.UNCERTAIN, can_ask=False))


def _ask_later(delivery: Delivery, answer: str) -> None:
    """With growing pauses; after RETRY_HOURS a person has to find out."""
    due_at = later_for(delivery, tried=delivery.waited + 1, first=delivery.first_tried_at)
    if due_at is None:
        return _to_person(delivery, answer)
    if delivery.status == Status.UNCERTAIN:
        return postpone(delivery, None, due_at=due_at, waited=delivery.waited + 1)
    data = {"answer": answer, "askable": True}
    return move(delivery, Status.UNCERTAIN, EventKind.UNCERTAIN, data=data, due_at=due_at, waited=1)


def _to_person(delivery: Delivery, answer: str) -> None:
    with transaction.atomic():
        close_attempt(delivery, Result(Outcome.UNCERTAIN, answer))
        leave_to_person(delivery, answer)


def _hold(delivery: Delivery, answer: str) -> None:
    """Something else lies under our key: it is not ours that arrived."""
    reasons = to_json((because("document_refused", answer=answer),))
    data = {"answer": answer, "channel": delivery.channel}
    with transaction.atomic():
        close_attempt(delivery, Result(Outcome.DOCUMENT_REFUSED, answer))
        move_within(delivery, Status.HELD, EventKind.REFUSED, data=data, reasons=reasons, due_at=None)


def _release(held: list[Delivery]) -> int:
    """Held because a register was silent: queued again at its first answer (R25)."""
    cases = cases_of(held)
    wait = lease_of(held).total_seconds() / 8
    replies = lookups.ask((query for query in map(query_of, cases.values()) if query), seconds=wait)
    lookups.remember(replies)
    for delivery in held:
        with nobody_elses_trouble(delivery):
            if delivery.claims > MAX_CLAIMS:
                with transaction.atomic():
                    said = to_json((because("internal_error", error="worker"),))
                    postpone_within(delivery, EventKind.HELD, data={"reasons": said}, reasons=said, due_at=None)
                continue
            case = cases.get(delivery.pk)
            if case is not None and isinstance(decide(facts_of(case, replies)), Wait):
                postpone(delivery, None, due_at=timezone.now() + ASK_AGAIN)
            else:
                move(delivery, Status.QUEUED, EventKind.RELEASED, due_at=timezone.now(), waiting_since=None, waited=0)
    return len(held)


@contextmanager
def nobody_elses_trouble(delivery: Delivery) -> Iterator[None]:
    """One row that can't be looked at never stands before the others; it comes again when its lease runs out, a few times.
    A database that fails is the same for all."""
    try:
        yield
    except LostClaim:
        logger.warning("lost claim %s", delivery.key)
    except DatabaseTrouble:
        raise
    except Exception:
        logger.exception("stumbled over %s", delivery.key)
