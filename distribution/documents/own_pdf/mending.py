"""What is put right without a change of how it looks on paper, and the bytes that come of it: the same for the same file (R34)."""

from collections.abc import Iterable
from io import BytesIO

from pikepdf import Pdf, StreamDecodeLevel

from distribution.documents.own_pdf.active import Slot
from distribution.documents.own_pdf.findings import Code, Finding, found
from distribution.documents.own_pdf.size import size_of


def turn_upright(pdf: Pdf) -> list[Finding]:
    """Pages that lie are turned as a printer would."""
    lying = [number for number, page in enumerate(pdf.pages, 1) if size_of(page).turned]
    for number in lying:
        pdf.pages[number - 1].rotate(90, relative=True)
    return [found(Code.LANDSCAPE, pages=", ".join(map(str, lying)))] if lying else []


def take_out(slots: Iterable[Slot]) -> list[Finding]:
    """Each kind once, in the order of the codes."""
    codes = set()
    for slot in slots:
        if slot.key in slot.holder:
            del slot.holder[slot.key]
        codes.add(slot.code)
    return [found(code) for code in Code if code in codes]


def saved(pdf: Pdf) -> bytes:
    """Streams are copied as they are: to pack an LZW stream anew qpdf would unpack it, whatever it holds."""
    out = BytesIO()
    pdf.save(out, deterministic_id=True, compress_streams=False, stream_decode_level=StreamDecodeLevel.none)
    return out.getvalue()
