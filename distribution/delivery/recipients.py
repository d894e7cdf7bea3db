"""The addresses of a delivery that has several: who has it, who is still to get it, and who can't (T70).

One of them having it makes the delivery `reached`. From then on it takes no other channel, and ends as accepted, whatever
becomes of the rest: anything else would bring it twice to the one who has it (R32).
"""

from collections.abc import Iterable
from typing import Any

from django.utils import timezone

from distribution.channels.base import Said
from distribution.channels.registry import channel_for
from distribution.models import Delivery, Recipient
from distribution.states import ChannelName, Outcome, RecipientState

STATES = {
    Outcome.ACCEPTED: RecipientState.REACHED,
    Outcome.ALREADY_SENT: RecipientState.REACHED,
    Outcome.TEMPORARY: RecipientState.OUTSTANDING,
    Outcome.UNCERTAIN: RecipientState.UNCERTAIN,
    Outcome.RECIPIENT_REFUSED: RecipientState.REFUSED,
    Outcome.DOCUMENT_REFUSED: RecipientState.REFUSED,
}
DONE = frozenset({RecipientState.REACHED, RecipientState.REFUSED, RecipientState.BOUNCED})


def outstanding(delivery: Delivery) -> tuple[str, ...]:
    """Whom the next attempt is for."""
    if len(delivery.to) < 2 or not delivery.tried:
        return tuple(delivery.to)
    done = set(Recipient.objects.filter(delivery=delivery, state__in=DONE).values_list("address", flat=True))
    return tuple(address for address in delivery.to if address not in done)


def note(delivery: Delivery, said: Iterable[Said]) -> dict[str, Any]:
    """Inside the caller's transaction, whose next move takes what is returned: whether anybody has it now. Of the lines of a
    postal address there is nothing to note."""
    if not channel_for(ChannelName(delivery.channel)).to_each:
        return {}
    now = timezone.now()
    rows = [
        Recipient(delivery=delivery, address=one.address, state=STATES[one.outcome], answer=one.answer[:500], at=now)
        for one in said
    ]
    _keep(rows)
    return {"reached": True} if any(row.state == RecipientState.REACHED for row in rows) else {}


def doubt_outstanding(delivery: Delivery) -> None:
    """Whoever died in the call, or can't ask, does not know whom of them it came to."""
    if len(delivery.to) > 1:
        rows = Recipient.objects.filter(delivery=delivery, state=RecipientState.OUTSTANDING)
        rows.update(state=RecipientState.UNCERTAIN, at=timezone.now())


def settle_uncertain(delivery: Delivery, *, arrived: bool) -> bool:
    """A person knows what became of the uncertain ones. Whether somebody is still to get it."""
    rows = Recipient.objects.filter(delivery=delivery, state=RecipientState.UNCERTAIN)
    rows.update(state=RecipientState.REACHED if arrived else RecipientState.OUTSTANDING, at=timezone.now())
    return Recipient.objects.filter(delivery=delivery, state=RecipientState.OUTSTANDING).exists()


def missed(delivery: Delivery) -> list[str]:
    """The addresses that have not got it."""
    reached = Recipient.objects.filter(delivery=delivery, state=RecipientState.REACHED)
    has_it = set(reached.values_list("address", flat=True))
    return [address for address in delivery.to if address not in has_it]


def _keep(rows: list[Recipient]) -> None:
    Recipient.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["delivery", "address"],
        update_fields=["state", "answer", "at"],
    )
