"""One stored row per customer: the channel today and after activation, why, and what is missing (R6). Facts and decide, in bulk."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, QuerySet
from django.utils import timezone

from customers.models import Company, Customer, User
from distribution import lookups
from distribution.activation import propose
from distribution.bounced import NO_MARKS, bounced_of
from distribution.facts import Case, Terms, as_if_activated, case_of_customer, facts_of, query_of, terms_of
from distribution.models import Prediction
from distribution.outdated import outdated
from distribution.reasons import missing, to_json
from distribution.registers.base import Query, Reply
from distribution.registers.registry import is_near
from distribution.routing import Decision, Route, Wait, decide
from distribution.states import NoChannel

CHUNK = 1000
UPDATED = (
    "company",
    "channel_now",
    "waits_now",
    "reasons_now",
    "channel_after",
    "waits_after",
    "reasons_after",
    "missing",
    "asked_register",
    "asked_identifier",
    "made_at",
)


@dataclass(frozen=True, slots=True)
class Totals:
    """Customers per channel; `held` and `waits` are the two ways of having none. `moves`: to another channel by activation."""

    now: dict[str, int]
    after: dict[str, int]
    stale: int
    moves: int
    missing: int
    customers: int


def predict(company: Company, customers: QuerySet[Customer] | None = None) -> int:
    """Makes the predictions of these customers anew, by default of all; returns how many. Lookups are the kept ones."""
    terms = terms_of([company])[company.pk]
    rows = propose(company) if customers is None else propose(company).filter(pk__in=customers.values("pk"))
    made = 0
    for chunk in _chunks(rows.select_related("parent", "company").order_by("pk")):
        Prediction.objects.bulk_create(
            _predictions(chunk, terms), update_conflicts=True, unique_fields=["customer"], update_fields=list(UPDATED)
        )
        made += len(chunk)
    return made


def predict_stale(company: Company) -> int:
    """Makes anew what a change has outdated, and what was never made."""
    return predict(company, company.customers.filter(prediction__isnull=True)) + predict(
        company, company.customers.filter(pk__in=outdated(company))
    )


def look_up(company: Company, *, after: int = 0, at_most: int | None = None) -> int | None:
    """Asks the registers about customers (after this id) that they never answered for, or long ago. Over the network: for
    workers and commands. What is answered outdates the predictions that it changes.

    Having asked outside about `at_most` it stops, and returns the id to go on after; None when nobody is left, or when no
    register answers.
    """
    terms = terms_of([company])[company.pk]
    rows = propose(company).select_related("parent", "company").order_by("pk")
    asked = 0
    for chunk in _chunks(rows.filter(pk__gt=after)):
        cases = (case_of_customer(customer, terms) for customer in chunk)
        pairs = [(case, as_if_activated(case, _proposed(case.customer, terms))) for case in cases]
        for batch in lookups.batches(lookups.due(query for pair in pairs for query in map(query_of, pair) if query)):
            replies = lookups.ask(batch)
            lookups.remember(replies)
            if lookups.is_outage(replies):
                return None
            asked += sum(not is_near(query.register) for query in batch)
            if at_most is not None and asked >= at_most:
                return after
        after = chunk[-1].pk
    return None


def decide_afresh(customer: Customer, user: User | None = None) -> Decision:
    """For a single customer's page: the registers are asked now."""
    bounced = bounced_of([customer]).get(customer.pk, NO_MARKS)
    case = case_of_customer(customer, terms_of([customer.company])[customer.company_id], user, bounced)
    query = query_of(case)
    return decide(facts_of(case, lookups.ask([query] if query else [])))


def check(customer: Customer, user: User | None = None) -> Decision:
    """«Sjekk nå»: the registers are asked, their answer is kept, and the stored prediction is made of it. Over the network."""
    terms = terms_of([customer.company])[customer.company_id]
    proposed = propose(customer.company).select_related("parent", "company").get(pk=customer.pk)
    now = case_of_customer(proposed, terms, user, bounced_of([proposed]).get(proposed.pk, NO_MARKS))
    after = as_if_activated(now, _proposed(proposed, terms))
    replies = lookups.ask(query for query in (query_of(now), query_of(after)) if query)
    lookups.remember(replies)
    predict(customer.company, Customer.objects.filter(pk=customer.pk))
    return decide(facts_of(now, replies))


def totals(company: Company) -> Totals:
    """One pass over the predictions' narrow index; no row of them is read."""
    rows = Prediction.objects.filter(company=company)
    channels = ("channel_now", "waits_now", "channel_after", "waits_after")
    now, after, moves = Counter[str](), Counter[str](), 0
    for *pair, number in rows.order_by().values_list(*channels).annotate(number=Count("*")):
        channel_now, waits_now, channel_after, waits_after = pair
        now[name_of(channel_now, waits_now)] += number
        after[name_of(channel_after, waits_after)] += number
        moves += number if channel_now != channel_after else 0
    customers = company.customers.count()
    stale = outdated(company).count() + customers - now.total()
    return Totals(dict(now), dict(after), stale, moves, rows.exclude(missing=[]).count(), customers)


def name_of(channel: str, waits: bool) -> str:
    return channel or (NoChannel.WAITS if waits else NoChannel.HELD)


def _predictions(customers: list[Customer], terms: Terms) -> list[Prediction]:
    started = timezone.now()  # a change made while this runs must find the prediction older than itself
    bounced = bounced_of(customers)
    cases = (case_of_customer(c, terms, bounced=bounced.get(c.pk, NO_MARKS)) for c in customers)
    pairs = [(case, as_if_activated(case, _proposed(case.customer, terms))) for case in cases]
    replies = lookups.kept(query for now, after in pairs for query in (query_of(now), query_of(after)) if query)
    return [_prediction(now, after, replies, started) for now, after in pairs]


def _proposed(customer: Customer, terms: Terms) -> str:
    proposed: str = customer.proposed  # type: ignore[attr-defined]  # annotated by propose()
    return customer.method_in_force if terms.company.activated else proposed


def _prediction(now: Case, after: Case, replies: dict[Query, Reply], started: datetime) -> Prediction:
    decided_now, decided_after = decide(facts_of(now, replies)), decide(facts_of(after, replies))
    asked = query_of(after)
    return Prediction(
        customer=now.customer,
        company=now.terms.company,
        made_at=started,
        missing=missing(decided_after.reasons),
        channel_now=_channel(decided_now),
        waits_now=isinstance(decided_now, Wait),
        reasons_now=to_json(decided_now.reasons),
        channel_after=_channel(decided_after),
        waits_after=isinstance(decided_after, Wait),
        reasons_after=to_json(decided_after.reasons),
        asked_register=asked.register if asked else "",
        asked_identifier=asked.kept_as if asked else "",
    )


def _channel(decision: Decision) -> str:
    return decision.channel if isinstance(decision, Route) else ""


def _chunks(rows: QuerySet[Customer]) -> Iterator[list[Customer]]:
    """By ascending id, so that memory stays flat whatever the number of customers."""
    last = 0
    while chunk := list(rows.filter(pk__gt=last)[:CHUNK]):
        yield chunk
        last = chunk[-1].pk
