"""The words of the mail to the user who sent an invoice that the customer is not sent (R20): which one, and what to do with it."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from distribution.channels.base import Brief
from distribution.channels.email.letter import Letter
from distribution.channels.email.words import kind_of, marked, payment_facts
from distribution.channels.names import one_line
from distribution.documents.invoice import InvoiceData
from distribution.documents.text import amount_with_currency


def to_the_user(brief: Brief, document: InvoiceData, *, attached: bool) -> Letter:
    """In the active language."""
    amount, *rest = payment_facts(document)
    said = {
        "document": kind_of(brief.document_type),
        "number": one_line(document.number),
        "customer": one_line(document.buyer.name),
        "company": one_line(brief.sender.name),
    }
    return Letter(
        language=brief.user_language,
        subject=marked(brief, _("%(document)s %(number)s til %(customer)s: skriv ut eller send videre") % said),
        sender=said["company"],
        paragraphs=(
            _(
                "%(document)s %(number)s til %(customer)s er ikke sendt til kunden. Kunden er satt til «Ikke send, jeg"
                " ordner det selv» hos %(company)s."
            )
            % said,
            _what_to_do(attached=attached),
        ),
        facts=(amount, (_("Kunde"), said["customer"]), *rest),
        link=(_("Åpne i AutoInvoice"), brief.page) if brief.page else ("", ""),
    )


def many_to_the_user(brief: Brief, documents: list[InvoiceData]) -> Letter:
    """Of all that lie in the zip. In the active language."""
    company = one_line(brief.sender.name)
    subject = ngettext(
        "%(number)s faktura fra %(company)s: skriv ut eller send videre",
        "%(number)s fakturaer fra %(company)s: skriv ut eller send videre",
        len(documents),
    ) % {"number": len(documents), "company": company}
    not_sent = _(
        "Disse er ikke sendt til kundene, for kundene er satt til «Ikke send, jeg ordner det selv» hos %(company)s."
    ) % {"company": company}
    return Letter(
        language=brief.user_language,
        subject=marked(brief, subject),
        sender=company,
        paragraphs=(
            not_sent,
            _("PDF-ene ligger ved i én zip-fil. Skriv dem ut, eller send dem videre slik dere har avtalt med kundene."),
        ),
        facts=((_("Fakturaer i zip-filen"), str(len(documents))), *map(_line_of, documents)),
    )


def _line_of(document: InvoiceData) -> tuple[str, str]:
    name = f"{kind_of(document.document_type)} {one_line(document.number)} · {one_line(document.buyer.name)}"
    return name, amount_with_currency(document.totals.payable, document.currency)


def _what_to_do(*, attached: bool) -> str:
    if attached:
        return _("PDF-en ligger ved. Skriv den ut, eller send den videre slik dere har avtalt med kunden.")
    return _(
        "PDF-en er for stor for e-post. Hent den på siden som lenken går til. Skriv den ut, eller send den videre slik dere"
        " har avtalt med kunden."
    )
