"""Print and post: a PDF with the recorded address in the window (R11, R23)."""

from django.conf import settings

from distribution.channels.base import Brief, Channel, Content, NotForPrint
from distribution.channels.names import file_name
from distribution.documents.own_pdf.examining import examine
from distribution.documents.own_pdf.findings import as_facts
from distribution.documents.own_pdf.placement import MARGIN, WINDOW
from distribution.documents.pdf import render
from distribution.states import ChannelName


class Print(Channel):
    name = ChannelName.PRINT
    starts_service = True

    def prepare(self, brief: Brief) -> Content:
        """The company's own PDF where it wants that and one came; else our layout, addressed to the snapshot (T78)."""
        name = file_name(brief.document_type, brief.number, brief.language, "pdf")
        if brief.own_pdf and brief.own_pdf_for_print:
            return _own(name, brief.own_pdf)
        return Content(name, render(brief.open_document(), language=brief.language, address=brief.to))

    def transport(self, to: tuple[str, ...]) -> str:
        name: str = settings.PRINT_TRANSPORT
        return name


def _own(name: str, pdf: bytes) -> Content:
    """Behind a cover sheet the address and the print house's marks need no place on it. Raises NotForPrint."""
    cover_sheet: bool = settings.PRINT_COVER_SHEET
    keep_free = () if cover_sheet else (MARGIN, WINDOW)
    examined = examine(pdf, max_pages=settings.PRINT_MAX_PAGES, keep_free=keep_free)
    if examined.findings:
        raise NotForPrint(as_facts(examined.findings))
    return Content(name, examined.content, mended=as_facts(examined.mended), cover_sheet=cover_sheet)
