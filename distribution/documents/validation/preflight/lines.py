"""The rules for the lines and their periods."""

from collections.abc import Callable
from decimal import Decimal
from operator import ge, le

from distribution.documents.validation.preflight.days import minute
from distribution.documents.validation.preflight.facts import Facts
from distribution.documents.validation.preflight.money import is_near
from distribution.documents.validation.preflight.reading import (
    Element,
    at,
    clark,
    divided,
    has,
    number,
    only,
    only_number,
    only_value,
    own_text,
    rounded_to_cents,
    under,
    value,
    values,
)
from distribution.documents.validation.preflight.rule import Rule, Test

INVOICED_OBJECT = "130"
LINES = {"Invoice/cac:InvoiceLine", "CreditNote/cac:CreditNoteLine"}
BASE_QUANTITY = "cac:Price/cbc:BaseQuantity"


def amount_follows_from_price(line: Element, facts: Facts) -> bool:
    price = divided(only_number(line, "cac:Price/cbc:PriceAmount"), _base_quantity(line))
    quantity = only_number(line, "cbc:InvoicedQuantity" if facts.is_invoice else "cbc:CreditedQuantity", absent=1)
    allowances, charges = _charged(line)
    return is_near(only_number(line, "cbc:LineExtensionAmount"), quantity * price + charges - allowances)


def _base_quantity(line: Element) -> Decimal:
    """Of 0 nothing can be counted: it is taken for 1, and found by a rule of its own."""
    return only_number(line, BASE_QUANTITY, absent=1) or Decimal(1)


def _charged(line: Element) -> tuple[Decimal, Decimal]:
    """The allowances and the charges, each rounded as a sum."""
    sums = {"false": Decimal(0), "true": Decimal(0)}
    for charge in at(line, "cac:AllowanceCharge"):
        kind = only_value(charge, "cbc:ChargeIndicator")
        if kind in sums:
            sums[kind] += sum(map(number, at(charge, "cbc:Amount")), Decimal(0))
    return rounded_to_cents(sums["false"]), rounded_to_cents(sums["true"])


def base_quantity_is_above_zero(line: Element, _facts: Facts) -> bool:
    return only_number(line, BASE_QUANTITY, absent=1) > 0


def has_one_object_at_most(line: Element, _facts: Facts) -> bool:
    return len(at(line, "cac:DocumentReference")) <= 1


def reference_is_to_an_object(line: Element, _facts: Facts) -> bool:
    return not has(line, "cac:DocumentReference") or INVOICED_OBJECT in values(
        line, "cac:DocumentReference/cbc:DocumentTypeCode"
    )


def stands_on_price_with_unit(quantity: Element, _facts: Facts) -> bool:
    return quantity.get("unitCode") is not None and under(quantity, "cac:Price")


def unit_is_that_of_the_line(quantity: Element, facts: Facts) -> bool:
    price = quantity.getparent()
    line = None if price is None else price.getparent()
    if line is None:
        return True
    invoiced, credited = at(line, "cbc:InvoicedQuantity"), at(line, "cbc:CreditedQuantity")
    quantities = invoiced if facts.is_invoice else credited
    return not (invoiced or credited) or quantity.get("unitCode") in [one.get("unitCode") for one in quantities]


def in_a_period_of_line_and_document(field: str) -> Test:
    def applies(day: Element, _facts: Facts) -> bool:
        if not any(under(day, f"{line}/cac:InvoicePeriod") for line in LINES):
            return False
        return has(_document_of(day), f"cac:InvoicePeriod/{field}")

    return applies


def day_is(compared: Callable[[int, int], bool], field: str) -> Test:
    def holds(day: Element, _facts: Facts) -> bool:
        text, border = own_text(day), only(at(_document_of(day), f"cac:InvoicePeriod/{field}"))
        return border is not None and text != "" and compared(minute(text), minute(value(border)))

    return holds


def _document_of(day: Element) -> Element:
    return next(ancestor for count, ancestor in enumerate(day.iterancestors(), 1) if count == 3)


def _within(rule: str, field: str, compared: Callable[[int, int], bool]) -> tuple[Rule, ...]:
    return (Rule(((rule, day_is(compared, field)),), in_a_period_of_line_and_document(field)),)


LINE = Rule(
    (
        ("PEPPOL-EN16931-R120", amount_follows_from_price),
        ("PEPPOL-EN16931-R121", base_quantity_is_above_zero),
        ("PEPPOL-EN16931-R100", has_one_object_at_most),
        ("PEPPOL-EN16931-R101", reference_is_to_an_object),
    )
)

RULES = {
    clark("cac:InvoiceLine")[0]: (LINE,),
    clark("cac:CreditNoteLine")[0]: (LINE,),
    clark("cbc:BaseQuantity")[0]: (
        Rule((("PEPPOL-EN16931-R130", unit_is_that_of_the_line),), stands_on_price_with_unit),
    ),
    clark("cbc:StartDate")[0]: _within("PEPPOL-EN16931-R110", "cbc:StartDate", ge),
    clark("cbc:EndDate")[0]: _within("PEPPOL-EN16931-R111", "cbc:EndDate", le),
}
