"""One delivery to several addresses of a customer: each is sent to by itself, and what became of all of them is one outcome."""

from collections.abc import Callable

from distribution.channels.base import Accepted, DeliveryError, Outgoing, RecipientRefused, Said, Temporary, Uncertain
from distribution.channels.email.addresses import BadAddress, on_the_wire
from distribution.states import Outcome

Send = Callable[[Outgoing, str], Accepted]


def to_each(outgoing: Outgoing, send: Send) -> Accepted:
    """`send` takes one address, as it is written on the wire. Raises Uncertain when one of them is, else Temporary when one is to
    be tried again, else the refusal where all were refused; with several addresses each outcome is told too (T70)."""
    if len(outgoing.to) == 1:
        return _one(outgoing, outgoing.to[0], send)
    said: list[Said] = []
    refusals: list[DeliveryError] = []
    for address in outgoing.to:
        try:
            said.append(Said(address, Outcome.ACCEPTED, _one(outgoing, address, send).answer))
        except DeliveryError as refusal:
            said.append(Said(address, refusal.outcome, refusal.answer))
            refusals.append(refusal)
    return _together(tuple(said), refusals)


def _one(outgoing: Outgoing, address: str, send: Send) -> Accepted:
    try:
        wire = on_the_wire(address)
    except BadAddress as error:
        raise RecipientRefused(str(error)) from error
    return send(outgoing, wire)


def _together(said: tuple[Said, ...], refusals: list[DeliveryError]) -> Accepted:
    words = "; ".join(f"{one.address}: {one.answer}" for one in said)
    by_outcome = {refusal.outcome: refusal for refusal in refusals}
    if Outcome.UNCERTAIN in by_outcome:
        raise Uncertain(words, said)
    if Outcome.TEMPORARY in by_outcome:
        raise Temporary(words, max(getattr(refusal, "later", 0) for refusal in refusals), said)
    if len(refusals) == len(said):
        worst = by_outcome.get(Outcome.DOCUMENT_REFUSED, refusals[0])
        raise type(worst)(words, said)
    return Accepted(answer=words, recipients=said)
