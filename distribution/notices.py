"""What a user is told by mail of an invoice that he sent: composed here, and handed over by whoever knows of it."""

from django.conf import settings
from django.core import mail
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from distribution.models import Delivery
from distribution.states import ChannelName


def bounce_notice(
    delivery: Delivery, address: str, answer: str, next_channel: ChannelName | None
) -> mail.EmailMultiAlternatives:
    """That the mail to `address` came back, and where the invoice goes now; None: it is held. Where no user sent it, to the
    company; without an address of either, sending it does nothing."""
    invoice = delivery.invoice
    user, company = invoice.sent_by, invoice.company
    to = (user.email if user else "") or company.email
    with translation.override(user.language if user else company.language):
        facts = {"number": invoice.number, "address": address, "answer": answer or "–"}
        subject = _("Faktura %(number)s kom i retur fra %(address)s") % facts
        told = _("E-posten til %(address)s kom i retur. Mailtjeneren svarte: %(answer)s") % facts
        then = _("Fakturaen går nå som %(channel)s.") % {"channel": next_channel.label} if next_channel else ""
        page = f"{settings.SITE_URL}{reverse('invoice', args=[invoice.pk])}"
    mark = "TEST · " if company.is_test else ""  # R17
    return mail.EmailMultiAlternatives(
        " ".join(f"{mark}{subject}".split()),
        "\n\n".join(part for part in (told, then, page) if part) + "\n",
        to=[to] if to else [],
        headers={"Auto-Submitted": "auto-generated"},
    )
