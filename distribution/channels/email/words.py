"""The words of an invoice's mail to the customer, in the customer's language (R14)."""

import re

from django.utils.translation import gettext as _

from distribution.channels.base import Brief
from distribution.channels.email.letter import Letter
from distribution.channels.names import one_line
from distribution.documents.invoice import DocumentType, InvoiceData
from distribution.documents.text import account, amount_with_currency, day
from distribution.kid import name_of

PLACEHOLDERS = ("firma", "kunde", "dokument", "nummer", "beløp", "forfall", "kid")  # in a company's own text (R14)


def to_the_customer(brief: Brief, document: InvoiceData, *, attached: bool) -> Letter:
    """In the active language, which is the customer's."""
    company = one_line(brief.sender.name)
    return Letter(
        language=brief.language,
        subject=subject(brief),
        sender=company,
        paragraphs=_paragraphs(own_text(brief, document) or _of_ours(document, company)),
        facts=payment_facts(document),
        notes=(_attached_words(document),) if attached else (),
        link=("", "") if attached else (_open_words(document), brief.link),
        closing=(_("Vennlig hilsen"), company),
        footnote="" if brief.sender.email else _("Svar på denne e-posten blir ikke lest."),
    )


def subject(brief: Brief) -> str:
    words = _("%(kind)s %(number)s fra %(company)s") % {
        "kind": kind_of(brief.document_type),
        "number": brief.number,
        "company": brief.sender.name,
    }
    return marked(brief, words)


def marked(brief: Brief, words: str) -> str:
    """A subject of one line, which says TEST where nothing real is sent (R17)."""
    return one_line(f"[TEST] {words}" if brief.test else words)[:200]


def kind_of(document_type: DocumentType) -> str:
    return _("Kreditnota") if document_type == DocumentType.CREDIT_NOTE else _("Faktura")


def own_text(brief: Brief, document: InvoiceData) -> str:
    """The text chosen for this mail with its placeholders filled in, each once; one that is none is left as it stands."""
    values = placeholders(brief, document)
    return re.sub(r"\{(\w+)\}", lambda match: values.get(match[1], match[0]), brief.email_text).strip()


def placeholders(brief: Brief, document: InvoiceData) -> dict[str, str]:
    """By the names of PLACEHOLDERS. A name can't break the line, or turn the amount after it around."""
    return {
        "firma": one_line(brief.sender.name),
        "kunde": one_line(document.buyer.name),
        "dokument": kind_of(document.document_type).lower(),
        "nummer": one_line(document.number),
        "beløp": amount_with_currency(document.totals.payable, document.currency),
        "forfall": day(document.due_date) if document.due_date else "",
        "kid": one_line(document.payment_id),
    }


def payment_facts(document: InvoiceData) -> tuple[tuple[str, str], ...]:
    """What one needs to pay without opening anything; empty values are left out."""
    credit = _is_credit(document)
    rows = (
        (_("Til gode") if credit else _("Å betale"), amount_with_currency(document.totals.payable, document.currency)),
        (_("Forfallsdato"), day(document.due_date) if document.due_date and not credit else ""),
        (_("Til konto"), account(document.account) if document.account and not credit else ""),
        (name_of(document.payment_id), one_line(document.payment_id) if not credit else ""),
    )
    return tuple((label, value) for label, value in rows if value)


def _paragraphs(text: str) -> tuple[str, ...]:
    lines = re.sub(r"\r\n?", "\n", text)
    return tuple(part.strip("\n") for part in re.split(r"\n[ \t]*\n", lines) if part.strip())


def _of_ours(document: InvoiceData, company: str) -> str:
    facts = {"number": one_line(document.number), "company": company}
    if _is_credit(document):
        return _("Her er kreditnota %(number)s fra %(company)s.") % facts
    return _("Her er faktura %(number)s fra %(company)s.") % facts


def _attached_words(document: InvoiceData) -> str:
    return _("Kreditnotaen ligger ved som PDF.") if _is_credit(document) else _("Fakturaen ligger ved som PDF.")


def _open_words(document: InvoiceData) -> str:
    return _("Åpne kreditnotaen") if _is_credit(document) else _("Åpne fakturaen")


def _is_credit(document: InvoiceData) -> bool:
    return document.document_type == DocumentType.CREDIT_NOTE
