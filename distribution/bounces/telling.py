"""Tells whoever sent the invoice that its mail came back, and where the invoice goes now."""

import logging

from distribution import lookups
from distribution.delivery.claiming import RELATED
from distribution.facts import cases_of, facts_of, query_of
from distribution.models import Delivery
from distribution.notices import bounce_notice
from distribution.routing import Route, decide
from distribution.states import ChannelName

logger = logging.getLogger(__name__)


def tell_sender(delivery: Delivery, address: str, answer: str) -> None:
    """After commit, and best effort: the timeline says it anyway."""
    try:
        bounce_notice(delivery, address, answer, _next_channel(delivery)).send()
    except OSError as error:  # all that SMTP and the line can answer
        logger.error("notice of a bounce not mailed: %s", type(error).__name__, extra={"invoice": delivery.invoice_id})


def _next_channel(delivery: Delivery) -> ChannelName | None:
    """By today's facts and the registers' kept answers; None where this delivery is the last one still."""
    last = Delivery.objects.last_of_invoices().filter(invoice=delivery.invoice_id)
    rows = last.exclude(pk=delivery.pk).select_related(*RELATED)
    cases = cases_of(rows)
    for case in cases.values():
        decision = decide(facts_of(case, lookups.kept(query for query in [query_of(case)] if query)))
        return decision.channel if isinstance(decision, Route) else None
    return None
