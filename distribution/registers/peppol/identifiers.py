"""The words that both sides compare: Peppol code lists v9.7, policy for use of identifiers 4.4.0."""

from dataclasses import dataclass

from distribution.documents.invoice import DocumentType

PARTICIPANT_SCHEME = "iso6523-actorid-upis"
DOCUMENT_SCHEME = "busdox-docid-qns"
PROCESS_SCHEME = "cenbii-procid-ubl"
BILLING = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"
AS4 = "peppol-transport-as4-v2_0"
_BIS3 = "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0::2.1"
_UBL = "urn:oasis:names:specification:ubl:schema:xsd"


@dataclass(frozen=True, slots=True)
class Identifier:
    scheme: str
    value: str

    def __str__(self) -> str:
        return f"{self.scheme}::{self.value}"


DOCUMENTS = {
    DocumentType.INVOICE.value: Identifier(DOCUMENT_SCHEME, f"{_UBL}:Invoice-2::Invoice##{_BIS3}"),
    DocumentType.CREDIT_NOTE.value: Identifier(DOCUMENT_SCHEME, f"{_UBL}:CreditNote-2::CreditNote##{_BIS3}"),
}
PROCESS = Identifier(PROCESS_SCHEME, BILLING)


def participant(value: str) -> Identifier:
    """`value` is `0192:987654325`; participants are the same whatever the case (T12)."""
    return Identifier(PARTICIPANT_SCHEME, value.lower())
