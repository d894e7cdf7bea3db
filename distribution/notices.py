"""What a user is told by mail of an invoice that he sent: composed here, and handed over by whoever knows of it."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core import mail
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from customers.models import Company
from distribution.channels.email.addresses import mailbox_of
from distribution.channels.email.letter import Letter, html_of, text_of
from distribution.channels.email.words import kind_of
from distribution.channels.names import one_line
from distribution.documents.invoice import DocumentType
from distribution.documents.text import amount_with_currency, day
from distribution.models import Delivery, Invoice
from distribution.reasons import printable
from distribution.states import ChannelName


@dataclass(frozen=True, slots=True)
class Next:
    """Where the invoice goes: e-mail again for a mailbox that may work later, or with a link for one that was `too_large`; no
    channel where it is held."""

    channel: ChannelName | None
    too_large: bool = False


def bounce_notice(delivery: Delivery, address: str, answer: str, what_now: Next) -> mail.EmailMultiAlternatives:
    """That the mail to `address` came back, with what the server there said, and what happens now.

    To the user who sent it, in his language; where no user did, or where it is his own address that is dead (R20), to the company,
    in its. Without an address that may work it names nobody, and sending it does nothing.
    """
    invoice = delivery.invoice
    to, language = _reader(delivery, address)
    with translation.override(language):
        happens = (
            _of_the_users_own(what_now) if delivery.channel == ChannelName.TO_USER else _what_happens_now(what_now)
        )
        letter = _letter(invoice, one_line(address), printable(answer).strip(), happens)
    return _site_mail(letter, to, invoice.company)


def _reader(delivery: Delivery, address: str) -> tuple[str, str]:
    """An address and a language."""
    user, company = delivery.invoice.sent_by, delivery.invoice.company
    known = [(user.email, user.language)] if user else []
    known.append((company.email, company.language))
    dead = mailbox_of(address) if delivery.channel == ChannelName.TO_USER else ""
    return next((one for one in known if one[0] and mailbox_of(one[0]) != dead), ("", company.language))


def _letter(invoice: Invoice, address: str, answer: str, happens: str) -> Letter:
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
            happens,
        ),
        facts=_facts(invoice, said),
        link=(_("Åpne i AutoInvoice"), settings.SITE_URL + reverse("invoice", args=[invoice.pk])),
    )


def _of_the_users_own(what_now: Next) -> str:
    """R20: the mail was for the user himself."""
    mend = _("Rett e-postadressen din i AutoInvoice, så kommer de neste fram dit.")
    if what_now.channel == ChannelName.TO_USER and not what_now.too_large:
        return _("Den går til firmaets e-postadresse i stedet.") + " " + mend
    if what_now.too_large:
        return _of_the_size(what_now)
    return _("Den er holdt tilbake. Du kan laste den ned og skrive den ut fra siden som lenken går til.") + " " + mend


def _of_the_size(what_now: Next) -> str:
    if what_now.channel is None:
        return _(
            "E-posten var for stor for mottakerens mailserver, også med en lenke i stedet for PDF-en. Fakturaen er holdt tilbake."
            " Velg en annen kanal på siden som lenken går til, eller last den ned og send den selv."
        )
    return _(
        "E-posten var for stor for mottakerens mailserver. Den går på nytt av seg selv, med en lenke i stedet for PDF-en, så du"
        " trenger ikke gjøre noe."
    )


def _what_happens_now(what_now: Next) -> str:
    next_channel = what_now.channel
    if what_now.too_large:
        return _of_the_size(what_now)
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
