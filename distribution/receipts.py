"""What a provider tells us later. A webhook is kept raw and is only a hint; the truth is asked for, and applied once.

webhook -> store (raw, each text once) -> follow: what the hints name, and what is due to be asked about -> the provider's truth
-> `_apply`: delivered, or back: the next channel (about the recipient), or a person; one transaction with what settles the hint

So a webhook that comes twice, late, out of order, before our own row or never ends in the same states (P6). News of a delivery
that is still under way stays open; news that fits nothing of ours is parked, with its text.
"""

import logging
from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from distribution.channels.base import News
from distribution.channels.hints import hints_in
from distribution.delivery.claiming import RELATED, claim_followed
from distribution.delivery.following import ask_provider, found_out, nothing_new
from distribution.delivery.ledger import LostClaim
from distribution.frozen import sha256_of
from distribution.models import Delivery, ProviderNews
from distribution.models.delivery import DeliveryQuerySet
from distribution.states import Fate, Settled, Status

logger = logging.getLogger(__name__)
AT_ONCE = 500  # open news that one pass looks at
KEPT_OPEN = timedelta(days=1)  # news of an invoice that we have never heard of
NOT_YET = frozenset({Status.QUEUED, Status.SENDING, Status.UNCERTAIN})


def store(company_id: int, body: bytes) -> None:
    """All that the text names, or nothing: a provider that is answered with an error sends it again (T58)."""
    now, text = timezone.now(), body.decode("utf-8", "replace").replace("\x00", "")
    hints = hints_in(body)
    rows = [
        ProviderNews(
            company_id=company_id,
            reference=hint.reference,
            event=hint.event,
            body=text,
            sha256=sha256_of(body),
            received_at=now,
            settled_at=None if hint.reference else now,
            settled="" if hint.reference else Settled.PARKED,
        )
        for hint in hints
    ]
    with transaction.atomic():
        ProviderNews.objects.bulk_create(rows, ignore_conflicts=True)
        _named(company_id, [hint.reference for hint in hints]).filter(
            status=Status.ACCEPTED, due_at__isnull=False
        ).update(due_at=now)  # also when the text was there before: it may be true of another moment
    logger.info("news of %s invoices", len(hints), extra={"company": company_id})


def follow() -> int:
    """One pass, over the network; returns how much it has dealt with. A row that somebody else writes meanwhile comes again."""
    news = list(ProviderNews.objects.filter(settled_at__isnull=True).order_by("pk")[:AT_ONCE])
    told_of = _deliveries_of(news)
    due = claim_followed()
    rows = {row.pk: row for row in [*told_of.values(), *due]}
    fates = ask_provider(rows.values())
    about: defaultdict[int, list[int]] = defaultdict(list)
    for one in news:
        if one.pk in told_of:
            about[told_of[one.pk].pk].append(one.pk)
    claimed = {row.pk for row in due}
    settled = sum(_apply(row, fates.get(pk), about[pk], claimed=pk in claimed) for pk, row in rows.items())
    return len(due) + settled + _park(one for one in news if one.pk not in told_of)


def _apply(delivery: Delivery, truth: News | None, about: list[int], *, claimed: bool) -> int:
    """Returns how many news it settled. Without a truth (no answer, or not there) they stay open, for a while."""
    try:
        with transaction.atomic():
            settled = _outcome(delivery, truth, claimed=claimed)
            if truth is not None and settled == Settled.APPLIED:
                _keep(delivery, truth)
            return _settle(about, settled) if settled else 0
    except LostClaim:
        logger.warning("lost claim %s", delivery.key)
    return 0


def _outcome(delivery: Delivery, truth: News | None, *, claimed: bool) -> Settled | None:
    if delivery.status in NOT_YET:
        return None
    if truth is not None and truth.fate != Fate.PENDING and found_out(delivery, truth):
        return Settled.APPLIED
    if claimed:
        nothing_new(delivery)
    if truth is None:
        return None
    return Settled.PARKED if delivery.status in (Status.HELD, Status.CANCELLED) else Settled.NOTHING


def _keep(delivery: Delivery, truth: News) -> None:
    """The provider's own words about a change, beside the change."""
    now, body = timezone.now(), truth.raw
    row = ProviderNews(
        company_id=delivery.company_id, reference=delivery.reference or str(delivery.key), event=truth.fate, body=body,
        sha256=sha256_of(body.encode()), received_at=now, settled_at=now, settled=Settled.APPLIED,
    )  # fmt: skip
    ProviderNews.objects.bulk_create([row], ignore_conflicts=True)


def _settle(news: list[int], settled: Settled) -> int:
    rows = ProviderNews.objects.filter(pk__in=news, settled_at__isnull=True)
    return rows.update(settled=settled, settled_at=timezone.now())


def _park(news: Iterable[ProviderNews]) -> int:
    """Of no delivery of this company; ours may come, for it is written before its provider can hear of it."""
    too_old = [one.pk for one in news if one.received_at < timezone.now() - KEPT_OPEN]
    return _settle(too_old, Settled.PARKED)


def _deliveries_of(news: list[ProviderNews]) -> dict[int, Delivery]:
    """By the id of the news that names it."""
    named: defaultdict[int, set[str]] = defaultdict(set)
    for one in news:
        named[one.company_id].add(one.reference)
    found: dict[tuple[int, str], Delivery] = {}
    for company_id, references in named.items():
        for row in _named(company_id, references).select_related(*RELATED):
            found |= {(company_id, name): row for name in (str(row.key), row.reference) if name}
    return {one.pk: found[one.company_id, one.reference] for one in news if (one.company_id, one.reference) in found}


def _named(company_id: int, references: Iterable[str]) -> DeliveryQuerySet:
    """Our key is the provider's id; where it gave another, that one stands with what is still followed."""
    wanted = set(references) - {""}
    keys = {key for key in map(_uuid, wanted) if key}
    other = Q(reference__in=wanted, status=Status.ACCEPTED, due_at__isnull=False)
    return Delivery.objects.filter(Q(key__in=keys) | other, company=company_id)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
