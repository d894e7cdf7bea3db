"""One way to break each of Peppol's rules, and no other of them: BREAKAGES of `sound_invoice()`, OF_CREDIT_NOTES of
`sound_credit_note()`."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import TypeAlias

from lxml import etree

from distribution.documents.ubl import write as written
from distribution.documents.xml import PREFIXES, element, parse
from tests.distribution.documents.samples import credit_note, full_invoice, line

Breakage: TypeAlias = Callable[[etree._Element], None]

SELLER = "cac:AccountingSupplierParty/cac:Party"
BUYER = "cac:AccountingCustomerParty/cac:Party"
LINE = "cac:InvoiceLine"
PRICE = f"{LINE}/cac:Price"
REFERENCE = "cac:AdditionalDocumentReference"


def sound_invoice() -> etree._Element:
    """Every field has a value, no rule is broken."""
    full = full_invoice()
    rich = replace(full.lines[0], quantity=Decimal(10), net_amount=Decimal("79.00"))
    freight, discount = full.allowances
    allowances = (freight, replace(discount, vat_category="S", vat_rate=Decimal(25)))
    changed = replace(
        full,
        lines=(rich, line(2, "Kaffefilter", "40.00")),
        allowances=allowances,
        vat=full.vat[:1],
    )
    return parse(written(changed))


def sound_credit_note() -> etree._Element:
    return parse(written(credit_note()))


def the(root: etree._Element, path: str) -> etree._Element:
    found = root.find(path, PREFIXES)
    assert found is not None, path
    return found


def write(path: str, text: str) -> Breakage:
    def break_it(root: etree._Element) -> None:
        the(root, path).text = text

    return break_it


def put(path: str, name: str, attribute: str) -> Breakage:
    return lambda root: the(root, path).set(name, attribute)


def drop(*paths: str) -> Breakage:
    def break_it(root: etree._Element) -> None:
        for path in paths:
            found = the(root, path)
            found.getparent().remove(found)  # type: ignore[union-attr]

    return break_it


def double(path: str) -> Breakage:
    def break_it(root: etree._Element) -> None:
        found = the(root, path)
        found.addnext(deepcopy(found))

    return break_it


def identify(path: str, scheme: str, number: str) -> Breakage:
    return both(put(path, "schemeID", scheme), write(path, number))


def both(*breakages: Breakage) -> Breakage:
    def break_it(root: etree._Element) -> None:
        for each in breakages:
            each(root)

    return break_it


def append(path: str, name: str, text: str) -> Breakage:
    def break_it(root: etree._Element) -> None:
        made = element(name, text)
        assert made is not None
        the(root, path).append(made)

    return break_it


def pay_in_a_currency_that_is_none(root: etree._Element) -> None:
    the(root, "cbc:DocumentCurrencyCode").text = "XYZ"
    for amount in root.iter():
        if amount.get("currencyID") == "EUR":
            amount.set("currencyID", "XYZ")


def give_reason(code: str, root: etree._Element) -> None:
    """The category is S, which goes with no reason."""
    category = the(root, "cac:TaxTotal/cac:TaxSubtotal/cac:TaxCategory")
    made = element("cbc:TaxExemptionReasonCode", code)
    assert made is not None
    category.insert(2, made)


def price_for_none_at_all(root: etree._Element) -> None:
    """The official rule for the line's amount takes 0 for 1: the price must be that of one."""
    the(root, f"{PRICE}/cbc:BaseQuantity").text = "0"
    the(root, f"{PRICE}/cbc:PriceAmount").text = "11.9"
    the(root, f"{PRICE}/cac:AllowanceCharge/cbc:BaseAmount").text = "17.9"


def refer_to_two_projects(root: etree._Element) -> None:
    for project in ("P-7", "P-8"):
        made = element(REFERENCE, "", element("cbc:ID", project), element("cbc:DocumentTypeCode", "50"))
        assert made is not None
        the(root, "cac:AccountingSupplierParty").addprevious(made)


BUYERS_NUMBER = f"{BUYER}/cac:PartyIdentification/cbc:ID"
OF_CHARGE = "cac:AllowanceCharge[cbc:ChargeIndicator='true']"
OF_ALLOWANCE = "cac:AllowanceCharge[cbc:ChargeIndicator='false']"
OF_BUYER = partial(identify, BUYERS_NUMBER)

BREAKAGES: dict[str, Breakage] = {
    "PEPPOL-EN16931-R001": drop("cbc:ProfileID"),
    "PEPPOL-EN16931-R002": double("cbc:Note"),
    "PEPPOL-EN16931-R003": drop("cbc:BuyerReference", "cac:OrderReference"),
    "PEPPOL-EN16931-R004": write("cbc:CustomizationID", "urn:cen.eu:en16931:2017"),
    "PEPPOL-EN16931-R005": write("cbc:TaxCurrencyCode", "EUR"),
    "PEPPOL-EN16931-R007": write("cbc:ProfileID", "urn:fdc:peppol.eu:2017:poacc:billing:99:1.0"),
    "PEPPOL-EN16931-R008": write("cbc:Note", " "),
    "PEPPOL-EN16931-R010": drop(f"{BUYER}/cbc:EndpointID"),
    "PEPPOL-EN16931-R020": drop(f"{SELLER}/cbc:EndpointID"),
    "PEPPOL-EN16931-R040": write(f"{OF_CHARGE}/cbc:MultiplierFactorNumeric", "2.501"),
    "PEPPOL-EN16931-R041": drop(f"{OF_CHARGE}/cbc:BaseAmount"),
    "PEPPOL-EN16931-R042": drop(f"{OF_CHARGE}/cbc:MultiplierFactorNumeric"),
    "PEPPOL-EN16931-R043": write("cac:AllowanceCharge/cbc:ChargeIndicator", "1"),
    "PEPPOL-EN16931-R044": write(f"{PRICE}/cac:AllowanceCharge/cbc:ChargeIndicator", "true"),
    "PEPPOL-EN16931-R046": write(f"{PRICE}/cac:AllowanceCharge/cbc:BaseAmount", "125.01"),
    "PEPPOL-EN16931-R051": put("cac:LegalMonetaryTotal/cbc:PayableAmount", "currencyID", "NOK"),
    "PEPPOL-EN16931-R053": double("cac:TaxTotal"),
    "PEPPOL-EN16931-R054": double("cac:TaxTotal[2]"),
    "PEPPOL-EN16931-R055": write("cac:TaxTotal[2]/cbc:TaxAmount", "-523.58"),
    "PEPPOL-EN16931-R061": write("cac:PaymentMeans[2]/cbc:PaymentMeansCode", "49"),
    "PEPPOL-EN16931-R100": double(f"{LINE}/cac:DocumentReference"),
    "PEPPOL-EN16931-R101": write(f"{LINE}/cac:DocumentReference/cbc:DocumentTypeCode", "50"),
    "PEPPOL-EN16931-R110": write(f"{LINE}/cac:InvoicePeriod/cbc:StartDate", "2026-11-02"),
    "PEPPOL-EN16931-R111": write(f"{LINE}/cac:InvoicePeriod/cbc:EndDate", "2026-11-21"),
    "PEPPOL-EN16931-R120": write(f"{LINE}/cbc:LineExtensionAmount", "119.03"),
    "PEPPOL-EN16931-R121": price_for_none_at_all,
    "PEPPOL-EN16931-R130": put(f"{PRICE}/cbc:BaseQuantity", "unitCode", "KGM"),
    "PEPPOL-EN16931-CL001": put(f"{REFERENCE}//cbc:EmbeddedDocumentBinaryObject", "mimeCode", "application/zip"),
    "PEPPOL-EN16931-CL002": write(f"{OF_ALLOWANCE}/cbc:AllowanceChargeReasonCode", "FC"),
    "PEPPOL-EN16931-CL003": write(f"{OF_CHARGE}/cbc:AllowanceChargeReasonCode", "95"),
    "PEPPOL-EN16931-CL006": append("cac:InvoicePeriod", "cbc:DescriptionCode", "36"),
    "PEPPOL-EN16931-CL007": pay_in_a_currency_that_is_none,
    "PEPPOL-EN16931-CL008": put(f"{SELLER}/cbc:EndpointID", "schemeID", "9908"),
    "PEPPOL-EN16931-F001": write("cbc:DueDate", "2026-11-31"),
    "PEPPOL-EN16931-P0100": write("cbc:InvoiceTypeCode", "381"),
    "PEPPOL-EN16931-P0112": write("cbc:InvoiceTypeCode", "326"),
    **{
        f"PEPPOL-EN16931-{rule}": partial(give_reason, f"VATEX-EU-{reason}")
        for rule, reason in (
            *(("P0104", "G"), ("P0105", "O"), ("P0106", "IC"), ("P0107", "AE")),
            *(("P0108", "D"), ("P0109", "F"), ("P0110", "I"), ("P0111", "J")),
        )
    },
    "PEPPOL-COMMON-R040": OF_BUYER("0088", "7080000000003"),
    "PEPPOL-COMMON-R041": write(f"{BUYER}/cbc:EndpointID", "123456784"),
    "PEPPOL-COMMON-R042": OF_BUYER("0184", "DK1234567"),
    "PEPPOL-COMMON-R043": OF_BUYER("0208", "0202239952"),
    "PEPPOL-COMMON-R044": OF_BUYER("0201", "UFM-65"),
    "PEPPOL-COMMON-R045": OF_BUYER("0210", "RSSMRA80A01H50Z1"),
    "PEPPOL-COMMON-R046": identify(f"{BUYER}/cbc:EndpointID", "9907", "1234567890"),
    "PEPPOL-COMMON-R047": OF_BUYER("0211", "IT12345670018"),
    "PEPPOL-COMMON-R049": OF_BUYER("0007", "5560360794"),
    "PEPPOL-COMMON-R050": OF_BUYER("0151", "51824753557"),
    "PEPPOL-COMMON-R052": OF_BUYER("0096", "123456789"),
    "PEPPOL-COMMON-R053": OF_BUYER("0198", "12345678"),
    "PEPPOL-COMMON-R054": OF_BUYER("0106", "1234567"),
    "PEPPOL-COMMON-R055": OF_BUYER("0190", "0000000123456789012"),
    "PEPPOL-COMMON-R056-1": OF_BUYER("9944", "NL123456789C12"),
    "PEPPOL-COMMON-R056-2": write("cac:TaxRepresentativeParty/cac:PartyTaxScheme/cbc:CompanyID", "NL123456789"),
    "PEPPOL-COMMON-R057": OF_BUYER("0217", "12345678901"),
    "NO-R-001": write(f"{SELLER}/cac:PartyTaxScheme/cbc:CompanyID", "NO987654325"),
    "NO-R-002": drop(f"{SELLER}/cac:PartyTaxScheme[2]"),
}
ALSO = {
    "PEPPOL-EN16931-R001": "PEPPOL-EN16931-R007",  # a business process that is missing is no approved one either
    "PEPPOL-COMMON-R046": "PEPPOL-EN16931-CL008",  # the scheme of the rule has left the list
}
"""What can't be broken alone, and what goes with it."""
OF_CREDIT_NOTES: dict[str, Breakage] = {
    "PEPPOL-EN16931-P0101": write("cbc:CreditNoteTypeCode", "380"),
    "PEPPOL-EN16931-R080": refer_to_two_projects,
}
