"""The look at an own PDF before it is handed over to be printed (R11, T79)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pikepdf import Page, Pdf

from distribution.documents.own_pdf import mending
from distribution.documents.own_pdf.active import Slot, is_dynamic_form, slots_of
from distribution.documents.own_pdf.findings import Code, Finding, Unprintable, found
from distribution.documents.own_pdf.fonts import missing_font
from distribution.documents.own_pdf.placement import Field, misplaced
from distribution.documents.own_pdf.reading import UNREADABLE, contents_of, holders, open_pdf, unpacked, version_of
from distribution.documents.own_pdf.size import size_of

NEWEST = (1, 7)
NAMED_FONTS = 3


@dataclass(frozen=True, slots=True)
class Examined:
    """`content` is what may be printed where there are no findings: the very bytes that came where nothing was mended."""

    content: bytes
    findings: tuple[Finding, ...] = ()
    mended: tuple[Finding, ...] = ()


def examine(content: bytes, *, max_pages: int, keep_free: Sequence[Field]) -> Examined:
    """Any bytes end in an answer, within the limits of `limits`."""
    try:
        with open_pdf(content) as pdf:
            return _examined(pdf, content, max_pages, keep_free)
    except Unprintable as stop:
        return Examined(content, (stop.finding,))
    except UNREADABLE:
        return Examined(content, (found(Code.PARSE_ERROR),))


def _examined(pdf: Pdf, content: bytes, max_pages: int, keep_free: Sequence[Field]) -> Examined:
    if findings := tuple(_of_the_file(pdf, max_pages)):
        return Examined(content, findings)
    slots, findings = _of_all_that_hangs_together(pdf)
    findings += tuple(_of_the_sizes(pdf))
    if findings:
        return Examined(content, findings)
    mended = (*mending.turn_upright(pdf), *mending.take_out(slots))
    findings = tuple(_of_the_pages(pdf, keep_free))
    return Examined(mending.saved(pdf) if mended and not findings else content, findings, mended)


def _of_the_file(pdf: Pdf, max_pages: int) -> Iterator[Finding]:
    """What is known before anything is looked through."""
    pages = len(pdf.pages)
    if not pages:
        yield found(Code.NO_PAGES)
    if pages > max_pages:
        yield found(Code.TOO_MANY_PAGES, pages=pages, limit=max_pages)
    if version_of(pdf) > NEWEST:
        yield found(Code.VERSION, version=".".join(map(str, version_of(pdf))))
    if is_dynamic_form(pdf):
        yield found(Code.DYNAMIC_FORM)


def _of_all_that_hangs_together(pdf: Pdf) -> tuple[list[Slot], tuple[Finding, ...]]:
    """What can be taken out, and what can't be put in."""
    slots: list[Slot] = []
    fonts: dict[str, None] = {}
    for holder in holders(pdf):
        slots += slots_of(holder)
        if name := missing_font(holder):
            fonts[name] = None
    if not fonts:
        return slots, ()
    named = ", ".join(sorted(fonts)[:NAMED_FONTS]) + (" …" if len(fonts) > NAMED_FONTS else "")
    return slots, (found(Code.FONT, fonts=named),)


def _of_the_sizes(pdf: Pdf) -> Iterator[Finding]:
    for number, page in enumerate(pdf.pages, 1):
        try:
            size = size_of(page)
        except UNREADABLE:
            yield found(Code.PARSE_PAGE_ERROR, page=number)
            continue
        if not size.is_a4:
            yield found(Code.DIMENSIONS, page=number, width=round(size.width), height=round(size.height))


def _of_the_pages(pdf: Pdf, keep_free: Sequence[Field]) -> Iterator[Finding]:
    """A page whose content can't be unpacked would be printed half."""
    for number, page in enumerate(pdf.pages, 1):
        try:
            if not _is_whole(pdf, page):
                yield found(Code.PARSE_PAGE_ERROR, page=number)
                continue
            yield from misplaced(page, number, keep_free)
        except UNREADABLE:
            yield found(Code.PARSE_PAGE_ERROR, page=number)


def _is_whole(pdf: Pdf, page: Page) -> bool:
    """qpdf gives back the first half of a stream that was cut, with a warning."""
    pdf.get_warnings()  # and forgets those of before
    unpacked(contents_of(page))
    return not pdf.get_warnings()
