"""The rules for allowances, charges, prices and currencies."""

from decimal import Decimal

from distribution.documents.validation.preflight.code_lists import CURRENCIES
from distribution.documents.validation.preflight.facts import Facts
from distribution.documents.validation.preflight.reading import (
    Element,
    at,
    clark,
    has,
    number,
    only,
    only_number,
    only_value,
    own_text,
    trimmed,
    under,
)
from distribution.documents.validation.preflight.rule import Rule, never

SLACK = Decimal("0.02")
OWNERS = ("Invoice", "CreditNote", "Invoice/cac:InvoiceLine", "CreditNote/cac:CreditNoteLine")
AMOUNTS = (
    *(
        "Amount",
        "BaseAmount",
        "PriceAmount",
        "TaxableAmount",
        "LineExtensionAmount",
        "TaxExclusiveAmount",
        "TaxInclusiveAmount",
    ),
    *("AllowanceTotalAmount", "ChargeTotalAmount", "PrepaidAmount", "PayableRoundingAmount", "PayableAmount"),
)


def is_near(stated: Decimal, counted: Decimal) -> bool:
    return abs(stated - counted) <= SLACK


def stands_on_document_or_line(charge: Element, _facts: Facts) -> bool:
    return any(under(charge, owner) for owner in OWNERS)


def has_percent_without_base(charge: Element, facts: Facts) -> bool:
    return _has_percent(charge) and not _has_base(charge) and stands_on_document_or_line(charge, facts)


def has_base_without_percent(charge: Element, facts: Facts) -> bool:
    return _has_base(charge) and not _has_percent(charge) and stands_on_document_or_line(charge, facts)


def amount_is_percent_of_base(charge: Element, _facts: Facts) -> bool:
    if not (_has_percent(charge) and _has_base(charge)):
        return True
    share = only_number(charge, "cbc:BaseAmount") * only_number(charge, "cbc:MultiplierFactorNumeric") / 100
    return is_near(only_number(charge, "cbc:Amount"), share)


def says_whether_charge(charge: Element, _facts: Facts) -> bool:
    return trimmed(own_text(*at(charge, "cbc:ChargeIndicator"))) in {"true", "false"}


def _has_percent(charge: Element) -> bool:
    return has(charge, "cbc:MultiplierFactorNumeric")


def _has_base(charge: Element) -> bool:
    return has(charge, "cbc:BaseAmount")


def stands_on_price(charge: Element, _facts: Facts) -> bool:
    return under(charge, "cac:Price")


def is_allowance(charge: Element, _facts: Facts) -> bool:
    return only_value(charge, "cbc:ChargeIndicator") == "false"


def price_is_gross_less_allowance(charge: Element, _facts: Facts) -> bool:
    if not has(charge, "cbc:BaseAmount"):
        return True
    price = charge.getparent()
    net = only(at(price, "cbc:PriceAmount")) if price is not None else None
    gross, allowance = only(at(charge, "cbc:BaseAmount")), only(at(charge, "cbc:Amount"))
    if net is None or gross is None or allowance is None:
        return False
    return number(net) == number(gross) - number(allowance)


def is_in_the_currency_of_the_document(amount: Element, facts: Facts) -> bool:
    return amount.get("currencyID") in facts.currencies


def is_vat_of_a_breakdown(amount: Element, _facts: Facts) -> bool:
    """The VAT total in the tax currency is the one amount that stands in another currency."""
    parent = amount.getparent()
    return under(amount, "cac:TaxSubtotal") or (
        parent is not None and under(amount, "cac:TaxTotal") and has(parent, "cac:TaxSubtotal")
    )


def currency_is_known(amount: Element, _facts: Facts) -> bool:
    return amount.get("currencyID") in CURRENCIES


IN_ONE_CURRENCY = (("PEPPOL-EN16931-R051", is_in_the_currency_of_the_document),)
KNOWN_CURRENCY = (Rule((("PEPPOL-EN16931-CL007", currency_is_known),)),)

RULES = {
    clark("cac:AllowanceCharge")[0]: (
        Rule((("PEPPOL-EN16931-R041", never),), has_percent_without_base),
        Rule((("PEPPOL-EN16931-R042", never),), has_base_without_percent),
        Rule(
            (("PEPPOL-EN16931-R040", amount_is_percent_of_base), ("PEPPOL-EN16931-R043", says_whether_charge)),
            stands_on_document_or_line,
        ),
        Rule(
            (("PEPPOL-EN16931-R044", is_allowance), ("PEPPOL-EN16931-R046", price_is_gross_less_allowance)),
            stands_on_price,
        ),
    ),
    clark("cbc:TaxAmount")[0]: (Rule(IN_ONE_CURRENCY, is_vat_of_a_breakdown),),
    **{clark(f"cbc:{name}")[0]: (Rule(IN_ONE_CURRENCY),) for name in AMOUNTS},
}
CURRENCY_RULES = {clark(f"cbc:{name}")[0]: KNOWN_CURRENCY for name in ("TaxAmount", *AMOUNTS)}
