"""What the rules ask of the document as a whole, read once."""

from functools import cached_property

from distribution.documents.validation.preflight.reading import (
    CannotTell,
    Element,
    at,
    clark,
    only_value,
    trimmed,
    value,
    values,
)

INVOICE, CREDIT_NOTE = clark("Invoice")[0], clark("CreditNote")[0]
PROFILES = {
    "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0": "01",
    "urn:peppol:france:billing:regulated": "01",
    "urn:peppol:france:billing:non-regulated": "01",
    "urn:peppol:bis:billing_with_response": "02",
}
COUNTRY = "cac:PostalAddress/cac:Country/cbc:IdentificationCode"


class Facts:
    """Of one document. What it asks for may raise CannotTell."""

    def __init__(self, root: Element) -> None:
        self.root = root
        self.is_invoice = root.tag == INVOICE

    @cached_property
    def profile(self) -> str:
        """'' for a business process that isn't approved."""
        return PROFILES.get(only_value(self.root, "cbc:ProfileID"), "")

    @cached_property
    def currencies(self) -> list[str]:
        """One, in a document that follows the schema."""
        return values(self.root, "cbc:DocumentCurrencyCode")

    @property
    def both_are_german(self) -> bool:
        return all(
            only_value(self.root, f"cac:Accounting{role}Party/cac:Party/{COUNTRY}").upper() == "DE"
            for role in ("Supplier", "Customer")
        )

    @cached_property
    def seller_is_norwegian(self) -> bool:
        """Where the official rules can't tell, they take the seller for no Norwegian, and go on."""
        try:
            return self._seller_country() == "NO"
        except CannotTell:
            return False

    def _seller_country(self) -> str:
        """By the VAT number; where there is none, by the address."""
        for owner in ("cac:AccountingSupplierParty/cac:Party", "cac:TaxRepresentativeParty"):
            if prefix := self._vat_prefix(owner):
                return trimmed(prefix).upper()
        return only_value(self.root, f"cac:AccountingSupplierParty/cac:Party/{COUNTRY}").upper()

    def _vat_prefix(self, owner: str) -> str:
        schemes = at(self.root, f"{owner}/cac:PartyTaxScheme")
        prefixes = [_two_letters(scheme) for scheme in schemes if "VAT" in values(scheme, "cac:TaxScheme/cbc:ID")]
        if len(prefixes) > 1:
            raise CannotTell
        return prefixes[0] if prefixes else ""


def _two_letters(scheme: Element) -> str:
    numbers = at(scheme, "cbc:CompanyID")
    if len(numbers) > 1:
        raise CannotTell
    return value(numbers[0])[:2] if numbers else ""
