"""E-invoice: the UBL as it came in, to the receiver's address in the register (EHF over Peppol; eFaktura for consumers)."""

import re

from django.conf import settings

from distribution.channels.base import Brief, Channel, Content, NotValid
from distribution.channels.names import file_name
from distribution.documents.endpoints import with_endpoints
from distribution.documents.validation.check import CEN, XSD
from distribution.documents.validation.findings import as_facts
from distribution.documents.validation.verdicts import verdict
from distribution.documents.xml import Unreadable
from distribution.states import ChannelName

PARTICIPANT = re.compile(r"\d{4}:")
FOR_CONSUMERS = (XSD, CEN)  # eFaktura does not go over Peppol, whose rules want the buyer's electronic address


class EInvoice(Channel):
    name = ChannelName.EINVOICE
    starts_service = False

    def prepare(self, brief: Brief) -> Content:
        """What the receiver's side would throw away does not leave: it is wrong on every channel, and needs a person (R31).

        The address that the register knows is put in where the document lacks it; else its bytes are as they came.
        """
        peppol = goes_over_peppol(brief.to)
        ubl = _addressed(brief) if peppol else brief.ubl
        result = verdict(ubl, None if peppol else FOR_CONSUMERS)
        if result.fatal:
            raise NotValid(as_facts(result.fatal))
        added = "" if ubl == brief.ubl else brief.to[0]
        name = file_name(brief.document_type, brief.number, brief.language, "xml")
        return Content(name, ubl, added=added, checked=tuple(map(str, result.layers)))

    def transport(self, to: tuple[str, ...]) -> str:
        """By the recipient: `scheme:value` is a participant of Peppol, anything else a consumer."""
        name: str = settings.EINVOICE_TRANSPORT if goes_over_peppol(to) else settings.EFAKTURA_TRANSPORT
        return name


def goes_over_peppol(to: tuple[str, ...]) -> bool:
    return all(PARTICIPANT.match(address) for address in to)


def _addressed(brief: Brief) -> bytes:
    """What can't be read is for the check to say."""
    try:
        return with_endpoints(brief.ubl, seller=brief.sender.identifier, buyer=brief.to[0])
    except Unreadable:
        return brief.ubl
