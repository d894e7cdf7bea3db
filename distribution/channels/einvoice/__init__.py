"""E-invoice: the UBL as it came in, to the receiver's address in the register (EHF over Peppol; eFaktura for consumers)."""

import re

from django.conf import settings

from distribution.channels.base import Brief, Channel, Content
from distribution.channels.names import file_name
from distribution.states import ChannelName

PARTICIPANT = re.compile(r"\d{4}:")


class EInvoice(Channel):
    name = ChannelName.EINVOICE
    starts_service = False

    def prepare(self, brief: Brief) -> Content:
        return Content(file_name(brief.document_type, brief.number, brief.language, "xml"), brief.ubl)

    def transport(self, to: tuple[str, ...]) -> str:
        """By the recipient: `scheme:value` is a participant of Peppol, anything else a consumer."""
        peppol = all(PARTICIPANT.match(address) for address in to)
        name: str = settings.EINVOICE_TRANSPORT if peppol else settings.EFAKTURA_TRANSPORT
        return name
