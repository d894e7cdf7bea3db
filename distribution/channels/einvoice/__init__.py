"""E-invoice: the UBL as it came in, to the receiver's address in the register (EHF over Peppol; eFaktura for consumers)."""

from distribution.channels.base import Brief, Channel, Content, Transport
from distribution.channels.folder import Folder
from distribution.channels.names import file_name
from distribution.states import ChannelName


class EInvoice(Channel):
    name = ChannelName.EINVOICE
    starts_service = False

    def prepare(self, brief: Brief) -> Content:
        return Content(file_name(brief.document, brief.language, "xml"), brief.ubl)

    def transport(self, *, test: bool, to: tuple[str, ...]) -> Transport:
        return Folder()
