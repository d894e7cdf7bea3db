"""A worker's signs of life, as rows (`/readyz`, the admin)."""

from datetime import timedelta

from django.utils import timezone

from distribution.models import Worker

FORGOTTEN = timedelta(days=1)


def show_life(name: str) -> None:
    now = timezone.now()
    Worker.objects.update_or_create(name=name, defaults={"seen_at": now})
    Worker.objects.filter(seen_at__lt=now - FORGOTTEN).delete()
