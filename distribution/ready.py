"""What was held for want of something that has been filled in since (R24). Nothing of it goes by itself; a person is offered it."""

from collections.abc import Iterable

from django.db.models import Q

from customers.models import Company
from distribution import lookups
from distribution.accounts import serving
from distribution.facts import cases_of, facts_of, query_of
from distribution.models import Delivery
from distribution.reasons import needs_keys
from distribution.routing import Route, decide
from distribution.states import Status

MOST = 500  # that one press sends; what is left is offered again
CHUNKS = 4  # of MOST rows, that one look takes
OURS_TO_FIND_OUT = "internal_error"  # held by a fault of ours: the facts say nothing about it
RELATED = ("invoice__customer__parent", "invoice__customer__company", "invoice__company", "invoice__sent_by")


def ready(companies: Iterable[Company]) -> list[Delivery]:
    """Oldest first, at most MOST. The stored predictions find whose customer can be reached at all; each invoice is then
    decided by today's facts and the registers' kept answers, so a number used twice stays held."""
    mended = Q(channel="") | Q(reasons__0__code="account_refused")  # the latter was tried, and surely not taken
    held = Delivery.objects.for_a_person().filter(mended, company__in=list(companies), status=Status.HELD)
    reachable = held.exclude(invoice__customer__prediction__channel_now="").filter(
        invoice__customer__prediction__isnull=False
    )
    rows, found = reachable.select_related(*RELATED).order_by("pk"), list[Delivery]()
    last = 0
    for _chunk in range(CHUNKS):  # what stays held for another reason must not hide what has become ready
        looked_at = list(rows.filter(pk__gt=last)[:MOST])
        found += _that_can_go(looked_at)
        if len(found) >= MOST or len(looked_at) < MOST:
            break
        last = looked_at[-1].pk
    return found[:MOST]


def _that_can_go(held: list[Delivery]) -> list[Delivery]:
    rows = [row for row in held if not any(reason["code"] == OURS_TO_FIND_OUT for reason in row.reasons)]
    wanting = {row.company_id for row in rows if needs_keys(row.reasons)}
    served = serving(wanting) if wanting else wanting
    rows = [row for row in rows if row.company_id in served or not needs_keys(row.reasons)]
    cases = cases_of(rows)
    replies = lookups.kept(query for query in map(query_of, cases.values()) if query)
    return [row for row in rows if row.pk in cases and isinstance(decide(facts_of(cases[row.pk], replies)), Route)]
