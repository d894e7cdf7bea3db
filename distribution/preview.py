"""A mail as the customer would get it, before anything is sent: what the channel itself makes of a real invoice's facts (R14)."""

from dataclasses import dataclass
from functools import partial

from django.conf import settings
from django.urls import reverse
from django.utils import timezone, translation

from customers.models import Company
from distribution import files
from distribution.accounts import text_at_provider
from distribution.channels.base import Brief
from distribution.channels.email.letter import html_of, picture, text_of
from distribution.channels.email.words import to_the_customer
from distribution.channels.names import file_name
from distribution.delivery.preparing import sender_of
from distribution.documents.invoice import DocumentType
from distribution.models import DistributionSettings, Invoice

NO_KEY = "00000000-0000-0000-0000-000000000000"  # nothing leaves by it


@dataclass(frozen=True, slots=True)
class MailPreview:
    """`html` shows the logo by its address on the site, where the mail carries it as a part; `attached` names the PDF."""

    language: str
    subject: str
    to: str
    reply_to: str
    html: str
    plain: str
    attached: str


def preview(
    company: Company, chosen: DistributionSettings, invoice: Invoice | None, language: str
) -> MailPreview | None:
    """With the facts of `invoice`; None where the company has none yet."""
    if invoice is None:
        return None
    document = files.data_of(invoice)
    brief = brief_of(company, chosen, invoice, language, invoice.customer.emails if invoice.customer else ())
    with translation.override(language):
        letter = to_the_customer(brief, document, attached=brief.attach_pdf)
    return MailPreview(
        language,
        letter.subject,
        ", ".join(brief.to),
        brief.sender.email,
        html_of(letter, picture(brief.sender.logo, reverse("company-logo"))),
        text_of(letter),
        file_name(brief.document_type, brief.number, language, "pdf") if brief.attach_pdf else "",
    )


def brief_of(
    company: Company,
    chosen: DistributionSettings,
    invoice: Invoice,
    language: str,
    to: tuple[str, ...],
    own_pdf: bytes | None = None,
) -> Brief:
    """What the channel would be given, had `chosen` been saved. Its link is the invoice's page: for whoever is signed in, since
    a customer's link belongs to a delivery, and there is none."""
    page = settings.SITE_URL + reverse("invoice", args=[invoice.pk])
    return Brief(
        key=NO_KEY,
        made_at=timezone.now(),
        sender=sender_of(company),
        to=to,
        document_type=DocumentType(invoice.document_type),
        number=invoice.number,
        ubl=b"",
        open_document=partial(files.data_of, invoice),
        own_pdf=own_pdf,
        own_pdf_for_print=chosen.own_pdf_for_print,
        attach_pdf=chosen.attach_pdf,
        email_text=chosen.email_text(language) or text_at_provider(company.pk),
        language=language,
        link=page,
        test=company.is_test,
        page=page,
    )
