"""The morning mail: what needs a person, from each company to those of its members who want it (R39)."""

import logging
from datetime import date

from django.conf import settings
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.db.models import Exists, OuterRef, QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import ngettext

from customers.mailing import NOT_MAILED
from customers.models import Company, Membership
from distribution.models import Delivery
from distribution.worklist import count_for, grouped, part

logger = logging.getLogger(__name__)
SHOWN = 20  # the oldest; the page has them all


def send_morning_mails() -> int:
    """Returns how many went. Safe to repeat: whoever was told today is not told again.

    A mail server that is away ends it with one of NOT_MAILED, and nothing is claimed for whom it could not be asked.
    """
    today, sent = timezone.localdate(), 0
    for company in _companies_with_tasks():
        total, oldest = count_for(company), part([company]).deliveries[:SHOWN]
        for membership in _not_told(company, today):
            message = _compose(membership, oldest, total)
            with mail.get_connection() as server:
                sent += _claim(membership, today) and _hand_over(message, server, membership)
    return sent


def _companies_with_tasks() -> QuerySet[Company]:
    tasks = Delivery.objects.for_a_person().filter(company=OuterRef("pk"))
    return Company.objects.filter(Exists(tasks)).order_by("pk")


def _not_told(company: Company, today: date) -> QuerySet[Membership]:
    wanted = company.memberships.filter(morning_mail=True, user__is_active=True).exclude(morning_mailed_on=today)
    if not settings.ON_THIS_MACHINE:
        wanted = wanted.exclude(user__is_demo=True)  # they can't sign in there
    return wanted.select_related("user", "company").order_by("pk")


def _claim(membership: Membership, today: date) -> bool:
    """Before the mail leaves: of two that try at once one has it, and after a crash it is rather missing than double."""
    free = Membership.objects.filter(pk=membership.pk, morning_mail=True).exclude(morning_mailed_on=today)
    return free.update(morning_mailed_on=today) == 1


def _hand_over(message: mail.EmailMessage, server: BaseEmailBackend, membership: Membership) -> bool:
    try:
        server.send_messages([message])
    except NOT_MAILED as error:  # the others still get theirs
        logger.error("morning mail failed: %s", type(error).__name__, extra={"membership": membership.pk})
        return False
    return True


def _compose(membership: Membership, oldest: list[Delivery], total: int) -> mail.EmailMessage:
    """In the member's language."""
    with translation.override(membership.user.language):
        subject = ngettext(
            "%(company)s: %(number)s faktura trenger deg", "%(company)s: %(number)s fakturaer trenger deg", total
        ) % {"company": membership.company.name, "number": total}
        facts = {
            "company": membership.company,
            "groups": grouped(oldest),
            "total": total,
            "more": total > len(oldest),
            "site": settings.SITE_URL,
            "worklist": f"{settings.SITE_URL}{reverse('worklist')}?alle=1",
            "language": membership.user.language,
        }
        text, html = (render_to_string(f"distribution/morning.{kind}", facts) for kind in ("txt", "html"))
    mark = "TEST · " if membership.company.is_test else ""  # R17
    message = mail.EmailMultiAlternatives(
        " ".join(f"{mark}{subject}".split()),
        text,
        to=[membership.user.email],
        headers={"Auto-Submitted": "auto-generated"},
    )
    message.attach_alternative(html, "text/html")
    return message
