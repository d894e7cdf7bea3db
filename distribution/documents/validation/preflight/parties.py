"""The rules for seller and buyer."""

from distribution.documents.validation.preflight import identifiers
from distribution.documents.validation.preflight.facts import Facts
from distribution.documents.validation.preflight.reading import (
    CannotTell,
    Element,
    at,
    clark,
    has,
    only,
    only_value,
    trimmed,
    under,
    value,
)
from distribution.documents.validation.preflight.rule import Rule, Test

REGISTERED = "Foretaksregisteret"
VAT_NUMBER = "NO", "MVA"


def is_of(role: str) -> Test:
    return lambda party, _facts: under(party, f"cac:Accounting{role}Party")


def has_endpoint(party: Element, _facts: Facts) -> bool:
    return has(party, "cbc:EndpointID")


def is_norwegian_seller(party: Element, facts: Facts) -> bool:
    return under(party, "cac:AccountingSupplierParty") and facts.seller_is_norwegian


def says_foretaksregisteret(party: Element, _facts: Facts) -> bool:
    numbers = [number for scheme in _schemes(party, "TAX") for number in at(scheme, "cbc:CompanyID")]
    found = only(numbers)
    return found is not None and trimmed(value(found)) == REGISTERED


def vat_number_is_norwegian(party: Element, _facts: Facts) -> bool:
    """NO, nine digits that can be an organisation number, MVA. Another country's number is that country's business."""
    numbers = [_vat_number(scheme) for scheme in _schemes(party, "VAT")]
    country, ending = VAT_NUMBER
    if not any(number.startswith(country) for number in numbers):
        return True
    if len(numbers) > 1:
        raise CannotTell
    digits = numbers[0][2:11]
    return numbers[0] == f"{country}{digits}{ending}" and identifiers.is_norwegian(digits)


def _schemes(party: Element, tax: str) -> list[Element]:
    return [scheme for scheme in at(party, "cac:PartyTaxScheme") if only_value(scheme, "cac:TaxScheme/cbc:ID") == tax]


def _vat_number(scheme: Element) -> str:
    found = only(at(scheme, "cbc:CompanyID"))
    return "" if found is None else value(found)


PARTY = clark("cac:Party")[0]
RULES = {
    PARTY: (
        Rule((("PEPPOL-EN16931-R010", has_endpoint),), is_of("Customer")),
        Rule((("PEPPOL-EN16931-R020", has_endpoint),), is_of("Supplier")),
    )
}
NORWEGIAN_RULES = {
    PARTY: (Rule((("NO-R-002", says_foretaksregisteret), ("NO-R-001", vat_number_is_norwegian)), is_norwegian_seller),)
}
