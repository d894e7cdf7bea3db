"""What one attempt came to, and what that means for the row (R31, R32). The class of the error was the policy."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from distribution import bounced, retry
from distribution.channels.base import Said, TooLarge
from distribution.delivery import recipients
from distribution.delivery.ledger import move_within, postpone_within
from distribution.delivery.parting import part_ways, plan_anew
from distribution.delivery.planning import plan
from distribution.delivery.statements import Statement, update, write
from distribution.models import Attempt, Delivery, Invoice
from distribution.reasons import Reason, because, to_json
from distribution.states import ChannelName, EventKind, Outcome, Status

FOLLOW_FIRST = timedelta(minutes=5)  # after it was accepted, the first question what became of it
ACCEPTING = {Outcome.ACCEPTED: EventKind.ACCEPTED, Outcome.ALREADY_SENT: EventKind.ALREADY_SENT}
SURE_AFTER = timedelta(minutes=10)  # a provider that has not got it by then will not get it by that attempt


@dataclass(frozen=True, slots=True)
class Result:
    outcome: Outcome
    answer: str = ""
    reference: str = ""
    later: float = 0
    can_ask: bool = True
    reason: str = "document_refused"
    follows: bool = False
    recipients: tuple[Said, ...] = ()


def record(delivery: Delivery, result: Result) -> None:
    """Inside the caller's transaction. Raises LostClaim when somebody else has settled the row meanwhile."""
    said = _of_each(delivery, result)
    noted = recipients.note(delivery, said) if len(delivery.to) > 1 else {}
    _mark_refused(delivery, said)
    if result.outcome in ACCEPTING:
        accept(delivery, ACCEPTING[result.outcome], result, **noted)
        return
    close_attempt(delivery, result)
    match result.outcome:
        case Outcome.TEMPORARY:
            _retry_later(delivery, result, **noted)
        case Outcome.UNCERTAIN:
            doubt(delivery, result, **noted)
        case _ if delivery.reached:
            end_as_reached(delivery, result.answer)
        case _ if result.reason == TooLarge.reason and not (delivery.as_link or delivery.doubtful):
            again_as_link(delivery, result)
        case _:
            refuse(delivery, result)


def _of_each(delivery: Delivery, result: Result) -> tuple[Said, ...]:
    """Where the transport tells nothing of each, what it tells is true of all that it was given."""
    given = recipients.outstanding(delivery)
    return result.recipients or tuple(Said(address, result.outcome, result.answer) for address in given)


def _mark_refused(delivery: Delivery, said: tuple[Said, ...]) -> None:
    """What a bounce would tell later (T67): no other invoice is tried at an address of the customer's that is dead."""
    if delivery.channel != ChannelName.EMAIL:
        return
    for one in said:
        if one.outcome == Outcome.RECIPIENT_REFUSED and (customer := delivery.invoice.customer):
            bounced.mark(customer, one.address, one.answer, delivery)


def accept(delivery: Delivery, kind: EventKind, result: Result, **noted: Any) -> None:
    """Closes the attempt too, in the same trip: this is what happens to nearly every invoice. A provider that `follows` is
    asked later what became of it, and knows one document by our key, so that no earlier attempt can be another one."""
    changes: dict[str, Any] = {"due_at": None, "reference": result.reference[:200], **noted}
    if result.follows:
        changes |= {"due_at": timezone.now() + FOLLOW_FIRST, "waited": 0, "doubtful": False}
    missed = recipients.missed(delivery) if noted or delivery.reached else []
    move_within(
        delivery,
        Status.ACCEPTED,
        kind,
        data={"answer": result.answer, **({"missed": missed} if missed else {})},
        beside=(_closing(delivery, result),),
        **changes,
    )


def end_as_reached(delivery: Delivery, answer: str, reasons: tuple[Reason, ...] = ()) -> None:
    """One address has it, and the others can't get it any more, so it has been accepted; the timeline names who missed it."""
    data = {"answer": answer, "missed": recipients.missed(delivery), "reasons": to_json(reasons)}
    move_within(delivery, Status.ACCEPTED, EventKind.ACCEPTED, data=data, due_at=None, waiting_since=None, waited=0)


def doubt(delivery: Delivery, result: Result, **noted: Any) -> None:
    """It may have been accepted: ask by key soon; where nobody can be asked, the setting or a person decides."""
    resend = not result.can_ask and settings.EMAIL_UNCERTAIN == "resend"
    later = later_for(delivery, tried=delivery.tried, first=delivery.first_tried_at) if resend else None
    if later is None and result.can_ask:
        later = timezone.now() + timedelta(seconds=retry.PAUSES[0])
    again = resend and later is not None
    data = {"answer": result.answer, "askable": result.can_ask, "again": again}
    status = Status.QUEUED if again else Status.UNCERTAIN
    doubtful = not result.can_ask
    move_within(delivery, status, EventKind.UNCERTAIN, data=data, due_at=later, waited=0, doubtful=doubtful, **noted)


def leave_to_person(delivery: Delivery, answer: str, reasons: tuple[Reason, ...] = ()) -> None:
    """Uncertain, and nothing by itself any more: an earlier attempt may have arrived, so no other channel either (R32)."""
    recipients.doubt_outstanding(delivery)
    data = {"answer": answer, "askable": False, "again": False, "reasons": to_json(reasons)}
    if delivery.status == Status.UNCERTAIN:
        postpone_within(delivery, EventKind.UNCERTAIN, data=data, due_at=None)
        return
    move_within(delivery, Status.UNCERTAIN, EventKind.UNCERTAIN, data=data, due_at=None, waited=0)


def not_there(delivery: Delivery) -> None:
    """Asked by key, the provider has not got it: again at once the first time, then with growing pauses, then failed. The
    same key can't become two; until the call can't be under way any more nothing else is tried either."""
    close_attempt(delivery, Result(Outcome.UNCERTAIN))
    doubtful = _may_be_under_way(delivery)
    if delivery.tried <= 1:
        data, now = {"there": False}, timezone.now()
        move_within(delivery, Status.QUEUED, EventKind.ASKED, data=data, due_at=now, waited=0, doubtful=doubtful)
        return
    _retry_later(delivery, Result(Outcome.TEMPORARY), doubtful=doubtful)


def come_back(delivery: Delivery, result: Result) -> None:
    """Accepted, and refused after all. Only the invoice's last delivery opens another channel: a person may have sent it again
    meanwhile. The invoice is locked first, as by whoever orders something."""
    rows = Invoice.objects.select_for_update(no_key=True).filter(pk=delivery.invoice_id)
    last = rows.values_list("last_delivery", flat=True).get() == delivery.pk
    refuse(delivery, result, EventKind.CAME_BACK, go_on=last, reached=False)


def refuse(
    delivery: Delivery, result: Result, kind: EventKind = EventKind.REFUSED, *, go_on: bool = True, **changes: Any
) -> None:
    """A no to the recipient opens the next channel; a no to the document is for a person."""
    about_recipient = result.outcome == Outcome.RECIPIENT_REFUSED
    data = {"answer": result.answer, "recipient": about_recipient, "channel": changes.get("channel", delivery.channel)}
    if about_recipient and delivery.doubtful:
        leave_to_person(delivery, result.answer)
        return
    if about_recipient:
        move_within(delivery, Status.FAILED, kind, data=data, due_at=None, refused=True, **changes)
        if go_on:
            plan(delivery.invoice, double_confirmed=delivery.double_confirmed)
        if delivery.leads:
            plan_anew(Q(leader=delivery))
        return
    reasons = (because(result.reason, answer=result.answer),)
    if delivery.doubtful:
        leave_to_person(delivery, result.answer, reasons)
        return
    said = to_json(reasons)
    move_within(delivery, Status.HELD, kind, data=data, due_at=None, reasons=said, **changes)


def hold(delivery: Delivery, reasons: tuple[Reason, ...], **changes: Any) -> None:
    """For a person, with what is wrong."""
    if delivery.doubtful:
        leave_to_person(delivery, "", reasons)
        return
    if delivery.reached:
        end_as_reached(delivery, "", reasons)
        return
    said = to_json(reasons)
    settled = {"due_at": None, "waiting_since": None, "waited": 0, **changes}
    move_within(delivery, Status.HELD, EventKind.HELD, data={"reasons": said}, reasons=said, **settled)


def close_attempt(delivery: Delivery, result: Result) -> None:
    """Once: an attempt whose outcome is known keeps it."""
    write(_closing(delivery, result))


def _closing(delivery: Delivery, result: Result) -> Statement:
    changes = {"outcome": result.outcome, "answer": result.answer[:500], "ended_at": timezone.now()}
    return update(Attempt, changes, delivery_id=delivery.pk, number=delivery.tried, outcome="")


def later_for(delivery: Delivery, *, tried: int, first: datetime | None, at_least: float = 0) -> datetime | None:
    """The time of its next attempt or question, in `at_least` so many seconds, or None when RETRY_HOURS are over."""
    now, hours, spread = timezone.now(), settings.RETRY_HOURS, spread_of(delivery)
    return retry.next_attempt(tried=tried, first=first or now, now=now, hours=hours, spread=spread, at_least=at_least)


def spread_of(delivery: Delivery) -> float:
    """A number in [0, 1) that belongs to this delivery."""
    return (delivery.key.int % 1000) / 1000


def _may_be_under_way(delivery: Delivery) -> bool:
    """Whether the bytes of the last attempt may still come to the provider, by a line or a worker that was slow."""
    attempt = Attempt.objects.get(delivery=delivery, number=delivery.tried)
    return timezone.now() - attempt.started_at < SURE_AFTER


def again_as_link(delivery: Delivery, result: Result) -> None:
    """R13: the mail with the PDF is too large for the server, so one with a link takes its place, with bytes of its own (R34). Of a
    zip each goes by itself, with its PDF."""
    if delivery.leads:
        part_ways(delivery, EventKind.REFUSED, {"answer": result.answer, "channel": delivery.channel, "zip": True})
        return
    data = {"answer": result.answer, "recipient": False, "channel": delivery.channel, "as_link": True}
    move_within(delivery, Status.FAILED, EventKind.REFUSED, data=data, due_at=None)
    plan(
        delivery.invoice,
        as_link=True,
        chosen_channel=delivery.chosen_channel,
        double_confirmed=delivery.double_confirmed,
    )


def _retry_later(delivery: Delivery, result: Result, *, doubtful: bool | None = None, **noted: Any) -> None:
    """`doubtful` None leaves it as it is."""
    reached = delivery.reached or noted.get("reached", False)
    doubtful = delivery.doubtful if doubtful is None else doubtful
    later = later_for(delivery, tried=delivery.tried, first=delivery.first_tried_at, at_least=result.later)
    if later is None and doubtful:
        leave_to_person(delivery, result.answer)
        return
    if later is None and reached:
        end_as_reached(delivery, result.answer)
        return
    if later is None:
        reasons = to_json((because("gave_up", hours=settings.RETRY_HOURS),))
        data = {"answer": result.answer}
        move_within(delivery, Status.FAILED, EventKind.GAVE_UP, data=data, reasons=reasons, due_at=None, doubtful=False)
        return
    data = {"answer": result.answer, "at": later.isoformat()}
    move_within(delivery, Status.QUEUED, EventKind.RETRY_LATER, data=data, due_at=later, doubtful=doubtful, **noted)
