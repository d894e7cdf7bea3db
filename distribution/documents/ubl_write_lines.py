"""Invoice lines and allowances as UBL."""

from lxml import etree

from distribution.documents.invoice import AllowanceCharge, DocumentType, Line
from distribution.documents.ubl_money import LINE, QUANTITY
from distribution.documents.ubl_write_values import money, plain, tax_scheme, written_day
from distribution.documents.xml import element, group


def write_line(line: Line, kind: DocumentType, currency: str) -> etree._Element | None:
    return group(
        LINE[kind],
        element("cbc:ID", line.id),
        element("cbc:Note", line.note),
        element(QUANTITY[kind], plain(line.quantity), unitCode=line.unit),
        money("cbc:LineExtensionAmount", line.net_amount, currency),
        group(
            "cac:InvoicePeriod",
            element("cbc:StartDate", written_day(line.start)),
            element("cbc:EndDate", written_day(line.end)),
        ),
        *(write_allowance(each, currency) for each in line.allowances),
        _item(line),
        group(
            "cac:Price",
            element("cbc:PriceAmount", plain(line.price), currencyID=currency),
            element("cbc:BaseQuantity", plain(line.base_quantity), unitCode=line.unit),
        ),
    )


def _item(line: Line) -> etree._Element | None:
    return group(
        "cac:Item",
        element("cbc:Description", line.description),
        element("cbc:Name", line.name),
        group("cac:SellersItemIdentification", element("cbc:ID", line.item_number)),
        _category("cac:ClassifiedTaxCategory", line.vat_category, plain(line.vat_rate)),
    )


def write_allowance(allowance: AllowanceCharge, currency: str) -> etree._Element | None:
    return group(
        "cac:AllowanceCharge",
        element("cbc:ChargeIndicator", "true" if allowance.is_charge else "false"),
        element("cbc:AllowanceChargeReasonCode", allowance.reason_code),
        element("cbc:AllowanceChargeReason", allowance.reason),
        element("cbc:MultiplierFactorNumeric", plain(allowance.percent)),
        money("cbc:Amount", allowance.amount, currency),
        money("cbc:BaseAmount", allowance.base_amount, currency),
        _category("cac:TaxCategory", allowance.vat_category, plain(allowance.vat_rate)),
    )


def _category(name: str, category: str, rate: str) -> etree._Element | None:
    if not category and not rate:
        return None
    return group(name, element("cbc:ID", category), element("cbc:Percent", rate), tax_scheme("VAT"))
