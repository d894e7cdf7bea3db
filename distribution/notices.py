"""What a user is told by mail of an invoice that he sent: composed here, and handed over by whoever knows of it."""

from typing import Any

from django.conf import settings
from django.core import mail
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from customers.models import Company
from distribution.channels.email.letter import Letter, html_of, text_of
from distribution.channels.email.words import kind_of
from distribution.channels.names import one_line
from distribution.documents.invoice import DocumentType
from distribution.documents.text import amount_with_currency, day
from distribution.models import Delivery, Invoice
from distribution.reasons import printable
from distribution.states import ChannelName


def bounce_notice(
    delivery: Delivery, address: str, answer: str, next_channel: ChannelName | None
) -> mail.EmailMultiAlternatives:
    """That the mail to `address` came back, with what the server there said, and what happens now: `next_channel` is where the
    invoice goes, e-mail again for a mailbox that may work later, and None where it is held.

    In the language of the user who sent it; where no user did, to the company, in its. Without an address of either it names
    nobody, and sending it does nothing.
    """
    invoice = delivery.invoice
    user, company = invoice.sent_by, invoice.company
    with translation.override(user.language if user else company.language):
        letter = _letter(invoice, one_line(address), printable(answer).strip(), next_channel)
    return _site_mail(letter, (user.email if user else "") or company.email, company)


def _letter(invoice: Invoice, address: str, answer: str, next_channel: ChannelName | None) -> Letter:
    said = {
        "document": kind_of(DocumentType(invoice.document_type)),
        "number": one_line(invoice.number),
        "customer": one_line(invoice.buyer_name),
        "company": one_line(invoice.company.name),
        "address": address,
    }
    return Letter(
        language=translation.get_language() or settings.LANGUAGE_CODE,
        subject=one_line(_("%(document)s %(number)s kom i retur fra %(address)s") % said)[:200],
        sender=said["company"],
        paragraphs=(
            _("E-posten fra %(company)s med %(document)s %(number)s til %(customer)s kom i retur fra %(address)s.")
            % {**said, "document": said["document"].lower()},
            _("Mailserveren der svarte: «%(answer)s»") % {"answer": answer} if answer else "",
            _what_happens_now(next_channel),
        ),
        facts=_facts(invoice, said),
        link=(_("Åpne i AutoInvoice"), settings.SITE_URL + reverse("invoice", args=[invoice.pk])),
    )


def _what_happens_now(next_channel: ChannelName | None) -> str:
    if next_channel is None:
        return _(
            "Den er holdt tilbake, og ikke sendt på annen måte. Rett e-postadressen på kunden, eller fyll inn postadressen, og"
            " send den på nytt fra siden som lenken går til."
        )
    if next_channel == ChannelName.EMAIL:
        return _(
            "Feilen ser ut til å gå over. Vi prøver den samme adressen igjen av oss selv, så du trenger ikke gjøre noe."
        )
    return _(
        "Den går på %(channel)s i stedet, så du trenger ikke gjøre noe for denne. Flere fakturaer går ikke til adressen før noen"
        " har rettet eller godkjent den på kunden."
    ) % {"channel": str(next_channel.label).lower()}


def _facts(invoice: Invoice, said: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    rows = (
        (_("Beløp"), amount_with_currency(invoice.payable, invoice.currency)),
        (_("Kunde"), said["customer"]),
        (_("Forfallsdato"), day(invoice.due_date) if invoice.due_date else ""),
    )
    return tuple((label, value) for label, value in rows if value)


def _site_mail(letter: Letter, to: str, company: Company) -> mail.EmailMultiAlternatives:
    mark = "TEST · " if company.is_test else ""  # R17
    message = mail.EmailMultiAlternatives(
        f"{mark}{letter.subject}",
        text_of(letter),
        to=[to] if to else [],
        headers={"Auto-Submitted": "auto-generated"},
    )
    message.attach_alternative(html_of(letter), "text/html")
    return message
