"""The one function that all doors end in. News is verified before this; here it finds its delivery, and moves it once."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from distribution import bounced
from distribution.bounces.counting import count
from distribution.bounces.report import Report, Unreadable, names, reports_in, told_above, worst
from distribution.bounces.sorting import Kind
from distribution.bounces.telling import tell_sender
from distribution.channels.email.verp import Forged, mark_of, read_return_path
from distribution.delivery import LostClaim, NotYet, returning
from distribution.frozen import sha256_of
from distribution.models import Delivery, ProviderNews, Run
from distribution.reasons import printable
from distribution.states import ChannelName, Door, Settled, Status, Verdict
from distribution.tokens import without_tokens

logger = logging.getLogger(__name__)
KEPT = 100_000  # bytes of the mail that are kept, without the one that it returns
COMPARED = 64_000  # bytes by which the same report is known again
Ring = Callable[[Run], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """`mark` names the address, by `verp.mark_of`; `same` is equal for one piece of news, whichever door it comes through."""

    key: UUID
    mark: str
    reports: list[Report]
    raw: str
    same: str


@dataclass(frozen=True, slots=True)
class Change:
    """`came_back`: the mail was the invoice's last word, and now something else is."""

    delivery: Delivery
    address: str
    report: Report
    came_back: bool


def take_in(recipient: str, raw: bytes, door: Door, ring: Ring) -> Verdict:
    """A mail for this envelope recipient. Raises NotYet: the same mail must be brought again."""
    try:
        tag = read_return_path(recipient)
        if tag is None:
            return _only_counted(door, Verdict.FOREIGN)
        reports = reports_in(raw)
    except Forged:
        return _only_counted(door, Verdict.FORGED)
    except Unreadable:
        return _only_counted(door, Verdict.UNREADABLE)
    news = News(key=tag.key, mark=tag.mark, reports=reports, raw=told_above(raw[:KEPT]), same=_same(raw))
    return apply(news, door, ring)


def apply(news: News, door: Door, ring: Ring) -> Verdict:
    """1. The invoice is locked, the news found to be new. 2. Delivery, address, raw text and count are written together.
    3. After the commit: the next channel's doorbell, and a mail to whoever sent the invoice. Raises NotYet."""
    with transaction.atomic():
        verdict, change = _found(news)
        count(door, verdict)
    if change is not None:
        logger.info("%s %s", change.report.kind, news.key, extra={"door": door, "invoice": change.delivery.invoice_id})
        ring(change.delivery.invoice.run)
        if change.came_back:
            tell_sender(change.delivery, change.address, change.report)
    return verdict


def _found(news: News) -> tuple[Verdict, Change | None]:
    delivery = returning.locked_for_news(news.key)
    address = _address(delivery, news) if delivery else None
    if delivery is None or address is None:
        return Verdict.FOREIGN, None
    report = worst(news.reports, address)
    if report is None or report.kind == Kind.NOTHING or _known(delivery, news):
        return Verdict.NOTHING, None
    was_last = delivery.invoice.last_delivery_id == delivery.pk  # else a person has sent it again meanwhile
    try:
        changed = _write(delivery, address, report)
    except LostClaim as faster:  # a worker was: what it made of the row counts first
        raise NotYet(str(news.key)) from faster
    if not changed:
        return Verdict.NOTHING, None
    _keep(delivery, news, report)
    came_back = was_last and delivery.status in (Status.FAILED, Status.HELD)  # else others of its addresses stand
    return Verdict.APPLIED, Change(delivery, address, report, came_back)


def _write(delivery: Delivery, address: str, report: Report) -> bool:
    answer = printable(report.words)
    match report.kind:
        case Kind.HARD:
            changed = returning.bounced(delivery, address, answer)
            if changed and names(report, address):
                _mark(delivery, address, answer)
            return changed
        case Kind.REFUSED:
            return returning.refused(delivery, address, answer)
        case Kind.TOO_LARGE:
            return returning.too_large(delivery, address, answer)
        case Kind.SOFT:
            return returning.soft_bounced(delivery, address, answer)
        case Kind.DELAYED:
            return returning.delayed(delivery, address, answer)
        case Kind.COMPLAINT:
            return returning.complained(delivery, address, answer)
        case Kind.DELIVERED:
            return returning.arrived(delivery, address, answer)
    return False


def _mark(delivery: Delivery, address: str, answer: str) -> None:
    """A mail to a user of the company says nothing of the customer."""
    customer = delivery.invoice.customer
    if customer is not None and delivery.channel == ChannelName.EMAIL:
        bounced.mark(customer, address, answer, delivery)


def _address(delivery: Delivery, news: News) -> str | None:
    """Where several have this mark, as two spellings of one mailbox do, one that still stands: none of them is bounced twice."""
    marked = [one for one in delivery.to if mark_of(one) == news.mark]
    standing = returning.standing(delivery, marked) if len(marked) > 1 else marked
    return next(iter([*standing, *marked]), None)


def _known(delivery: Delivery, news: News) -> bool:
    kept = ProviderNews.objects.filter(company=delivery.company_id, reference=str(delivery.key))
    return kept.filter(sha256=news.same).exists()


def _keep(delivery: Delivery, news: News, report: Report) -> None:
    now = timezone.now()
    ProviderNews.objects.create(
        company_id=delivery.company_id,
        reference=str(delivery.key),
        event=report.kind,
        body=without_tokens(news.raw.replace("\x00", "")),
        sha256=news.same,
        received_at=now,
        settled_at=now,
        settled=Settled.APPLIED,
    )


def _same(raw: bytes) -> str:
    """Each server that a mail passes writes headers on top; its id and what stands below them are its own."""
    head, _blank, body = raw.replace(b"\r\n", b"\n").partition(b"\n\n")
    ids = [line for line in head.split(b"\n") if line.lower().startswith(b"message-id:")]
    return sha256_of(b"\n".join([*ids[:1], body[:COMPARED]]))


def _only_counted(door: Door, verdict: Verdict) -> Verdict:
    count(door, verdict)
    return verdict
