"""How many mails may leave in a minute: of the installation (what its mail server allows) and of one company.

Each mail takes a ticket of its minute, and an invoice to several addresses one for each. What is within the limit goes; the rest
is told the minute in which it will be its turn, so that ten thousand that wait are looked at once each, and not all of them every
minute. What leaves in one mail with others («zip») takes its tickets before that is known: a minute may then send less than it is
allowed, never more.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from distribution.models import MailQuota

KEPT = timedelta(hours=1)
EVERYBODY = 0  # in place of a company's id


def wait_until(company_id: int, mails: int) -> datetime | None:
    """When so many mails of this company may leave together; None: now. Takes their tickets, where one limit says no that one's
    alone: what waits for the installation's minute must not be taken from its company's."""
    minute = timezone.now().replace(second=0, microsecond=0)
    with transaction.atomic():
        asked = [(row, _minutes_until(row.used, mails, limit)) for row, limit in _locked(company_id, minute)]
        full = [(row, later) for row, later in asked if later][:1]
        for row, _later in full or asked:
            MailQuota.objects.filter(pk=row.pk).update(used=row.used + mails)
    return minute + timedelta(minutes=full[0][1]) if full else None


def _minutes_until(used: int, mails: int, limit: int) -> int:
    """More than a whole minute allows go together in a minute that nobody has used: they would wait for ever."""
    return (used + mails - 1) // limit if used else 0


def _locked(company_id: int, minute: datetime) -> Iterator[tuple[MailQuota, int]]:
    """The rows that there is a limit for; always in this order, or two workers would wait for each other."""
    limits = {company_id: settings.EMAIL_COMPANY_PER_MINUTE, EVERYBODY: settings.EMAIL_PER_MINUTE}
    for whose, limit in limits.items():
        if limit:
            row, first = MailQuota.objects.select_for_update().get_or_create(company=whose, minute=minute)
            if first:
                MailQuota.objects.filter(company=whose, minute__lt=minute - KEPT).delete()
            yield row, limit
