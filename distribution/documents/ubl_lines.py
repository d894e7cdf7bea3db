"""Lines, and the items on them."""

from django.utils.translation import gettext_lazy as _
from lxml import etree

from distribution.documents.invoice import Classification, DocumentType, Line
from distribution.documents.ubl_fields import attribute, day_or_none, identifier, number, one, text, texts
from distribution.documents.ubl_money import allowances
from distribution.documents.xml import PREFIXES, Unreadable

LINE = {DocumentType.INVOICE: "cac:InvoiceLine", DocumentType.CREDIT_NOTE: "cac:CreditNoteLine"}
QUANTITY = {DocumentType.INVOICE: "cbc:InvoicedQuantity", DocumentType.CREDIT_NOTE: "cbc:CreditedQuantity"}


def lines(root: etree._Element, kind: DocumentType) -> tuple[Line, ...]:
    found = tuple(_line(each, QUANTITY[kind]) for each in root.iterfind(LINE[kind], PREFIXES))
    if not found:
        raise Unreadable(_("Filen har ingen fakturalinjer."))
    return found


def _line(element: etree._Element, quantity_path: str) -> Line:
    line_id, net_amount = text(element, "cbc:ID"), number(element, "cbc:LineExtensionAmount")
    if net_amount is None:
        raise Unreadable(_("Linje «%(line)s» mangler beløp."), line=line_id[:40])
    item, price = one(element, "cac:Item"), one(element, "cac:Price")
    tax = one(item, "cac:ClassifiedTaxCategory")
    return Line(
        id=line_id,
        name=text(item, "cbc:Name") or text(item, "cbc:Description"),
        description="" if item is None else "\n".join(texts(item, "cbc:Description")),
        note="\n".join(texts(element, "cbc:Note")),
        item_number=text(item, "cac:SellersItemIdentification/cbc:ID"),
        buyer_item_number=text(item, "cac:BuyersItemIdentification/cbc:ID"),
        standard_id=identifier(item, "cac:StandardItemIdentification/cbc:ID"),
        classifications=_classifications(item),
        origin=text(item, "cac:OriginCountry/cbc:IdentificationCode"),
        attributes=_attributes(item),
        accounting_cost=text(element, "cbc:AccountingCost"),
        order_line=text(element, "cac:OrderLineReference/cbc:LineID"),
        invoiced_object=identifier(element, "cac:DocumentReference/cbc:ID"),
        start=day_or_none(element, "cac:InvoicePeriod/cbc:StartDate"),
        end=day_or_none(element, "cac:InvoicePeriod/cbc:EndDate"),
        quantity=number(element, quantity_path),
        unit=attribute(one(element, quantity_path), "unitCode"),
        price=number(price, "cbc:PriceAmount"),
        base_quantity=number(price, "cbc:BaseQuantity"),
        base_unit=attribute(one(price, "cbc:BaseQuantity"), "unitCode"),
        gross_price=number(price, "cac:AllowanceCharge/cbc:BaseAmount"),
        price_discount=number(price, "cac:AllowanceCharge/cbc:Amount"),
        allowances=allowances(element),
        net_amount=net_amount,
        vat_category=text(tax, "cbc:ID"),
        vat_rate=number(tax, "cbc:Percent"),
    )


def _classifications(item: etree._Element | None) -> tuple[Classification, ...]:
    found = [] if item is None else item.findall("cac:CommodityClassification/cbc:ItemClassificationCode", PREFIXES)
    return tuple(
        Classification(
            code=text(each, "."), list_id=attribute(each, "listID"), list_version=attribute(each, "listVersionID")
        )
        for each in found
        if text(each, ".")
    )


def _attributes(item: etree._Element | None) -> tuple[tuple[str, str], ...]:
    found = [] if item is None else item.findall("cac:AdditionalItemProperty", PREFIXES)
    named = ((text(each, "cbc:Name"), text(each, "cbc:Value")) for each in found)
    return tuple((name, value) for name, value in named if name or value)
