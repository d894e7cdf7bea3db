"""Invoice lines and allowances as UBL."""

from decimal import Decimal

from lxml import etree

from distribution.documents.invoice import ZERO, AllowanceCharge, Classification, DocumentType, Line
from distribution.documents.ubl_lines import LINE, QUANTITY
from distribution.documents.ubl_references import INVOICED_OBJECT
from distribution.documents.ubl_write_values import identified, money, plain, tax_scheme, written_day
from distribution.documents.xml import element, group


def write_line(line: Line, kind: DocumentType, currency: str) -> etree._Element | None:
    return group(
        LINE[kind],
        element("cbc:ID", line.id),
        element("cbc:Note", line.note),
        element(QUANTITY[kind], plain(line.quantity), unitCode=line.unit),
        money("cbc:LineExtensionAmount", line.net_amount, currency),
        element("cbc:AccountingCost", line.accounting_cost),
        group(
            "cac:InvoicePeriod",
            element("cbc:StartDate", written_day(line.start)),
            element("cbc:EndDate", written_day(line.end)),
        ),
        group("cac:OrderLineReference", element("cbc:LineID", line.order_line)),
        _invoiced_object(line.invoiced_object),
        *(write_allowance(each, currency) for each in line.allowances),
        _item(line),
        _price(line, currency),
    )


def _invoiced_object(value: tuple[str, str] | None) -> etree._Element | None:
    identifier = identified("cbc:ID", value)
    if identifier is None:
        return None
    return group("cac:DocumentReference", identifier, element("cbc:DocumentTypeCode", INVOICED_OBJECT))


def _item(line: Line) -> etree._Element | None:
    return group(
        "cac:Item",
        element("cbc:Description", line.description),
        element("cbc:Name", line.name),
        group("cac:BuyersItemIdentification", element("cbc:ID", line.buyer_item_number)),
        group("cac:SellersItemIdentification", element("cbc:ID", line.item_number)),
        group("cac:StandardItemIdentification", identified("cbc:ID", line.standard_id)),
        group("cac:OriginCountry", element("cbc:IdentificationCode", line.origin)),
        *(_classification(each) for each in line.classifications),
        _category("cac:ClassifiedTaxCategory", line.vat_category, line.vat_rate),
        *(_attribute(name, value) for name, value in line.attributes),
    )


def _classification(given: Classification) -> etree._Element | None:
    code = element("cbc:ItemClassificationCode", given.code, listID=given.list_id, listVersionID=given.list_version)
    return group("cac:CommodityClassification", code)


def _attribute(name: str, value: str) -> etree._Element | None:
    return group("cac:AdditionalItemProperty", element("cbc:Name", name), element("cbc:Value", value))


def _price(line: Line, currency: str) -> etree._Element | None:
    return group(
        "cac:Price",
        element("cbc:PriceAmount", plain(line.price), currencyID=currency),
        element("cbc:BaseQuantity", plain(line.base_quantity), unitCode=line.base_unit),
        _price_discount(line, currency),
    )


def _price_discount(line: Line, currency: str) -> etree._Element | None:
    """Always an allowance (PEPPOL-EN16931-R044). The schema asks for its amount: nothing, where only the gross price is said."""
    if line.price_discount is None and line.gross_price is None:
        return None
    return group(
        "cac:AllowanceCharge",
        element("cbc:ChargeIndicator", "false"),
        element("cbc:Amount", plain(line.price_discount or ZERO), currencyID=currency),
        element("cbc:BaseAmount", plain(line.gross_price), currencyID=currency),
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
        _category(
            "cac:TaxCategory",
            allowance.vat_category,
            allowance.vat_rate,
            element("cbc:TaxExemptionReasonCode", allowance.exemption_reason_code),
            element("cbc:TaxExemptionReason", allowance.exemption_reason),
        ),
    )


def _category(
    name: str, category: str, rate: Decimal | None, *exemption: etree._Element | None
) -> etree._Element | None:
    if not category and rate is None:
        return None
    return group(name, element("cbc:ID", category), element("cbc:Percent", plain(rate)), *exemption, tax_scheme("VAT"))
