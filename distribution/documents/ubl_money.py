"""Allowances, VAT and sums."""

from decimal import Decimal

from django.utils.translation import gettext_lazy as _
from lxml import etree

from distribution.documents.invoice import ZERO, AllowanceCharge, Line, Totals, VatSubtotal
from distribution.documents.ubl_fields import attribute, number, one, text
from distribution.documents.xml import PREFIXES, Unreadable


def allowances(element: etree._Element) -> tuple[AllowanceCharge, ...]:
    """Those of the document, or of one line."""
    return tuple(_allowance(each) for each in element.iterfind("cac:AllowanceCharge", PREFIXES))


def _allowance(element: etree._Element) -> AllowanceCharge:
    return AllowanceCharge(
        is_charge=text(element, "cbc:ChargeIndicator").casefold() in {"true", "1"},
        amount=number(element, "cbc:Amount") or ZERO,
        reason=text(element, "cbc:AllowanceChargeReason"),
        reason_code=text(element, "cbc:AllowanceChargeReasonCode"),
        percent=number(element, "cbc:MultiplierFactorNumeric"),
        base_amount=number(element, "cbc:BaseAmount"),
        vat_category=text(element, "cac:TaxCategory/cbc:ID"),
        vat_rate=number(element, "cac:TaxCategory/cbc:Percent"),
        exemption_reason=text(element, "cac:TaxCategory/cbc:TaxExemptionReason"),
        exemption_reason_code=text(element, "cac:TaxCategory/cbc:TaxExemptionReasonCode"),
    )


def vat(root: etree._Element, currency: str) -> tuple[VatSubtotal, ...]:
    total = _own_tax_total(root, currency)
    return () if total is None else tuple(_subtotal(each) for each in total.iterfind("cac:TaxSubtotal", PREFIXES))


def _subtotal(element: etree._Element) -> VatSubtotal:
    return VatSubtotal(
        category=text(element, "cac:TaxCategory/cbc:ID"),
        rate=number(element, "cac:TaxCategory/cbc:Percent"),
        taxable=number(element, "cbc:TaxableAmount") or ZERO,
        tax=number(element, "cbc:TaxAmount") or ZERO,
        exemption_reason=text(element, "cac:TaxCategory/cbc:TaxExemptionReason"),
        exemption_reason_code=text(element, "cac:TaxCategory/cbc:TaxExemptionReasonCode"),
    )


def _tax_total_in(root: etree._Element, tax_currency: str | None, currency: str) -> Decimal | None:
    """BT-111: the VAT once more, in the currency that it is reported in; None where that is the document's own."""
    if tax_currency is None or tax_currency == currency:
        return None
    return number(_tax_total(root, tax_currency), "cbc:TaxAmount")


def _tax_total(root: etree._Element, currency: str) -> etree._Element | None:
    found = root.iterfind("cac:TaxTotal", PREFIXES)
    return next((each for each in found if _currency_of(each, "cbc:TaxAmount") == currency), None)


def _own_tax_total(root: etree._Element, currency: str) -> etree._Element | None:
    """The one in the document's currency, or the one that names none."""
    named = _tax_total(root, currency)
    return _tax_total(root, "") if named is None else named


def _currency_of(element: etree._Element | None, path: str) -> str:
    return attribute(one(element, path), "currencyID")


def totals(root: etree._Element, of_lines: tuple[Line, ...], currency: str, tax_currency: str | None) -> Totals:
    """Only the payable amount must be there; sums that are left out follow from the others by BR-CO-10, 13 and 15."""
    element = one(root, "cac:LegalMonetaryTotal")
    payable = number(element, "cbc:PayableAmount")
    if payable is None:
        raise Unreadable(_("Filen sier ikke hvor mye som skal betales."))
    if _currency_of(element, "cbc:PayableAmount") not in {"", currency}:
        raise Unreadable(_("Beløpet å betale er i en annen valuta enn fakturaen (%(currency)s)."), currency=currency)
    line_total = _or(number(element, "cbc:LineExtensionAmount"), sum((line.net_amount for line in of_lines), ZERO))
    allowance_total = number(element, "cbc:AllowanceTotalAmount") or ZERO
    charge_total = number(element, "cbc:ChargeTotalAmount") or ZERO
    tax_exclusive = _or(number(element, "cbc:TaxExclusiveAmount"), line_total - allowance_total + charge_total)
    tax_total = number(_own_tax_total(root, currency), "cbc:TaxAmount") or ZERO
    return Totals(
        line_total=line_total,
        allowance_total=allowance_total,
        charge_total=charge_total,
        tax_exclusive=tax_exclusive,
        tax_total=tax_total,
        tax_total_in_tax_currency=_tax_total_in(root, tax_currency, currency),
        tax_inclusive=_or(number(element, "cbc:TaxInclusiveAmount"), tax_exclusive + tax_total),
        prepaid=number(element, "cbc:PrepaidAmount") or ZERO,
        rounding=number(element, "cbc:PayableRoundingAmount") or ZERO,
        payable=payable,
    )


def _or(given: Decimal | None, derived: Decimal) -> Decimal:
    return derived if given is None else given
