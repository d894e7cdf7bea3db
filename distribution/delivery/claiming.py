"""Taking rows: a lease that runs out by itself, and a fence that makes an earlier taker's writes fail."""

import random
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from distribution.models import Delivery
from distribution.models.delivery import DeliveryQuerySet

CHUNK = 50
FOLLOWED = 100  # as many as a provider is asked about at once
MAX_COMPANIES = 10  # in one chunk; drawn by lot where more have something due
HEAVY_LEASES = 10
MAX_CLAIMS = 4  # a row whose worker died this often without a result is itself what kills them
TURNS_APART = 10  # one claim in so many begins with what is taken alone, so that it goes under steady load too
RELATED = (
    "invoice__customer__parent",
    "invoice__customer__company",
    "invoice__company",
    "invoice__sent_by",
    "invoice__run",
)


def claim_due(limit: int = CHUNK, run_id: int | None = None) -> list[Delivery]:
    """Up to `limit` due rows: of one run, or of any company, each of which gets its share (F42)."""
    now = timezone.now()
    due = Delivery.objects.due(now)
    if run_id is not None:
        return _claim_due([due.filter(invoice__run=run_id)], limit, now)
    companies = list(due.order_by().values_list("company", flat=True).distinct())
    if len(companies) > MAX_COMPANIES:
        companies = random.sample(companies, MAX_COMPANIES)
    share = max(1, limit // max(1, len(companies)))
    return _claim_due([due.filter(company=company) for company in companies], share, now)


def _claim_due(parts: list[DeliveryQuerySet], share: int, now: datetime) -> list[Delivery]:
    """Ordinary rows in a chunk, or one that is taken alone: a heavy one, so that small ones don't wait for it, or one that
    was taken before without a result, for it may be what killed its worker and would spoil its neighbours' count."""
    kinds = [([part.ordinary() for part in parts], share), ([part.apart() for part in parts], 1)]
    if random.randrange(TURNS_APART) == 0:  # noqa: S311  # no secret
        kinds.reverse()
    for of_kind, limit in kinds:
        if claimed := _claim(of_kind, limit, now):
            return claimed
    return []


def claim_beside(one: Delivery, limit: int, *, method: str) -> list[Delivery]:
    """Untried ones of the same run, company and user, to customers of this method: to leave together with it."""
    now, customer = timezone.now(), "invoice__customer"
    of_method = Q(**{f"{customer}__method": method}) | Q(
        **{f"{customer}__method": "", f"{customer}__parent__method": method}
    )
    same = {"invoice__run": one.invoice.run_id, "company": one.company_id, "invoice__sent_by": one.invoice.sent_by_id}
    return _claim([Delivery.objects.due(now).ordinary().filter(of_method, tried=0, **same)], limit, now)


def claim_adrift(limit: int = CHUNK) -> list[Delivery]:
    now = timezone.now()
    return _claim([Delivery.objects.adrift(now)], limit, now)


def claim_followed(limit: int = FOLLOWED) -> list[Delivery]:
    now = timezone.now()
    return _claim([Delivery.objects.to_follow(now)], limit, now)


def claim_releasable(limit: int = CHUNK) -> list[Delivery]:
    now = timezone.now()
    return _claim([Delivery.objects.to_release(now)], limit, now)


def lease_of(claimed: list[Delivery]) -> timedelta:
    """A heavy document is taken alone, and its lease is as long as its layout may take."""
    heavy = any(delivery.heavy for delivery in claimed)
    return timedelta(seconds=settings.LEASE_SECONDS * (HEAVY_LEASES if heavy else 1))


def give_back(deliveries: list[Delivery]) -> None:
    """Rows that no longer fit the lease: free for anybody at once. Only those still ours by fence."""
    for delivery in deliveries:
        Delivery.objects.filter(pk=delivery.pk, fence=delivery.fence).update(lease_until=None, claims=0)


def _claim(parts: list[DeliveryQuerySet], limit: int, now: datetime) -> list[Delivery]:
    """1. Up to `limit` rows of each part are locked, skipping what another worker holds. 2. Lease and fence are written.
    3. Commit; then the rows are read whole. A row whose lease ran out between 2 and 3 has another fence by then and is left
    to its new owner."""
    with transaction.atomic():
        taken = _alone_if_apart([row for part in parts for row in _lock(part, limit)])
        if not taken:
            return []
        Delivery.objects.filter(pk__in=[row.pk for row in taken]).update(
            lease_until=now + lease_of(taken), fence=F("fence") + 1, claims=F("claims") + 1
        )
    fences = {row.pk: row.fence + 1 for row in taken}
    claimed = Delivery.objects.filter(pk__in=fences).select_related(*RELATED).order_by("due_at", "pk")
    return [delivery for delivery in claimed if delivery.fence == fences[delivery.pk]]


def _lock(part: DeliveryQuerySet, limit: int) -> list[Delivery]:
    return list(part.select_for_update(skip_locked=True, of=("self",)).only("pk", "fence", "claims", "heavy")[:limit])


def _alone_if_apart(locked: list[Delivery]) -> list[Delivery]:
    ordinary = [row for row in locked if row.claims == 0 and not row.heavy]
    return ordinary or random.sample(locked, min(1, len(locked)))
