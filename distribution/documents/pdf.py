"""The invoice as a PDF: our own layout of it, and the look at a PDF that came with it."""

import threading
from functools import lru_cache
from io import BytesIO

import pikepdf
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

from distribution.documents.errors import InWords
from distribution.documents.invoice import InvoiceData
from distribution.documents.paper import paper_of
from distribution.documents.xml import MAX_BYTES

HEADER_WITHIN = 1024  # where readers look for %PDF-
# Pango and the fonts are shared by all documents of the process; two layouts at once would meet in them.
_one_at_a_time = threading.Lock()


class BadPdf(InWords):
    """This file can't be sent as the invoice's PDF. `str()` tells an accountant why."""


class FetchNothing(URLFetcher):  # type: ignore[misc]
    """A text in an invoice must never make us fetch anything, from the net or from the disk."""

    def fetch(self, url: str, headers: object = None) -> URLFetcherResponse:
        raise ValueError(f"the layout of an invoice fetches nothing: {url[:100]}")


def render(invoice: InvoiceData, *, language: str, address: tuple[str, ...] | None = None) -> bytes:
    """A tagged PDF in `language` (nb or en), the same bytes for the same data.

    `address` stands in the window instead of the buyer's own: name first, place (and country) last.
    """
    with translation.override(language):
        html = render_to_string("documents/invoice.html", {"paper": paper_of(invoice, address), "language": language})
    return lay_out(html, "documents/invoice.css")


def lay_out(html: str, stylesheet: str) -> bytes:
    """Of a page and its stylesheet, a template of ours."""
    with _one_at_a_time:
        fonts, style = _style(stylesheet)
        document = HTML(string=html, url_fetcher=FetchNothing())
        content: bytes = document.write_pdf(stylesheets=[style], font_config=fonts, pdf_tags=True)
    return content


@lru_cache(maxsize=4)
def _style(stylesheet: str) -> tuple[FontConfiguration, CSS]:
    """Once in a process for each kind of page: a font configuration for each document is never given back."""
    fonts = FontConfiguration()
    return fonts, CSS(string=render_to_string(stylesheet), font_config=fonts, url_fetcher=FetchNothing())


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
