"""«Samle e-post til bruker i én e-post» (R20): what one run sends to the same user leaves as one mail with a zip.

One delivery leads: it is claimed, tried and asked about like any other, with the zip of all as its bytes. The others follow: they
stay queued without a time of their own, and the ledger settles them with the leader, in the same transaction. Where the leader
comes to nothing they are free again, and each goes as if there had been no bundle.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from django.db import DatabaseError
from django.db.models import Q

from customers.models import Method
from distribution.delivery.claiming import claim_beside
from distribution.delivery.preparing import Departure, Follower, prepare
from distribution.facts import Case
from distribution.models import Delivery
from distribution.routing import Facts, Route
from distribution.states import ChannelName

logger = logging.getLogger(__name__)
MOST = 50  # in one zip: as many as are laid out well within a lease


@dataclass(frozen=True, slots=True)
class Passenger:
    """A delivery that may leave together with others."""

    delivery: Delivery
    case: Case
    facts: Facts
    route: Route


Decide = Callable[[list[Delivery]], Iterable[Departure | Passenger]]


def may_share(delivery: Delivery, case: Case, route: Route) -> bool:
    """Only mail to a user that was never tried, where the company wants it. What came to nothing in a zip goes by itself."""
    if route.channel != ChannelName.TO_USER or not route.to or not case.terms.settings.zip_to_user:
        return False
    if delivery.tried or delivery.chosen_channel or delivery.as_link:
        return False
    of_a_zip = Q(leads=True) | Q(leader__isnull=False)
    return not Delivery.objects.filter(of_a_zip, invoice=delivery.invoice_id).exclude(pk=delivery.pk).exists()


def gather(
    passengers: list[Passenger], decide: Decide, alone: Callable[[Passenger], Departure | None]
) -> list[Departure]:
    """One departure for all of a run to the same user, with those that were not in this chunk; `alone` makes the one of a
    passenger without company."""
    groups: defaultdict[tuple[int, int, tuple[str, ...]], list[Passenger]] = defaultdict(list)
    for one in passengers:
        groups[one.delivery.company_id, one.delivery.invoice.run_id, one.route.to].append(one)
    departures: list[Departure | None] = []
    for group in groups.values():
        beside = list(decide(_claimed_beside(group)))
        departures += [one for one in beside if isinstance(one, Departure)]
        others = [one for one in beside if isinstance(one, Passenger)]
        same = [one for one in others if one.route.to == group[0].route.to]
        departures += _bundles(group + same, alone)
        departures += [alone(one) for one in others if one not in same]
    return [one for one in departures if one is not None]


def _claimed_beside(group: list[Passenger]) -> list[Delivery]:
    first = group[0].delivery
    return claim_beside(first, MOST - len(group), method=Method.SELF) if len(group) < MOST else []


def _bundles(group: list[Passenger], alone: Callable[[Passenger], Departure | None]) -> list[Departure | None]:
    """One zip; where it is too large, or one document spoils it, each half tries by itself. Alone it is held if it must be."""
    if len(group) == 1:
        return [alone(group[0])]
    leader, *others = group
    try:
        return [_together(leader, others)]
    except DatabaseError:
        raise
    except Exception as spoilt:
        logger.warning("%s can't leave together: %s", len(group), type(spoilt).__name__)
        half = len(group) // 2
        return _bundles(group[:half], alone) + _bundles(group[half:], alone)


def _together(leader: Passenger, others: list[Passenger]) -> Departure:
    """Raises as the channel does."""
    beside = [(one.delivery, one.case) for one in others]
    departure = prepare(leader.delivery, leader.case, leader.facts, leader.route, beside=beside)
    followers = tuple(Follower(one.delivery, one.facts, one.route) for one in others)
    return replace(departure, followers=followers)
