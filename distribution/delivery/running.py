"""Works off due rows: claim, decide on the facts of this moment, and let `sending` take each out."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django.db import DatabaseError, transaction
from django.utils import timezone

from distribution import lookups, quotas
from distribution.channels.base import DocumentRefused, NotForPrint, NotValid, RecipientRefused
from distribution.channels.registry import MAIL
from distribution.delivery.bundling import Passenger, gather, may_share
from distribution.delivery.claiming import CHUNK, MAX_CLAIMS, claim_due, give_back, lease_of
from distribution.delivery.ledger import LostClaim, move, postpone
from distribution.delivery.planning import plan
from distribution.delivery.preparing import Departure, prepare, transport_of
from distribution.delivery.recording import Result, end_as_reached, hold, later_for, leave_to_person, refuse
from distribution.delivery.sending import send_all
from distribution.delivery.sweeping import ASK_AGAIN, sweep
from distribution.facts import Case, cases_of, facts_of, query_of
from distribution.models import Delivery, Run
from distribution.reasons import Reason, because, to_json
from distribution.registers.base import Query, Reply
from distribution.routing import Facts, Held, Route, Wait, decide
from distribution.states import EventKind, Status

logger = logging.getLogger(__name__)
Decided = Departure | Passenger | None


@dataclass(frozen=True, slots=True)
class Taken:
    """A claimed chunk after the decisions: `number` rows, of which `departures` are to be sent before `ends` (monotonic)."""

    number: int
    departures: list[Departure]
    ends: float


def run(*, run_id: int | None = None, limit: int = CHUNK) -> int:
    """Claims one chunk and delivers it; returns how many rows were taken, 0 when nothing is due."""
    taken = take(run_id=run_id, limit=limit)
    send_all(taken.departures, taken.ends)
    return taken.number


def take(*, run_id: int | None = None, limit: int = CHUNK) -> Taken:
    """The first half of `run`: what waits or is held is written down, what goes has its bytes frozen."""
    claimed = claim_due(limit, run_id)
    if claimed and claimed[0].claims > MAX_CLAIMS:  # taken alone; nothing may be tried with it first
        _guarded(claimed[0], partial(_decide, claimed[0], None, {}))
        return Taken(1, [], 0)
    started, half = time.monotonic(), lease_of(claimed).total_seconds() / 2
    departures: list[Departure] = []
    passengers: list[Passenger] = []
    for position, decided in enumerate(_decided(claimed, seconds=half / 4)):
        if isinstance(decided, Departure):
            departures.append(decided)
        elif decided is not None:
            passengers.append(decided)
        if departures and time.monotonic() >= started + half / 2:
            give_back(
                claimed[position + 1 :]
            )  # what is ready goes first: to make bytes and never send them would go on for ever
            break
    departures += gather(passengers, partial(_decided_beside, seconds=half / 4), _alone)
    return Taken(len(claimed), departures, started + half)


def finish(of_run: Run, progress: Callable[[int], None] = lambda left: None, pause: float = 0.2) -> None:
    """Delivers a run in this process, beside whatever worker there is, until each of its invoices has ended (R30)."""
    while left := Delivery.objects.not_ended().filter(invoice__run=of_run).count():
        progress(left)
        if not run(run_id=of_run.pk) and not sweep():
            time.sleep(pause)
    progress(0)


def _ask(cases: dict[int, Case], *, seconds: float) -> dict[Query, Reply]:
    """The registers are asked before each send, once for the chunk, and outside any transaction. A register that is slow takes
    its part of the lease, and no more."""
    replies = lookups.ask((query for query in map(query_of, cases.values()) if query), seconds=seconds)
    if replies:
        lookups.remember(replies)
    return replies


def _decided(claimed: list[Delivery], *, seconds: float) -> Iterator[Decided]:
    """What became of each, one after the other."""
    cases = cases_of(claimed)
    replies = _ask(cases, seconds=seconds)
    for delivery in claimed:
        yield _guarded(delivery, partial(_decide, delivery, cases.get(delivery.pk), replies))


def _decided_beside(claimed: list[Delivery], *, seconds: float) -> Iterator[Departure | Passenger]:
    return (one for one in _decided(claimed, seconds=seconds) if one is not None)


def _alone(one: Passenger) -> Departure | None:
    made = _guarded(one.delivery, partial(_prepared, one.delivery, one.case, one.facts, one.route))
    return made if isinstance(made, Departure) else None


def _guarded(delivery: Delivery, act: Callable[[], Decided]) -> Decided:
    """One invoice never takes the others down: what nobody foresaw holds this one, with its trace in the log for ops.

    A database that fails is another matter: it is the same for all, so it ends the chunk, and the leases run out.
    """
    try:
        return act()
    except LostClaim:
        logger.warning("lost claim %s", delivery.key)
    except DatabaseError:
        raise
    except Exception as error:
        logger.exception("stumbled over %s", delivery.key)
        delivery.refresh_from_db(fields=["status"])  # as it is, whatever was rolled back
        with suppress(LostClaim):
            _hold(delivery, (because("internal_error", error=type(error).__name__),))
    return None


def _decide(delivery: Delivery, case: Case | None, replies: dict[Query, Reply]) -> Decided:
    """A departure with its bytes frozen, or one that may leave with others; all else that a decision can mean is written here."""
    if delivery.claims > MAX_CLAIMS:
        _hold(delivery, (because("internal_error", error="worker"),))
        return None
    if case is None:
        _hold(delivery, (because("customer_deleted"),))
        return None
    facts = facts_of(case, replies)
    match decide(facts):
        case Wait() as wait:
            _wait(delivery, wait, facts.to_json())
        case Held(reasons=reasons):
            _hold(delivery, reasons, facts=facts.to_json())
        case Route(channel=channel) as route if delivery.channel and delivery.channel != channel:
            if delivery.doubtful:
                with transaction.atomic():
                    leave_to_person(delivery, "")
            elif delivery.reached:
                with transaction.atomic():
                    end_as_reached(delivery, "", (because("facts_changed_after_some"),))
            else:
                _supersede(delivery, route)
        case Route() as route if later := _not_before(delivery, route):
            postpone(delivery, None, due_at=later)
        case Route() as route if may_share(delivery, case, route):
            return Passenger(delivery, case, facts, route)
        case Route() as route:
            return _prepared(delivery, case, facts, route)
    return None


def _not_before(delivery: Delivery, route: Route) -> datetime | None:
    """A mail that would be one too many in this minute waits for its own; None for all others."""
    by_mail = transport_of(delivery.invoice.company, route.channel, route.to) in MAIL
    return quotas.wait_until(delivery.company_id, len(route.to)) if by_mail else None


def _prepared(delivery: Delivery, case: Case, facts: Facts, route: Route) -> Departure | None:
    """A refusal here comes before any attempt: an address that no header takes, a document that no layout takes."""
    try:
        return prepare(delivery, case, facts, route)
    except (NotValid, NotForPrint) as wrong:
        reasons = (because(wrong.reason, **wrong.told),)
        _hold(delivery, reasons, channel=route.channel, facts=facts.to_json())
    except (RecipientRefused, DocumentRefused) as refusal:
        with transaction.atomic():
            refuse(delivery, Result(refusal.outcome, refusal.answer), channel=route.channel, facts=facts.to_json())
    return None


def _hold(delivery: Delivery, reasons: tuple[Reason, ...], **changes: Any) -> None:
    with transaction.atomic():
        hold(delivery, reasons, **changes)


def _wait(delivery: Delivery, decision: Wait, facts: dict[str, object]) -> None:
    """R25: it stays queued while the register is asked again; after RETRY_HOURS it is held, and released by the first answer."""
    since = delivery.waiting_since or timezone.now()
    later = later_for(delivery, tried=delivery.waited + 1, first=since)
    if later is None:
        due_at = timezone.now() + ASK_AGAIN
        _hold(delivery, (because("register_silent"),), facts=facts, due_at=due_at, waiting_since=since)
        return
    # One line on the timeline, not one for each time that the register was asked.
    kind = EventKind.WAITING if delivery.waiting_since is None else None
    reasons = to_json(decision.reasons)
    postpone(
        delivery,
        kind,
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
