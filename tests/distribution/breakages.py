"""One way to break each of many official rules, and no other rule, in any document that has the field.

`BREAKAGES` maps the rule to what breaks it: a function that changes the root, and raises NotHere where the document lacks the
field or is of another kind. One field each; `ALSO` names what can't but break with it.
"""

from copy import deepcopy

from lxml import etree

from distribution.documents.xml import CAC, CBC, element
from tests.distribution.breaking import (
    LINE,
    Breakage,
    NotHere,
    before,
    double,
    drop,
    finer,
    more,
    on_invoices,
    put,
    strip,
    the,
    without,
    write,
)

__all__ = ["ALSO", "BREAKAGES", "Breakage", "NotHere"]
SELLER, BUYER = "cac:AccountingSupplierParty/cac:Party", "cac:AccountingCustomerParty/cac:Party"
SUMS, TAX, PAY = "cac:LegalMonetaryTotal", "cac:TaxTotal[cac:TaxSubtotal]", "cac:PaymentMeans"
ALLOWANCE, CHARGE = (f"cac:AllowanceCharge[cbc:ChargeIndicator='{word}']" for word in ("false", "true"))
ATTACHED = "cac:AdditionalDocumentReference"


def two_notes(root: etree._Element) -> None:
    for note in ("a", "b"):
        before("cbc:DocumentCurrencyCode", "cbc:Note", note)(root)


def priced_by_the_kilo(root: etree._Element) -> None:
    made = element("cbc:BaseQuantity", "1", unitCode="KGM")
    assert made is not None
    the(root, f"{LINE}/cac:Price/cbc:PriceAmount").addnext(made)


def paid_to_nobody(root: etree._Element) -> None:
    """By credit transfer, with an account that has no number; an empty one would break the rule on empty elements too."""
    account = the(root, f"{PAY}[cbc:PaymentMeansCode='30']/cac:PayeeFinancialAccount")
    account.remove(the(account, "cbc:ID"))


def said_twice_in_kind(root: etree._Element) -> None:
    """Only two of the seller's tax registrations are provided for."""
    party = the(root, f"{SELLER}/cac:PartyTaxScheme")
    for _time in range(2):
        party.addnext(deepcopy(party))


CEN: dict[str, Breakage] = {
    "BR-01": drop("cbc:CustomizationID"),
    "BR-02": drop("cbc:ID"),
    "BR-03": drop("cbc:IssueDate"),
    "BR-05": drop("cbc:DocumentCurrencyCode"),
    "BR-06": drop(f"{SELLER}/cac:PartyLegalEntity/cbc:RegistrationName"),
    "BR-07": drop(f"{BUYER}/cac:PartyLegalEntity/cbc:RegistrationName"),
    "BR-08": drop(f"{SELLER}/cac:PostalAddress"),
    "BR-09": drop(f"{SELLER}/cac:PostalAddress/cac:Country"),
    "BR-10": drop(f"{BUYER}/cac:PostalAddress"),
    "BR-11": drop(f"{BUYER}/cac:PostalAddress/cac:Country"),
    "BR-21": drop(f"{LINE}/cbc:ID"),
    "BR-22": drop(f"{LINE}/cbc:InvoicedQuantity"),
    "BR-25": drop(f"{LINE}/cac:Item/cbc:Name"),
    "BR-26": drop(f"{LINE}/cac:Price/cbc:PriceAmount"),
    "BR-27": more(f"{LINE}/cac:Price/cbc:PriceAmount", "-"),
    "BR-33": drop(f"{ALLOWANCE}/cbc:AllowanceChargeReason", f"{ALLOWANCE}/cbc:AllowanceChargeReasonCode"),
    "BR-38": drop(f"{CHARGE}/cbc:AllowanceChargeReason", f"{CHARGE}/cbc:AllowanceChargeReasonCode"),
    "BR-49": drop(f"{PAY}/cbc:PaymentMeansCode"),
    "BR-50": paid_to_nobody,
    "BR-52": drop(f"{ATTACHED}/cbc:ID"),
    "BR-55": drop("cac:BillingReference/cac:InvoiceDocumentReference/cbc:ID"),
    "BR-57": drop("cac:Delivery/cac:DeliveryLocation/cac:Address/cac:Country"),
    "BR-62": strip(f"{SELLER}/cbc:EndpointID", "schemeID"),
    "BR-63": strip(f"{BUYER}/cbc:EndpointID", "schemeID"),
    "BR-64": strip(f"{LINE}/cac:Item/cac:StandardItemIdentification/cbc:ID", "schemeID"),
    "BR-65": strip(f"{LINE}/cac:Item/cac:CommodityClassification/cbc:ItemClassificationCode", "listID"),
    "BR-CO-04": drop(f"{LINE}/cac:Item/cac:ClassifiedTaxCategory"),
    "BR-CO-09": write(f"{SELLER}/cac:PartyTaxScheme[cac:TaxScheme/cbc:ID='VAT']/cbc:CompanyID", "1234567"),
    "BR-CO-10": more(f"{SUMS}/cbc:LineExtensionAmount"),
    "BR-CO-11": more(f"{SUMS}/cbc:AllowanceTotalAmount"),
    "BR-CO-12": more(f"{SUMS}/cbc:ChargeTotalAmount"),
    "BR-CO-14": more(f"{TAX}/cbc:TaxAmount"),
    "BR-CO-16": more(f"{SUMS}/cbc:PayableAmount"),
    "BR-CO-17": more(f"{TAX}/cac:TaxSubtotal/cbc:TaxAmount"),
    "BR-CL-01": write("cbc:InvoiceTypeCode", "999"),
    "BR-CL-03": put(f"{LINE}/cbc:LineExtensionAmount", "currencyID", "XYZ"),
    "BR-CL-10": put(f"{SELLER}/cac:PartyIdentification/cbc:ID", "schemeID", "9999"),
    "BR-CL-11": put(f"{SELLER}/cac:PartyLegalEntity/cbc:CompanyID", "schemeID", "9999"),
    "BR-CL-13": put(f"{LINE}/cac:Item/cac:CommodityClassification/cbc:ItemClassificationCode", "listID", "XYZ"),
    "BR-CL-14": write(f"{BUYER}/cac:PostalAddress/cac:Country/cbc:IdentificationCode", "XX"),
    "BR-CL-15": write(f"{LINE}/cac:Item/cac:OriginCountry/cbc:IdentificationCode", "XX"),
    "BR-CL-16": write(f"{PAY}/cbc:PaymentMeansCode", "999"),
    "BR-CL-21": put(f"{LINE}/cac:Item/cac:StandardItemIdentification/cbc:ID", "schemeID", "9999"),
    "BR-CL-23": put(f"{LINE}/cbc:InvoicedQuantity", "unitCode", "DAYS"),
    "BR-CL-24": put(f"{ATTACHED}/cac:Attachment/cbc:EmbeddedDocumentBinaryObject", "mimeCode", "application/zip"),
    "BR-CL-26": put("cac:Delivery/cac:DeliveryLocation/cbc:ID", "schemeID", "9999"),
    "BR-DEC-12": finer(f"{SUMS}/cbc:TaxExclusiveAmount"),
    "BR-DEC-14": finer(f"{SUMS}/cbc:TaxInclusiveAmount"),
    "BR-DEC-18": finer(f"{SUMS}/cbc:PayableAmount"),
    "BR-DEC-23": finer(f"{LINE}/cbc:LineExtensionAmount"),
    "UBL-SR-12": said_twice_in_kind,
    "UBL-SR-24": double("cac:Delivery"),
    "UBL-SR-48": double(f"{LINE}/cac:Item/cac:ClassifiedTaxCategory"),
}  # fmt: skip
PEPPOL: dict[str, Breakage] = {
    "PEPPOL-EN16931-R001": drop("cbc:ProfileID"),
    "PEPPOL-EN16931-R002": two_notes,
    "PEPPOL-EN16931-R003": drop("cbc:BuyerReference", "cac:OrderReference"),
    "PEPPOL-EN16931-R004": write("cbc:CustomizationID", "urn:cen.eu:en16931:2017"),
    "PEPPOL-EN16931-R007": write("cbc:ProfileID", "urn:fdc:peppol.eu:2017:poacc:billing:99:1.0"),
    "PEPPOL-EN16931-R008": write(f"{BUYER}/cac:PostalAddress/cbc:StreetName", " "),
    "PEPPOL-EN16931-R010": drop(f"{BUYER}/cbc:EndpointID"),
    "PEPPOL-EN16931-R020": drop(f"{SELLER}/cbc:EndpointID"),
    "PEPPOL-EN16931-R041": without("//cbc:MultiplierFactorNumeric", before(f"{CHARGE}/cbc:Amount", "cbc:MultiplierFactorNumeric", "10")),
    "PEPPOL-EN16931-R101": lambda root: the(root, f"{LINE}/cac:Item").addprevious(_reference("50")),
    "PEPPOL-EN16931-R120": write(f"{LINE}/cac:Price/cbc:PriceAmount", "77777.77"),
    "PEPPOL-EN16931-R130": without("//cbc:BaseQuantity", priced_by_the_kilo),
    "PEPPOL-EN16931-CL008": put(f"{BUYER}/cbc:EndpointID", "schemeID", "9908"),
    "PEPPOL-EN16931-F001": write("cbc:IssueDate", "2017-11-31"),
    "PEPPOL-EN16931-P0100": write("cbc:InvoiceTypeCode", "381"),
    "PEPPOL-EN16931-P0101": write("cbc:CreditNoteTypeCode", "261"),
    "PEPPOL-EN16931-P0112": on_invoices(write("cbc:InvoiceTypeCode", "326")),
    "PEPPOL-COMMON-R040": write(f"{SELLER}/cbc:EndpointID[@schemeID='0088']", "7300010000002"),
    "PEPPOL-COMMON-R041": write(f"{BUYER}/cbc:EndpointID[@schemeID='0192']", "123456784"),
    "NO-R-001": write(f"{SELLER}/cac:PartyTaxScheme[cac:TaxScheme/cbc:ID='VAT']/cbc:CompanyID", "NO9"),
}  # fmt: skip
BREAKAGES: dict[str, Breakage] = {**CEN, **PEPPOL}
# What goes with it, in some documents or in all: official rules overlap.
EMPTIED = {"PEPPOL-EN16931-R008"}  # the group of what was taken away is empty then
ALSO: dict[str, set[str]] = {
    "BR-01": {"PEPPOL-EN16931-R004"},
    "BR-05": {"PEPPOL-EN16931-R051", "PEPPOL-EN16931-R055"},
    "BR-06": {*EMPTIED, "UBL-SR-19", "UBL-SR-20", "UBL-SR-21"},
    "BR-07": EMPTIED,
    "BR-22": {"BR-23", "PEPPOL-EN16931-R120"},
    "BR-26": {*EMPTIED, "BR-27", "PEPPOL-EN16931-R046", "PEPPOL-EN16931-R120"},
    "BR-27": {"PEPPOL-EN16931-R046", "PEPPOL-EN16931-R120"},
    "BR-33": {"BR-CO-21"},
    "BR-38": {"BR-CO-22"},
    "BR-50": {"BR-61"},
    "BR-55": {*EMPTIED, "UBL-SR-07"},
    "BR-CO-04": {"UBL-SR-48", "BR-S-08", "BR-E-08", "BR-O-08", "BR-Z-08"},
    "BR-CO-10": {"BR-CO-13"},
    "BR-CO-11": {"BR-CO-13"},
    "BR-CO-12": {"BR-CO-13"},
    "BR-CO-14": {"BR-CO-15"},
    "BR-CO-17": {"BR-CO-14", "BR-S-09", "BR-E-09", "BR-O-09", "BR-Z-09"},
    "BR-CL-01": {"PEPPOL-EN16931-P0100"},
    "BR-CL-03": {"PEPPOL-EN16931-CL007", "PEPPOL-EN16931-R051"},
    "BR-CL-23": {"PEPPOL-EN16931-R130"},
    "BR-CL-24": {"PEPPOL-EN16931-CL001"},
    **{rule: {"UBL-DT-01"} for rule in ("BR-DEC-12", "BR-DEC-14", "BR-DEC-18", "BR-DEC-23")},
    "UBL-SR-12": {"UBL-SR-42"},
    "PEPPOL-EN16931-R001": {"PEPPOL-EN16931-R007"},
    "PEPPOL-EN16931-R120": {"PEPPOL-EN16931-R046"},
    "PEPPOL-EN16931-CL008": {"BR-CL-25"},
    "PEPPOL-EN16931-P0100": {"BR-CL-01"},
    "NO-R-001": {"NO-R-002"},
}


def _reference(kind: str) -> etree._Element:
    reference = etree.Element(f"{{{CAC}}}DocumentReference")
    for name, text in (("ID", "9"), ("DocumentTypeCode", kind)):
        etree.SubElement(reference, f"{{{CBC}}}{name}").text = text
    return reference
