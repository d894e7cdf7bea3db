"""The rules for codes and dates, and for what a code asks for."""

from distribution.documents.validation.preflight.code_lists import (
    ALLOWANCE_REASONS,
    CATEGORY_OF_REASON,
    CHARGE_REASONS,
    CREDIT_NOTE_TYPES,
    GERMAN_INVOICE_TYPES,
    INVOICE_TYPES,
    MEDIA_TYPES,
    VAT_POINTS,
)
from distribution.documents.validation.preflight.days import is_day
from distribution.documents.validation.preflight.facts import Facts
from distribution.documents.validation.preflight.reading import (
    Element,
    at,
    clark,
    has,
    only,
    only_value,
    own_text,
    trimmed,
    under,
    value,
    values,
)
from distribution.documents.validation.preflight.rule import Rule, Test

DIRECT_DEBIT = {"49", "59"}
DATES = ["IssueDate", "DueDate", "TaxPointDate", "StartDate", "EndDate", "ActualDeliveryDate"]


def names_its_media_type(attachment: Element, _facts: Facts) -> bool:
    return attachment.get("mimeCode") is not None


def media_type_is_taken(attachment: Element, _facts: Facts) -> bool:
    return attachment.get("mimeCode") in MEDIA_TYPES


def is_reason_where_charge_is(indicator: str) -> Test:
    def applies(reason: Element, _facts: Facts) -> bool:
        charge = reason.getparent()
        return (
            charge is not None
            and under(reason, "cac:AllowanceCharge")
            and indicator in values(charge, "cbc:ChargeIndicator")
        )

    return applies


def is_in(codes: frozenset[str]) -> Test:
    return lambda element, _facts: trimmed(own_text(element)) in codes


def is_of_a_period(code: Element, _facts: Facts) -> bool:
    return under(code, "cac:InvoicePeriod")


def is_in_where_approved(codes: frozenset[str]) -> Test:
    """A business process that isn't approved is found by a rule of its own."""
    listed = is_in(codes)
    return lambda code, facts: facts.profile == "" or listed(code, facts)


def is_german_only_there(code: Element, facts: Facts) -> bool:
    return trimmed(value(code)) not in GERMAN_INVOICE_TYPES or facts.both_are_german


def is_direct_debit(means: Element, _facts: Facts) -> bool:
    return only_value(means, "cbc:PaymentMeansCode") in DIRECT_DEBIT


def has_mandate(means: Element, _facts: Facts) -> bool:
    return has(means, "cac:PaymentMandate/cbc:ID")


def is_plain_date(day: Element, _facts: Facts) -> bool:
    return (
        is_day(value(day)) and len(own_text(day)) == 10
    )  # in this order, or an error would be found in what is no day


def gives_reason(reason: str) -> Test:
    def applies(category: Element, _facts: Facts) -> bool:
        found = only(at(category, "cbc:TaxExemptionReasonCode"))
        return found is not None and value(found).upper() == reason

    return applies


def category_is(letters: str) -> Test:
    return lambda category, _facts: only_value(category, "cbc:ID") == letters


def _reason(rule: str, indicator: str, codes: frozenset[str]) -> Rule:
    return Rule(((rule, is_in(codes)),), is_reason_where_charge_is(indicator))


TYPE_OF_INVOICE = Rule(
    (
        ("PEPPOL-EN16931-P0100", is_in_where_approved(INVOICE_TYPES)),
        ("PEPPOL-EN16931-P0112", is_german_only_there),
    )
)
DATE = Rule((("PEPPOL-EN16931-F001", is_plain_date),))

RULES = {
    clark("cbc:EmbeddedDocumentBinaryObject")[0]: (
        Rule((("PEPPOL-EN16931-CL001", media_type_is_taken),), names_its_media_type),
    ),
    clark("cbc:AllowanceChargeReasonCode")[0]: (
        _reason("PEPPOL-EN16931-CL002", "false", ALLOWANCE_REASONS),
        _reason("PEPPOL-EN16931-CL003", "true", CHARGE_REASONS),
    ),
    clark("cbc:DescriptionCode")[0]: (Rule((("PEPPOL-EN16931-CL006", is_in(VAT_POINTS)),), is_of_a_period),),
    clark("cbc:InvoiceTypeCode")[0]: (TYPE_OF_INVOICE,),
    clark("cbc:CreditNoteTypeCode")[0]: (Rule((("PEPPOL-EN16931-P0101", is_in_where_approved(CREDIT_NOTE_TYPES)),)),),
    clark("cac:PaymentMeans")[0]: (Rule((("PEPPOL-EN16931-R061", has_mandate),), is_direct_debit),),
    **{clark(f"cbc:{name}")[0]: (DATE,) for name in DATES},
    clark("cac:TaxCategory")[0]: tuple(
        Rule(((rule, category_is(letters)),), gives_reason(reason))
        for reason, (letters, rule) in CATEGORY_OF_REASON.items()
    ),
}
