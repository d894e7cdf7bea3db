"""E-invoice: the UBL as it came in, to the receiver's address in the register (EHF over Peppol; eFaktura for consumers)."""

import re

from django.conf import settings

from distribution.channels.base import Brief, Channel, Content, DocumentRefused
from distribution.channels.names import file_name
from distribution.documents.validation.check import CEN, XSD
from distribution.documents.validation.findings import Finding
from distribution.documents.validation.verdicts import verdict
from distribution.states import ChannelName

PARTICIPANT = re.compile(r"\d{4}:")
FOR_CONSUMERS = (XSD, CEN)  # eFaktura does not go over Peppol, whose rules want the buyer's electronic address
TOLD = 5


class EInvoice(Channel):
    name = ChannelName.EINVOICE
    starts_service = False

    def prepare(self, brief: Brief) -> Content:
        """What the receiver's side would throw away does not leave: it is wrong on every channel, and needs a person (R31)."""
        result = verdict(brief.ubl, None if goes_over_peppol(brief.to) else FOR_CONSUMERS)
        if result.fatal:
            raise DocumentRefused(_in_short(result.fatal))
        return Content(file_name(brief.document_type, brief.number, brief.language, "xml"), brief.ubl)

    def transport(self, to: tuple[str, ...]) -> str:
        """By the recipient: `scheme:value` is a participant of Peppol, anything else a consumer."""
        name: str = settings.EINVOICE_TRANSPORT if goes_over_peppol(to) else settings.EFAKTURA_TRANSPORT
        return name


def goes_over_peppol(to: tuple[str, ...]) -> bool:
    return all(PARTICIPANT.match(address) for address in to)


def _in_short(findings: tuple[Finding, ...]) -> str:
    """The first of them, each rule once: a fault in every line is one fault."""
    texts = {finding.rule: finding.text.removeprefix(f"[{finding.rule}]-") for finding in findings}
    told = "; ".join(f"{rule}: {text}" for rule, text in list(texts.items())[:TOLD])
    return f"{told}; +{len(texts) - TOLD}" if len(texts) > TOLD else told
