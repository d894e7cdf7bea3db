"""The rules for the document as a whole."""

from collections.abc import Callable

from distribution.documents.validation.preflight.facts import CREDIT_NOTE, INVOICE, Facts
from distribution.documents.validation.preflight.reading import (
    Element,
    at,
    clark,
    double,
    has,
    only_value,
    own_text,
    trimmed,
    values,
)
from distribution.documents.validation.preflight.rule import Rule

SPECIFICATION = "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"
PROJECT_REFERENCE = "50"


def has_profile(document: Element, _facts: Facts) -> bool:
    return has(document, "cbc:ProfileID")


def profile_is_approved(_document: Element, facts: Facts) -> bool:
    return facts.profile != ""


def has_one_note_at_most(document: Element, facts: Facts) -> bool:
    return len(at(document, "cbc:Note")) <= 1 or facts.both_are_german


def has_a_reference_of_the_buyer(document: Element, _facts: Facts) -> bool:
    return has(document, "cbc:BuyerReference") or has(document, "cac:OrderReference/cbc:ID")


def follows_peppol_billing(document: Element, _facts: Facts) -> bool:
    specification = trimmed(own_text(*at(document, "cbc:CustomizationID")))
    return specification.startswith(SPECIFICATION) and "::" not in specification


def has_one_vat_breakdown(document: Element, _facts: Facts) -> bool:
    return len(_vat_totals(document, broken_down=True)) == 1


def has_its_total_in_the_tax_currency(document: Element, _facts: Facts) -> bool:
    expected = 1 if has(document, "cbc:TaxCurrencyCode") else 0
    return len(_vat_totals(document, broken_down=False)) == expected


def vat_has_one_sign_in_both_currencies(document: Element, _facts: Facts) -> bool:
    """As Saxon does: no further than needed. A number that is none matters only where it is looked at."""
    if not has(document, "cbc:TaxCurrencyCode"):
        return True
    totals = [_vat_totals_in(document, currency) for currency in ("cbc:TaxCurrencyCode", "cbc:DocumentCurrencyCode")]
    if not all(totals):
        return False
    return _in_each(totals, lambda amount: amount <= 0) or _in_each(totals, lambda amount: amount >= 0)


def _in_each(totals: list[list[Element]], holds: Callable[[float], bool]) -> bool:
    return all(any(holds(double(amount)) for amount in amounts) for amounts in totals)


def _vat_totals_in(document: Element, currency: str) -> list[Element]:
    amounts = [amount for amount in at(document, "cac:TaxTotal/cbc:TaxAmount") if amount.get("currencyID") is not None]
    return [amount for amount in amounts if amount.get("currencyID") == only_value(document, currency)]


def _vat_totals(document: Element, *, broken_down: bool) -> list[Element]:
    return [total for total in at(document, "cac:TaxTotal") if has(total, "cac:TaxSubtotal") is broken_down]


def tax_currency_is_another(element: Element, _facts: Facts) -> bool:
    parent = element.getparent()
    currency = "" if parent is None else own_text(*at(parent, "cbc:DocumentCurrencyCode"))
    return trimmed(own_text(element)) != trimmed(currency)


def has_one_project_reference_at_most(document: Element, _facts: Facts) -> bool:
    references = at(document, "cac:AdditionalDocumentReference")
    return sum(PROJECT_REFERENCE in values(one, "cbc:DocumentTypeCode") for one in references) <= 1


DOCUMENT = Rule(
    (
        ("PEPPOL-EN16931-R001", has_profile),
        ("PEPPOL-EN16931-R007", profile_is_approved),
        ("PEPPOL-EN16931-R002", has_one_note_at_most),
        ("PEPPOL-EN16931-R003", has_a_reference_of_the_buyer),
        ("PEPPOL-EN16931-R004", follows_peppol_billing),
        ("PEPPOL-EN16931-R053", has_one_vat_breakdown),
        ("PEPPOL-EN16931-R054", has_its_total_in_the_tax_currency),
        ("PEPPOL-EN16931-R055", vat_has_one_sign_in_both_currencies),
    )
)
OF_CREDIT_NOTES = Rule((("PEPPOL-EN16931-R080", has_one_project_reference_at_most),))
TAX_CURRENCY = Rule((("PEPPOL-EN16931-R005", tax_currency_is_another),))

RULES = {INVOICE: (DOCUMENT,), CREDIT_NOTE: (DOCUMENT,), clark("cbc:TaxCurrencyCode")[0]: (TAX_CURRENCY,)}
CREDIT_NOTE_RULES = {CREDIT_NOTE: (OF_CREDIT_NOTES,)}
