"""One invoice as a MIME message, the same bytes for the same brief: no clock, no random boundary (R34)."""

import re
from contextlib import suppress
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from distribution.channels.base import Brief, RecipientRefused
from distribution.channels.names import file_name, one_line
from distribution.documents.invoice import DocumentType, InvoiceData
from distribution.documents.text import account, amount_with_currency, day
from distribution.kid import name_of

PLACEHOLDERS = ("firma", "kunde", "nummer", "beløp", "forfall", "kid")  # in a company's own text (R14)
POLICY = SMTP.clone(cte_type="7bit", max_line_length=76)


def compose(brief: Brief, document: InvoiceData, template: str, *, pdf: bytes | None) -> bytes:
    """`template` names `templates/<template>.txt` and `.html`. Raises RecipientRefused for an address that can't be written."""
    with translation.override(brief.language):
        message = EmailMessage(policy=POLICY)
        _write_headers(message, brief)
        words = _words(brief, document, attached=pdf is not None)
        message.set_content(plain_text(brief, document, template, attached=pdf is not None), cte="quoted-printable")
        message.add_alternative(render_to_string(f"{template}.html", words), subtype="html", cte="quoted-printable")
        if pdf is not None:
            name = file_name(brief.document_type, brief.number, brief.language, "pdf")
            message.add_attachment(pdf, maintype="application", subtype="pdf", filename=name)
    for number, part in enumerate(part for part in message.walk() if part.is_multipart()):
        part.set_boundary(f"=_{number}_{brief.key}")
    return message.as_bytes()


def plain_text(brief: Brief, document: InvoiceData, template: str, *, attached: bool) -> str:
    """What a mail program without HTML shows, in the active language."""
    return render_to_string(f"{template}.txt", _words(brief, document, attached=attached)).strip() + "\n"


def _words(brief: Brief, document: InvoiceData, *, attached: bool) -> dict[str, Any]:
    return {
        "brief": brief,
        "document": document,
        "text": own_text(brief, document),
        "facts": payment_facts(document),
        "attached": attached,
    }


def own_text(brief: Brief, document: InvoiceData) -> str:
    """The text chosen for this mail with its placeholders filled in; a text that only looks like one is left as it stands."""
    values = placeholders(brief, document)
    return re.sub(r"\{(\w+)\}", lambda match: values.get(match[1], match[0]), brief.email_text)


def placeholders(brief: Brief, document: InvoiceData) -> dict[str, str]:
    """By the names of PLACEHOLDERS."""
    return {
        "firma": brief.sender.name,
        "kunde": document.buyer.name,
        "nummer": document.number,
        "beløp": amount_with_currency(document.totals.payable, document.currency),
        "forfall": day(document.due_date) if document.due_date else "",
        "kid": document.payment_id,
    }


def payment_facts(document: InvoiceData) -> list[tuple[str, str]]:
    """What one needs to pay without opening anything; empty values are left out."""
    credit = document.document_type == DocumentType.CREDIT_NOTE
    rows = [
        (_("Til gode") if credit else _("Å betale"), amount_with_currency(document.totals.payable, document.currency)),
        (_("Forfallsdato"), day(document.due_date) if document.due_date and not credit else ""),
        (_("Til konto"), account(document.account) if document.account and not credit else ""),
        (name_of(document.payment_id), document.payment_id if not credit else ""),
    ]
    return [(label, value) for label, value in rows if value]


def subject(brief: Brief) -> str:
    """In the active language."""
    kind = _("Kreditnota") if brief.document_type == DocumentType.CREDIT_NOTE else _("Faktura")
    words = _("%(kind)s %(number)s fra %(company)s") % {
        "kind": kind,
        "number": brief.number,
        "company": brief.sender.name,
    }
    return one_line(f"[TEST] {words}" if brief.test else words)[:200]


def _write_headers(message: EmailMessage, brief: Brief) -> None:
    message["Subject"] = subject(brief)
    message["From"] = Address(one_line(brief.sender.name)[:100], addr_spec=settings.DEFAULT_FROM_EMAIL)
    try:
        message["To"] = [_address(address) for address in brief.to]
    except BadAddress as error:
        raise RecipientRefused(", ".join(brief.to)) from error
    with suppress(BadAddress):  # a company whose own address can't be written still reaches its customers
        message["Reply-To"] = _address(brief.sender.email)
    message["Date"] = format_datetime(timezone.localtime(brief.made_at))
    message["Message-ID"] = f"<{brief.key}@{settings.DEFAULT_FROM_EMAIL.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message["Content-Language"] = brief.language


class BadAddress(ValueError):
    """No header can be made of it."""


def _address(value: str) -> Address:
    if not value:
        raise BadAddress(value)
    try:
        return Address(addr_spec=value)
    except (ValueError, IndexError, MessageError) as error:  # as the library's parser fails on what is none
        raise BadAddress(value) from error
