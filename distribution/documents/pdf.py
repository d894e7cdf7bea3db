"""The invoice as a PDF: our own layout of it, and the look at a PDF that came with it."""

from io import BytesIO

import pikepdf
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from distribution.documents.errors import InWords
from distribution.documents.invoice import InvoiceData
from distribution.documents.own_pdf import limits  # noqa: F401  before the first PDF is opened
from distribution.documents.paper import paper_of
from distribution.documents.xml import MAX_BYTES

HEADER_WITHIN = 1024  # where readers look for %PDF-


class BadPdf(InWords):
    """This file can't be sent as the invoice's PDF. `str()` tells an accountant why."""


def render(invoice: InvoiceData, *, language: str, address: tuple[str, ...] | None = None) -> bytes:
    """A tagged PDF in `language` (nb or en), the same bytes for the same data.

    `address` stands in the window instead of the buyer's own: name first, place (and country) last.
    """
    with translation.override(language):
        html = render_to_string("documents/invoice.html", {"paper": paper_of(invoice, address), "language": language})
    return lay_out(html, "documents/invoice.css")


def lay_out(html: str, stylesheet: str) -> bytes:
    """Of a page and its stylesheet, a template of ours."""
    from distribution.documents import weasy  # half a second to load, and most processes make no PDF

    return weasy.lay_out(html, stylesheet)


def check_own_pdf(content: bytes) -> int:
    """How many pages it has. Raises BadPdf."""
    if not content:
        raise BadPdf(_("PDF-filen er tom."))
    if len(content) > MAX_BYTES:
        raise BadPdf(_("PDF-filen er for stor. Grensen er %(limit)s MB."), limit=MAX_BYTES // 1024 // 1024)
    if b"%PDF-" not in content[:HEADER_WITHIN]:
        raise BadPdf(_("Filen er ikke en PDF."))
    pages = _count_pages(content)
    if not pages:
        raise BadPdf(_("PDF-filen har ingen sider."))
    return pages


def _count_pages(content: bytes) -> int:
    """No repair: a file cut short would be repaired to fewer pages, and leave without the rest."""
    try:
        with pikepdf.open(BytesIO(content), attempt_recovery=False, suppress_warnings=True) as pdf:
            if pdf.is_encrypted:
                raise _encrypted()
            return len(pdf.pages)
    except pikepdf.PasswordError as error:
        raise _encrypted() from error
    except (pikepdf.PdfError, RuntimeError) as error:
        raise BadPdf(_("PDF-filen er skadet og kan ikke leses. Lag den på nytt.")) from error


def _encrypted() -> BadPdf:
    return BadPdf(_("PDF-filen er beskyttet med passord. Lag den uten beskyttelse."))
