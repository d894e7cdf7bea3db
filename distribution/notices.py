"""A mail to whoever sent an invoice, when something came of it that he should know. Best effort: the timeline has it anyway."""

import logging

from django.conf import settings
from django.core import mail
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from customers.models import User
from distribution.models import Delivery
from distribution.states import ChannelName

logger = logging.getLogger(__name__)


def bounce_notice(delivery: Delivery, address: str, answer: str, next_channel: ChannelName | None) -> None:
    """After commit. `next_channel` is where the invoice goes now; None: nowhere else by itself."""
    user = delivery.invoice.sent_by
    if user is None or not user.is_active or (user.is_demo and not settings.ON_THIS_MACHINE):
        return
    try:
        _compose(user, delivery, address, answer, next_channel).send()
    except OSError as error:  # all that SMTP and the line can answer
        logger.error("notice of a bounce not mailed: %s", type(error).__name__, extra={"invoice": delivery.invoice_id})


def _compose(
    user: User, delivery: Delivery, address: str, answer: str, next_channel: ChannelName | None
) -> mail.EmailMessage:
    invoice = delivery.invoice
    with translation.override(user.language):
        subject = _("E-posten med faktura %(number)s kom i retur") % {"number": invoice.number}
        told = _("E-posten til %(address)s kom i retur. Mailtjeneren svarte: %(answer)s") % {
            "address": address,
            "answer": answer or "–",
        }
        then = _("Fakturaen går nå videre som %(channel)s.") % {"channel": next_channel.label} if next_channel else ""
        page = f"{settings.SITE_URL}{reverse('invoice', args=[invoice.pk])}"
    mark = "TEST · " if invoice.company.is_test else ""  # R17
    return mail.EmailMessage(
        " ".join(f"{mark}{subject}".split()),
        "\n\n".join(part for part in (told, then, page) if part) + "\n",
        to=[user.email],
        headers={"Auto-Submitted": "auto-generated"},
    )
