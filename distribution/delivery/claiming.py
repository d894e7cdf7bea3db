"""Taking rows: a lease that runs out by itself, and a fence that makes an earlier taker's writes fail."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from distribution.models import Delivery
from distribution.models.delivery import DeliveryQuerySet

CHUNK = 50
RELATED = (
    "invoice__customer__parent",
    "invoice__customer__company",
    "invoice__company",
    "invoice__sent_by",
    "invoice__run",
)


def claim_due(limit: int = CHUNK, run_id: int | None = None) -> list[Delivery]:
    """Up to `limit` due rows, of one run or of any."""

    def due(now: datetime) -> DeliveryQuerySet:
        rows = Delivery.objects.due(now)
        return rows if run_id is None else rows.filter(invoice__run=run_id)

    return _claim(due, limit)


def claim_adrift(limit: int = CHUNK) -> list[Delivery]:
    return _claim(Delivery.objects.adrift, limit)


def claim_releasable(limit: int = CHUNK) -> list[Delivery]:
    return _claim(Delivery.objects.to_release, limit)


def give_back(deliveries: list[Delivery]) -> None:
    """Rows that no longer fit the lease: free for anybody at once. Only those still ours by fence."""
    for delivery in deliveries:
        Delivery.objects.filter(pk=delivery.pk, fence=delivery.fence).update(lease_until=None, claims=0)


def _claim(rows: Callable[[datetime], DeliveryQuerySet], limit: int) -> list[Delivery]:
    """1. The rows are locked, skipping what another worker holds. 2. Lease and fence are written. 3. Commit; then the rows are
    read whole. A row whose lease ran out between 2 and 3 has another fence by then and is left to its new owner."""
    now = timezone.now()
    with transaction.atomic():
        locked = (
            rows(now).select_for_update(skip_locked=True, of=("self",)).values_list("pk", "fence", "claims")[:limit]
        )
        taken = _without_suspects(list(locked))
        if not taken:
            return []
        Delivery.objects.filter(pk__in=taken).update(
            lease_until=now + timedelta(seconds=settings.LEASE_SECONDS), fence=F("fence") + 1, claims=F("claims") + 1
        )
    claimed = Delivery.objects.filter(pk__in=taken).select_related(*RELATED).order_by("due_at", "pk")
    return [delivery for delivery in claimed if delivery.fence == taken[delivery.pk] + 1]


def _without_suspects(locked: list[tuple[int, int, int]]) -> dict[int, int]:
    """Fence by id. A row that was taken before without a result may be what killed its worker: it is taken alone, so that
    it can't spoil its neighbours' count."""
    fresh = {pk: fence for pk, fence, claims in locked if claims == 0}
    return fresh or {pk: fence for pk, fence, _claims in locked[:1]}
