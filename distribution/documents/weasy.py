"""WeasyPrint, which makes a PDF of a page. `pdf` imports it when the first one is made; a worker has it before it forks."""

import threading
from functools import lru_cache

from django.template.loader import render_to_string
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

# Pango and the fonts are shared by all documents of the process; two layouts at once would meet in them.
_one_at_a_time = threading.Lock()


class FetchNothing(URLFetcher):  # type: ignore[misc]
    """A text in an invoice must never make us fetch anything, from the net or from the disk."""

    def fetch(self, url: str, headers: object = None) -> URLFetcherResponse:
        raise ValueError(f"the layout of an invoice fetches nothing: {url[:100]}")


def lay_out(html: str, stylesheet: str) -> bytes:
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
