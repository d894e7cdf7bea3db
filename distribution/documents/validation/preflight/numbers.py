"""The rules for the numbers that registers know a company by: each scheme has its form."""

from collections.abc import Callable
from functools import partial

from distribution.documents.validation.preflight import identifiers
from distribution.documents.validation.preflight.code_lists import ELECTRONIC_ADDRESS_SCHEMES
from distribution.documents.validation.preflight.facts import Facts
from distribution.documents.validation.preflight.reading import (
    CannotTell,
    Element,
    clark,
    only_value,
    trimmed,
    under,
    value,
)
from distribution.documents.validation.preflight.rule import Asserts, Pattern, Rule, Test


def number_is(check: Callable[[str], bool]) -> Test:
    return lambda element, _facts: check(trimmed(value(element)))


def written_number_is(check: Callable[[str], bool]) -> Test:
    """White space and all: the Danish rules allow none."""
    return lambda element, _facts: check(value(element))


def digits(count: int) -> Test:
    return number_is(partial(identifiers.has_digits, count))


def is_dutch_vat_number(element: Element, _facts: Facts) -> bool:
    scheme = element.getparent()
    return (
        scheme is not None
        and under(element, "cac:PartyTaxScheme")
        and only_value(scheme, "cac:TaxScheme/cbc:ID") == "VAT"
        and trimmed(value(element)).startswith("NL")
    )


def scheme_is_known(endpoint: Element, _facts: Facts) -> bool:
    return endpoint.get("schemeID") in ELECTRONIC_ADDRESS_SCHEMES


def has_scheme(endpoint: Element, _facts: Facts) -> bool:
    return endpoint.get("schemeID") is not None


BY_SCHEME: dict[str, tuple[str, Test]] = {
    "0088": ("PEPPOL-COMMON-R040", number_is(identifiers.is_gln)),
    "0192": ("PEPPOL-COMMON-R041", number_is(identifiers.is_norwegian)),
    "0184": ("PEPPOL-COMMON-R042", written_number_is(identifiers.is_danish)),
    "0096": ("PEPPOL-COMMON-R052", written_number_is(partial(identifiers.has_digits, 10))),
    "0198": ("PEPPOL-COMMON-R053", written_number_is(identifiers.is_danish_with_country)),
    "0208": ("PEPPOL-COMMON-R043", number_is(identifiers.is_belgian)),
    "0201": ("PEPPOL-COMMON-R044", number_is(identifiers.is_italian_office)),
    "0210": ("PEPPOL-COMMON-R045", number_is(identifiers.is_italian_tax_code)),
    "0211": ("PEPPOL-COMMON-R047", number_is(identifiers.is_italian_vat)),
    "0007": ("PEPPOL-COMMON-R049", number_is(identifiers.is_swedish)),
    "0151": ("PEPPOL-COMMON-R050", number_is(identifiers.is_australian)),
    "0106": ("PEPPOL-COMMON-R054", digits(8)),
    "0190": ("PEPPOL-COMMON-R055", digits(20)),
    "9944": ("PEPPOL-COMMON-R056-1", number_is(identifiers.is_dutch_vat)),
    "0217": ("PEPPOL-COMMON-R057", digits(12)),
}
OF_ENDPOINTS_ALONE: dict[str, tuple[str, Test]] = {
    "9907": ("PEPPOL-COMMON-R046", number_is(identifiers.is_italian_tax_code)),
}
DUTCH_VAT: tuple[str, Test] = ("PEPPOL-COMMON-R056-2", number_is(identifiers.is_dutch_vat))
AFTER_DUTCH_VAT = "0217"


def of_endpoint(endpoint: Element, _facts: Facts) -> Asserts:
    check = (BY_SCHEME | OF_ENDPOINTS_ALONE).get(endpoint.get("schemeID", ""))
    return (check,) if check else ()


def of_identifier(identifier: Element, _facts: Facts) -> Asserts:
    check = BY_SCHEME.get(identifier.get("schemeID", ""))
    return (check,) if check and under(identifier, "cac:PartyIdentification") else ()


def of_company(number: Element, facts: Facts) -> Asserts:
    """A Dutch VAT number is judged as one, unless its scheme comes before that rule."""
    scheme = number.get("schemeID", "")
    check = BY_SCHEME.get(scheme)
    if (check is None or scheme == AFTER_DUTCH_VAT) and _is_dutch_vat_number(number, facts):
        return (DUTCH_VAT,)
    return (check,) if check else ()


def _is_dutch_vat_number(number: Element, facts: Facts) -> bool:
    """Two schemes of tax where one is meant: the official rules take it for none."""
    try:
        return is_dutch_vat_number(number, facts)
    except CannotTell:
        return False


PATTERNS: dict[str, Pattern] = {
    clark("cbc:EndpointID")[0]: of_endpoint,
    clark("cbc:ID")[0]: of_identifier,
    clark("cbc:CompanyID")[0]: of_company,
}
ADDRESS_RULES = {clark("cbc:EndpointID")[0]: (Rule((("PEPPOL-EN16931-CL008", scheme_is_known),), has_scheme),)}
