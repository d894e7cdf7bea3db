"""How many mails may leave in a minute: of the installation (what its mail server allows) and of one company.

Each mail takes a ticket of its minute. One whose number is within the limit goes; another one is told the minute in which it
will be its turn, so that ten thousand that wait are looked at once each, and not all of them every minute.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from distribution.models import MailQuota

KEPT = timedelta(hours=1)
EVERYBODY = 0  # in place of a company's id


def wait_until(company_id: int) -> datetime | None:
    """When a mail of this company may leave; None: now. Takes its tickets."""
    limits = {company_id: settings.EMAIL_COMPANY_PER_MINUTE, EVERYBODY: settings.EMAIL_PER_MINUTE}
    minute = timezone.now().replace(second=0, microsecond=0)
    for whose, limit in limits.items():
        later = _take_ticket(whose, minute) // limit if limit else 0
        if later:
            return minute + timedelta(minutes=later)
    return None


def _take_ticket(whose: int, minute: datetime) -> int:
    """Its number, from 0 on."""
    with transaction.atomic():
        row, first = MailQuota.objects.select_for_update().get_or_create(company=whose, minute=minute)
        if first:
            MailQuota.objects.filter(company=whose, minute__lt=minute - KEPT).delete()
        MailQuota.objects.filter(pk=row.pk).update(used=row.used + 1)
    return row.used
