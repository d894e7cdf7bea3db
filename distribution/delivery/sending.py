"""A chunk of departures out of the door, one after the other: attempt committed, call made, outcome recorded.

The outcome of one and the attempt of the next share a commit. A process that dies in between leaves the first one `sending`:
it is asked for by its key, as after any death in a call.
"""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial

from django.db import Error as DatabaseTrouble
from django.db import transaction

from distribution import frozen
from distribution.accounts import note_service
from distribution.channels.base import AccountRefused, DeliveryError, Outgoing, Said, Transport
from distribution.channels.registry import transport_named
from distribution.delivery.beginning import begin
from distribution.delivery.claiming import give_back
from distribution.delivery.ledger import LostClaim
from distribution.delivery.preparing import Departure, outgoing_of, transport_for, with_account
from distribution.delivery.recording import Result, hold, record
from distribution.models import Delivery
from distribution.reasons import because, printable
from distribution.states import Outcome

logger = logging.getLogger(__name__)
Step = tuple[tuple[Delivery, ...], Callable[[], None]]  # the rows that it writes, the first of them what it is about


def send_all(departures: list[Departure], ends: float) -> None:
    """Sends what fits the lease (`ends` on the monotonic clock), at least one, and gives the rest back. The fence, not the
    clock, is what keeps a late one from going twice."""
    last: Step | None = None
    for position, departure in enumerate(departures):
        if position and time.monotonic() >= ends:
            give_back(list(_rows(departures[position:])))
            break
        try:
            ready = _ready(departure)
            if ready is None:
                give_back(_followers(departure))
                continue
            outgoing, name, transport = ready
            account = outgoing.account.fingerprint if outgoing.account else ""
            begun = _in_one_commit(last, (_rows([departure]), partial(begin, departure, name, account)))
        except (OSError, DatabaseTrouble):
            if last is not None:
                _alone(last)  # what is known of the last one does not depend on this one
            give_back(list(_rows(departures[position + 1 :])))
            raise
        except Exception as error:
            logger.exception("stumbled before the call of %s", departure.delivery.key)
            if last is not None:
                _alone(last)
                last = None
            reasons = (because("internal_error", error=type(error).__name__),)
            _alone(((departure.delivery,), partial(hold, departure.delivery, reasons)))
            give_back(_followers(departure))
            continue
        if not begun:
            give_back(list(_rows([departure])))
        last = (
            ((departure.delivery,), partial(_record, departure.delivery, _transmit(outgoing, transport)))
            if begun
            else None
        )
    if last is not None:
        _alone(last)


def _rows(departures: list[Departure]) -> tuple[Delivery, ...]:
    return tuple(row for one in departures for row in (one.delivery, *_followers(one)))


def _followers(departure: Departure) -> list[Delivery]:
    """Claimed with it; not bound to it before it has begun."""
    return [one.delivery for one in departure.followers]


def _ready(departure: Departure) -> tuple[Outgoing, str, Transport] | None:
    """What is handed over, and to whom; None where the delivery was held instead."""
    outgoing = _outgoing(departure)
    if outgoing is None:
        return None
    name = transport_for(outgoing)
    transport = transport_named(name)
    outgoing = with_account(outgoing, departure.delivery, transport)
    if transport.needs_account and outgoing.account is None:
        facts = departure.facts.to_json()
        _alone(((departure.delivery,), partial(hold, departure.delivery, (because("no_account"),), facts=facts)))
        return None
    return outgoing, name, transport


def _outgoing(departure: Departure) -> Outgoing | None:
    """One whose frozen bytes are lost is held, and takes nobody with it. A disk that fails raises: it is the same for all."""
    try:
        return outgoing_of(departure.delivery, departure)
    except (FileNotFoundError, frozen.Damaged) as lost:
        logger.exception("frozen bytes of %s", departure.delivery.key)
        reasons = (because("internal_error", error=type(lost).__name__),)
        _alone(((departure.delivery,), partial(hold, departure.delivery, reasons)))
        return None


def _transmit(outgoing: Outgoing, transport: Transport) -> Result:
    """The only call to the outside. What nobody foresaw may have come after the hand-over: nobody knows, so it is asked."""
    try:
        accepted = transport.send(outgoing)
    except DeliveryError as error:
        later, follows = getattr(error, "later", 0), transport.follows
        said = printable(error.answer)
        known = (said, "", later, transport.can_ask, error.reason, follows)
        return Result(error.outcome, *known, _printable(error.recipients))
    except Exception as error:
        logger.exception("stumbled in the call of %s", outgoing.key)
        return Result(Outcome.UNCERTAIN, type(error).__name__, can_ask=transport.can_ask)
    answer, reference = printable(accepted.answer), printable(accepted.reference)
    of_each = _printable(accepted.recipients)
    return Result(Outcome.ACCEPTED, answer, reference, follows=transport.follows, recipients=of_each)


def _printable(recipients: tuple[Said, ...]) -> tuple[Said, ...]:
    return tuple(replace(one, answer=printable(one.answer)) for one in recipients)


def _record(delivery: Delivery, result: Result) -> None:
    record(delivery, result)
    if result.follows and result.outcome == Outcome.ACCEPTED:
        note_service(delivery.company_id, serves=True)
    elif result.reason == AccountRefused.reason:
        note_service(delivery.company_id, serves=False)


def _in_one_commit(last: Step | None, begin: Step) -> bool:
    """Whether the attempt stands. Where one of the two has lost its claim, the other is written on its own."""
    if last is not None:
        try:
            with _rows_as_before(*last[0], *begin[0]), transaction.atomic():
                last[1]()
                begin[1]()
        except LostClaim:
            _alone(last)
        else:
            return True
    return _alone(begin)


def _alone(step: Step) -> bool:
    rows, write = step
    try:
        with _rows_as_before(*rows), transaction.atomic():
            write()
    except LostClaim:
        logger.warning("lost claim %s", rows[0].key)
        return False
    return True


@contextmanager
def _rows_as_before(*deliveries: Delivery) -> Iterator[None]:
    """What a rolled-back transaction wrote is taken back in memory too."""
    before = [dict(vars(delivery)) for delivery in deliveries]
    try:
        yield
    except Exception:
        for delivery, values in zip(deliveries, before, strict=True):
            vars(delivery).clear()
            vars(delivery).update(values)
        raise
