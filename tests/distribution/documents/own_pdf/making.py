"""Own PDFs as programs make them, good and bad."""

from collections.abc import Callable
from io import BytesIO

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, Stream, StreamDecodeLevel, String

from distribution.documents.own_pdf.examining import Examined, examine
from distribution.documents.own_pdf.placement import Field
from distribution.documents.own_pdf.words import in_words

A4 = (595.276, 841.89)
MM = 72 / 25.4
BODY = b"BT /F0 10 Tf 1 0 0 1 100 400 Tm (Faktura) Tj ET"  # below the window, right of the margin


def pdf_of(content: bytes = BODY, *, size: tuple[float, float] = A4, pages: int = 1) -> Pdf:
    pdf = pikepdf.new()
    for _ in range(pages):
        page = pdf.add_blank_page(page_size=size)
        page.Contents = pdf.make_stream(content)
        page.Resources = Dictionary(Font=Dictionary(F0=font()))
    return pdf


def font(name: str = "/Helvetica", subtype: str = "/Type1") -> Dictionary:
    return Dictionary(Type=Name.Font, Subtype=Name(subtype), BaseFont=Name(name))


def written(pdf: Pdf, version: str = "") -> bytes:
    out = BytesIO()
    pdf.save(
        out,
        deterministic_id=True,
        force_version=version,
        compress_streams=False,
        stream_decode_level=StreamDecodeLevel.none,
    )
    return out.getvalue()


def changed(change: Callable[[Pdf], None]) -> bytes:
    pdf = pdf_of()
    change(pdf)
    return written(pdf)


def packed(pdf: Pdf, data: bytes, *filters: Name) -> Stream:
    stream = pdf.make_stream(data)
    stream.Filter = Array(filters) if len(filters) > 1 else filters[0]
    return stream


def at(left: float, top: float) -> bytes:
    """A text that starts there, in mm from the upper left corner of A4."""
    return b"BT /F0 10 Tf 1 0 0 1 %f %f Tm (x) Tj ET" % (left * MM, A4[1] - top * MM)


def script() -> Dictionary:
    return Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))


def look(content: bytes, *keep_free: Field, max_pages: int = 9) -> Examined:
    return examine(content, max_pages=max_pages, keep_free=keep_free)


def codes(content: bytes, *keep_free: Field) -> list[str]:
    return [str(finding.code) for finding in look(content, *keep_free).findings]


def told(content: bytes, *keep_free: Field) -> str:
    """In words, without the codes."""
    facts = [(str(one.code), one.facts) for one in look(content, *keep_free).findings]
    return in_words(facts, codes=False)
