"""A mail as the customer would see it, before anything is sent: the company's text with a real invoice's facts (R14)."""

from dataclasses import dataclass
from functools import partial

from django.conf import settings
from django.urls import reverse
from django.utils import timezone, translation

from customers.models import Company
from distribution import files
from distribution.accounts import text_at_provider
from distribution.channels.base import Brief, Sender
from distribution.channels.email.mail import own_text, payment_facts, plain_text, subject
from distribution.documents.invoice import DocumentType
from distribution.models import DistributionSettings, Invoice

NO_KEY = "00000000-0000-0000-0000-000000000000"  # nothing leaves by it
TEMPLATE = "email/invoice"  # as the channel has it


@dataclass(frozen=True, slots=True)
class MailPreview:
    language: str
    subject: str
    to: str
    text: str
    plain: str
    facts: list[tuple[str, str]]
    attached: bool


def preview(
    company: Company, chosen: DistributionSettings, invoice: Invoice | None, language: str
) -> MailPreview | None:
    """With the facts of `invoice`; None where the company has none yet."""
    if invoice is None:
        return None
    document = files.data_of(invoice)
    brief = brief_of(company, chosen, invoice, language, invoice.customer.emails if invoice.customer else ())
    with translation.override(language):
        return MailPreview(
            language,
            subject(brief),
            ", ".join(brief.to),
            own_text(brief, document),
            plain_text(brief, document, TEMPLATE, attached=chosen.attach_pdf),
            payment_facts(document),
            chosen.attach_pdf,
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
    return Brief(
        key=NO_KEY,
        made_at=timezone.now(),
        sender=Sender(identifier=company.peppol_id, name=company.name, email=company.email),
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
        link=settings.SITE_URL + reverse("invoice", args=[invoice.pk]),
        test=company.is_test,
    )
