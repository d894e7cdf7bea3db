"""How much came through each door, day by day: forged and foreign news leave a number and nothing else."""

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from distribution.models import MailNewsCount
from distribution.states import Door, Verdict


def count(door: Door, verdict: Verdict) -> None:
    row = {"day": timezone.localdate(), "door": door, "verdict": verdict}
    if _one_more(row):
        return
    with transaction.atomic():
        MailNewsCount.objects.bulk_create([MailNewsCount(**row)], ignore_conflicts=True)
        _one_more(row)


def _one_more(row: dict[str, object]) -> int:
    return MailNewsCount.objects.filter(**row).update(number=F("number") + 1)
