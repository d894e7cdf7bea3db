"""Print and post: a PDF with the recorded address in the window (R11, R23)."""

from django.conf import settings

from distribution.channels.base import Brief, Channel, Content
from distribution.channels.names import file_name
from distribution.documents.pdf import render
from distribution.states import ChannelName


class Print(Channel):
    name = ChannelName.PRINT
    starts_service = True

    def prepare(self, brief: Brief) -> Content:
        """The company's own PDF where it wants that and one came; else our layout, addressed to the snapshot (T78)."""
        own = brief.own_pdf if brief.own_pdf_for_print else None
        pdf = own or render(brief.open_document(), language=brief.language, address=brief.to)
        return Content(file_name(brief.document_type, brief.number, brief.language, "pdf"), pdf)

    def transport(self, to: tuple[str, ...]) -> str:
        name: str = settings.PRINT_TRANSPORT
        return name
