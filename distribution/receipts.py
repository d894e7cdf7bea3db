"""What a provider tells us later. A webhook is kept raw and is only a hint; the truth is asked for, and applied once.

webhook -> store (raw, each text once) -> follow: what the hints name, and what is due to be asked about -> the provider's truth
-> `_apply`: delivered, or back: the next channel (about the recipient), or a person; one transaction with what settles the hint

So a webhook that comes twice, late, out of order, before our own row or never ends in the same states (P6). News of a delivery
that is still under way stays open; news that fits nothing of ours is parked, with its text.
"""

import logging
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from distribution.alarm import tell_of_other_keys, tell_of_pending
from distribution.channels.base import News
from distribution.channels.hints import Hint
from distribution.delivery.claiming import RELATED, claim_followed
from distribution.delivery.following import Heard, ask_provider, found_out, nothing_new
from distribution.delivery.sweeping import nobody_elses_trouble
from distribution.frozen import sha256_of
from distribution.models import Delivery, ProviderNews
from distribution.models.delivery import DeliveryQuerySet
from distribution.states import Fate, Settled, Status

logger = logging.getLogger(__name__)
AT_ONCE = 500  # open news that one pass looks at
KEPT_OPEN = timedelta(days=1)  # news that can't be settled
NOT_YET = frozenset({Status.QUEUED, Status.SENDING, Status.UNCERTAIN})


def store(company_id: int, body: bytes, hints: list[Hint]) -> None:
    """All that the text hints at, or nothing: a provider that is answered with an error sends it again (T58). The text stands
    with the first of its hints; the others have its hash."""
    now, text = timezone.now(), body.decode("utf-8", "replace").replace("\x00", "")
    rows = [
        ProviderNews(
            company_id=company_id,
            reference=hint.reference,
            event=hint.event,
            body="" if position else text,
            sha256=sha256_of(body),
            received_at=now,
            settled_at=None if hint.reference else now,
            settled="" if hint.reference else Settled.PARKED,
        )
        for position, hint in enumerate(hints)
    ]
    with transaction.atomic():
        ProviderNews.objects.bulk_create(rows, ignore_conflicts=True)
        # Also when the text was there before: it may be true of another moment.
        _named(company_id, [hint.reference for hint in hints]).followed().update(due_at=now)
    logger.info("news of %s invoices", len(hints), extra={"company": company_id})


def follow() -> int:
    """One pass, over the network; returns how much it has dealt with. A row that somebody else writes meanwhile comes again."""
    news = list(ProviderNews.objects.filter(settled_at__isnull=True).order_by("pk")[:AT_ONCE])
    told_of = _deliveries_of(news)
    due = {row.pk: row for row in claim_followed()}
    rows = {**{row.pk: row for row in told_of.values()}, **due}
    heard = ask_provider(rows.values())
    about: defaultdict[int, list[int]] = defaultdict(list)
    for pk, row in told_of.items():
        about[row.pk].append(pk)
    done = {pk: _apply(row, heard, about[pk], claimed=pk in due) for pk, row in rows.items()}
    told = {pk for pk, one in done.items() if one.told}
    tell_of_pending(len(told - heard.elsewhere))
    tell_of_other_keys(len(told & heard.elsewhere))
    return len(due) + sum(one.settled for one in done.values()) + _park_old(news)


@dataclass(slots=True)
class Applied:
    """How many news one delivery's truth settled; `told`: its timeline has just said that nothing is heard of it."""

    settled: int = 0
    told: bool = False


def _apply(delivery: Delivery, heard: Heard, about: list[int], *, claimed: bool) -> Applied:
    """One row that can't be written never stands before the others. Without a truth the news stay open, for a while."""
    done, truth = Applied(), heard.news.get(delivery.pk)
    with nobody_elses_trouble(delivery), transaction.atomic():
        settled = _found(delivery, truth)
        if claimed and settled != Settled.APPLIED:
            done.told = nothing_new(delivery, elsewhere=delivery.pk in heard.elsewhere)
        if settled is not None:
            done.settled = _settle(about, settled)
    return done


def _found(delivery: Delivery, truth: News | None) -> Settled | None:
    """What the truth means for the row, and writes it; None: that is not known yet."""
    if truth is None or delivery.status in NOT_YET:
        return None
    if truth.fate != Fate.PENDING and found_out(delivery, truth):
        _keep(delivery, truth)
        return Settled.APPLIED
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


def _park_old(news: Iterable[ProviderNews]) -> int:
    """Of no delivery of this company, or one that nobody could be asked about; the questions of `follow` go on without them."""
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
