"""Tells whoever sent the invoice that its mail came back, and where the invoice goes now."""

import logging

from customers.mailing import NOT_MAILED
from distribution import lookups
from distribution.bounces.report import Report
from distribution.bounces.sorting import Kind
from distribution.delivery.claiming import RELATED
from distribution.facts import cases_of, facts_of, query_of
from distribution.models import Delivery
from distribution.notices import Next, bounce_notice
from distribution.routing import Route, decide

logger = logging.getLogger(__name__)


def tell_sender(delivery: Delivery, address: str, report: Report) -> None:
    """After commit, and best effort: the timeline says it anyway. What the bounce planned is `delivery.invoice.last_delivery_id`;
    where a person has sent the invoice again meanwhile, he knows more than we could tell him."""
    last = Delivery.objects.last_of_invoices().filter(invoice=delivery.invoice_id).select_related(*RELATED).get()
    if last.pk != delivery.invoice.last_delivery_id:
        return
    what_now = _after(delivery, last, too_large=report.kind == Kind.TOO_LARGE)
    try:
        bounce_notice(delivery, address, report.words, what_now).send()
    except NOT_MAILED as error:
        logger.error("notice of a bounce not mailed: %s", type(error).__name__, extra={"invoice": delivery.invoice_id})


def _after(delivery: Delivery, last: Delivery, *, too_large: bool) -> Next:
    """By today's facts and the registers' kept answers; no channel where this delivery is the last one still."""
    if last.pk == delivery.pk:
        return Next(None, too_large=too_large)
    case = cases_of([last]).get(last.pk)
    if case is None:  # the customer is deleted
        return Next(None)
    decision = decide(facts_of(case, lookups.kept(query for query in [query_of(case)] if query)))
    return Next(decision.channel if isinstance(decision, Route) else None, too_large=too_large)
