"""A PDF that came with an invoice, for tests in which its looks don't matter: nothing has to be laid out."""

from functools import cache
from io import BytesIO

import pikepdf


@cache
def small_pdf(size: int = 0) -> bytes:
    """One empty A4 page, of at least so many bytes."""
    pdf = pikepdf.new()
    page = pdf.add_blank_page(page_size=(595.276, 841.89))
    page.Contents = pdf.make_stream(b" " * size)
    out = BytesIO()
    pdf.save(out, compress_streams=False, deterministic_id=True)
    return out.getvalue()
