"""What comes back of a mail that a server had accepted (T67, T68, T70): one address of it, for good or for now.

All inside the caller's transaction, which has locked the invoice (`locked_for_news`); each says whether it changed anything.
Raises LostClaim where a worker has written the row meanwhile.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from distribution.channels.base import TooLarge
from distribution.delivery import recipients
from distribution.delivery.ledger import lock_invoices, move_within, postpone_within, tell
from distribution.delivery.parting import has_gone_on, part_ways
from distribution.delivery.recording import Result, again_as_link, come_back
from distribution.models import Delivery, Event, Recipient
from distribution.states import SENT, EventKind, Outcome, RecipientState, Status

SOFT_PAUSES = (timedelta(hours=1), timedelta(hours=6), timedelta(hours=24))  # after them it is as good as gone
DELAY_TOLD_AGAIN = timedelta(days=1)
STANDING = frozenset({RecipientState.REACHED, RecipientState.OUTSTANDING, RecipientState.UNCERTAIN})
CAN_COME_BACK = SENT | {Status.QUEUED, Status.UNCERTAIN}
# Of an address that nothing was written down about: what the status of the whole says.
ASSUMED = {Status.QUEUED: RecipientState.OUTSTANDING, Status.UNCERTAIN: RecipientState.UNCERTAIN}


class NotYet(Exception):
    """News of a mail that our own row does not know to have left. It is true in a moment: whoever brings it must come again."""


def locked_for_news(key: UUID) -> Delivery | None:
    """With its invoice locked, so that of two pieces of news the second finds what the first made of it. Raises NotYet."""
    rows = Delivery.objects.filter(key=key)
    if not rows.exists():
        return None
    lock_invoices(rows.get())
    delivery = rows.select_related("invoice__customer__parent", "invoice__run", "invoice__company").get()
    if delivery.status == Status.SENDING:
        raise NotYet(str(key))
    return delivery


def standing(delivery: Delivery, addresses: list[str]) -> list[str]:
    """Those of them that have neither been refused nor come back."""
    fallen = Recipient.objects.filter(delivery=delivery).exclude(state__in=STANDING).values_list("address", flat=True)
    return [address for address in addresses if address not in set(fallen)]


def bounced(delivery: Delivery, address: str, answer: str) -> bool:
    """For good. A single address, or the last one that stood, brings the invoice back: the next channel. What has moved on
    since stays."""
    return _came_back(delivery, address, Result(Outcome.RECIPIENT_REFUSED, answer))


def refused(delivery: Delivery, address: str, answer: str) -> bool:
    """The same, and not for the address: a person."""
    return _came_back(delivery, address, Result(Outcome.DOCUMENT_REFUSED, answer, reason="mail_came_back"))


def too_large(delivery: Delivery, address: str, answer: str) -> bool:
    """The same, for its size: once more with a link instead of the PDF (R13), and then a person."""
    return _came_back(delivery, address, Result(Outcome.DOCUMENT_REFUSED, answer, reason=TooLarge.reason))


def _came_back(delivery: Delivery, address: str, result: Result) -> bool:
    if delivery.status not in CAN_COME_BACK or not delivery.tried:
        return False
    if len(delivery.to) > 1:
        rows = _recipients(delivery)
        if rows[address].state == RecipientState.BOUNCED:
            return False
        _write(rows[address], RecipientState.BOUNCED, result.answer)
        states = _states(rows.values())
        if states & STANDING:
            _go_on_without(delivery, address, result.answer, states)
            return True
    # It is known now what became of the attempt that nobody could be asked about.
    postpone_within(delivery, None, doubtful=False, reached=False)
    is_last = delivery.invoice.last_delivery_id == delivery.pk  # else a person has sent it again meanwhile
    if result.reason == TooLarge.reason and (is_last or delivery.leads) and not delivery.as_link:
        again_as_link(delivery, result)
    else:
        come_back(delivery, result)
    return True


def soft_bounced(delivery: Delivery, address: str, answer: str) -> bool:
    """For now: the same way again after a pause, three times."""
    data = {"address": address, "answer": answer}
    if delivery.status == Status.UNCERTAIN:
        tell(delivery, EventKind.SOFT_BOUNCED, data=data)
        return True
    if delivery.status == Status.QUEUED:
        return _one_more_outstanding(delivery, address, answer)
    if delivery.status in SENT and delivery.leads and has_gone_on(delivery):
        part_ways(delivery, EventKind.SOFT_BOUNCED, data)
        return True
    if delivery.status not in SENT or delivery.invoice.last_delivery_id != delivery.pk:
        return False
    if delivery.soft_bounces >= len(SOFT_PAUSES):
        return bounced(delivery, address, answer)
    reached = False
    if len(delivery.to) > 1:
        rows = _recipients(delivery)
        if rows[address].state not in STANDING:
            return False
        _write(rows[address], RecipientState.OUTSTANDING, answer)
        reached = RecipientState.REACHED in _states(rows.values())
    later = timezone.now() + SOFT_PAUSES[delivery.soft_bounces]
    move_within(
        delivery,
        Status.QUEUED,
        EventKind.SOFT_BOUNCED,
        data={**data, "at": later.isoformat()},
        due_at=later,
        soft_bounces=delivery.soft_bounces + 1,
        first_tried_at=None,  # RETRY_HOURS begin anew
        reached=reached,
    )
    return True


def delayed(delivery: Delivery, address: str, answer: str) -> bool:
    """No failure (T68): the timeline tells it, at most once a day."""
    lately = timezone.now() - DELAY_TOLD_AGAIN
    if delivery.status not in SENT | {Status.UNCERTAIN} or _told(delivery, EventKind.DELAYED, at__gt=lately):
        return False
    tell(delivery, EventKind.DELAYED, data={"address": address, "answer": answer})
    return True


def complained(delivery: Delivery, address: str, answer: str) -> bool:
    if _told(delivery, EventKind.COMPLAINED, data__address=address):
        return False
    tell(delivery, EventKind.COMPLAINED, data={"address": address, "answer": answer})
    return True


def arrived(delivery: Delivery, address: str, answer: str) -> bool:
    """It has come to this address: so an uncertain mail is resolved where the provider tells by itself (R32). One of several says
    nothing about the others."""
    in_doubt = delivery.status == Status.UNCERTAIN or (delivery.status == Status.QUEUED and delivery.doubtful)
    if len(delivery.to) > 1:
        return in_doubt and _has_it(delivery, address, answer)
    data = {"answer": answer}
    if in_doubt:
        move_within(delivery, Status.ACCEPTED, EventKind.ACCEPTED, data=data, due_at=None, waited=0, doubtful=False)
    if delivery.status != Status.ACCEPTED:
        return False
    move_within(delivery, Status.DELIVERED, EventKind.DELIVERED, data=data, due_at=None)
    return True


def _has_it(delivery: Delivery, address: str, answer: str) -> bool:
    """While another one is in doubt the row stays as it is; then whoever is still to get it gets it, and else it is accepted."""
    rows = _recipients(delivery)
    if rows[address].state != RecipientState.UNCERTAIN:
        return False
    _write(rows[address], RecipientState.REACHED, answer)
    states = _states(rows.values())
    data: dict[str, Any] = {"address": address, "answer": answer}
    if RecipientState.UNCERTAIN in states:
        postpone_within(delivery, EventKind.DELIVERED, data=data, reached=True)
        return True
    known: dict[str, Any] = {"waited": 0, "doubtful": False, "reached": True}
    if RecipientState.OUTSTANDING not in states:
        tell(delivery, EventKind.DELIVERED, data=data)
        data = {"answer": answer, "missed": recipients.missed(delivery)}
        move_within(delivery, Status.ACCEPTED, EventKind.ACCEPTED, data=data, due_at=None, **known)
    elif delivery.status == Status.UNCERTAIN:
        move_within(delivery, Status.QUEUED, EventKind.DELIVERED, data=data, due_at=timezone.now(), **known)
    else:
        postpone_within(delivery, EventKind.DELIVERED, data=data, doubtful=False, reached=True)
    return True


def _go_on_without(delivery: Delivery, address: str, answer: str, states: set[RecipientState]) -> None:
    """Others stand. A row that waited for this address alone has ended: the others have it."""
    data = {"address": address, "answer": answer}
    reached = RecipientState.REACHED in states
    if delivery.status not in SENT and states & STANDING == {RecipientState.REACHED}:
        move_within(
            delivery, Status.ACCEPTED, EventKind.BOUNCED, data=data, due_at=None, doubtful=False, reached=reached
        )
    elif delivery.reached != reached:
        postpone_within(delivery, EventKind.BOUNCED, data=data, reached=reached)
    else:
        tell(delivery, EventKind.BOUNCED, data=data)


def _one_more_outstanding(delivery: Delivery, address: str, answer: str) -> bool:
    """It goes again anyway, for another of its addresses: then for this one too."""
    if len(delivery.to) == 1:
        return False
    rows = _recipients(delivery)
    if rows[address].state != RecipientState.REACHED:
        return False
    _write(rows[address], RecipientState.OUTSTANDING, answer)
    data = {"address": address, "answer": answer, "at": delivery.due_at.isoformat() if delivery.due_at else None}
    reached = RecipientState.REACHED in _states(rows.values())
    postpone_within(delivery, EventKind.SOFT_BOUNCED, data=data, reached=reached)
    return True


def _recipients(delivery: Delivery) -> dict[str, Recipient]:
    """By address, all of them: those that nothing was written down about yet are written now."""
    rows = {row.address: row for row in Recipient.objects.filter(delivery=delivery)}
    assumed = ASSUMED.get(Status(delivery.status), RecipientState.REACHED)
    new = [Recipient(delivery=delivery, address=one, state=assumed) for one in delivery.to if one not in rows]
    return rows | {row.address: row for row in Recipient.objects.bulk_create(new)}


def _write(row: Recipient, state: RecipientState, answer: str) -> None:
    row.state, row.answer, row.at = state, answer[:500], timezone.now()
    row.save(update_fields=["state", "answer", "at"])


def _states(rows: Iterable[Recipient]) -> set[RecipientState]:
    return {RecipientState(row.state) for row in rows}


def _told(delivery: Delivery, kind: EventKind, **more: object) -> bool:
    return Event.objects.filter(delivery=delivery, kind=kind, **more).exists()
