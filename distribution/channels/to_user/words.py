"""The words of the mail to the user who sent an invoice that the customer is not sent (R20): which one, and what to do with it."""

from django.utils.translation import gettext as _

from distribution.channels.base import Brief
from distribution.channels.email.letter import Letter
from distribution.channels.email.words import kind_of, marked, payment_facts
from distribution.channels.names import one_line
from distribution.documents.invoice import InvoiceData


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
        language=brief.language,
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


def _what_to_do(*, attached: bool) -> str:
    if attached:
        return _("PDF-en ligger ved. Skriv den ut, eller send den videre slik dere har avtalt med kunden.")
    return _(
        "PDF-en er for stor for e-post. Hent den på siden som lenken går til. Skriv den ut, eller send den videre slik dere"
        " har avtalt med kunden."
    )
