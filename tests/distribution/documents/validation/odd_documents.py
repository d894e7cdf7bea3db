"""Documents at the edges of the rules: where the last decimal decides, or how XPath reads what is odd."""

from typing import NamedTuple

from lxml import etree

from tests.distribution.breakages_peppol import (
    BUYER,
    LINE,
    PRICE,
    SELLER,
    Breakage,
    both,
    double,
    drop,
    identify,
    sound_invoice,
    write,
)


class Counted(NamedTuple):
    """A line, and whether its amount is right."""

    quantity: str
    price: str
    per: str
    amount: str
    right: bool


COUNTED = (
    Counted("3", "1", "3", "0.98", True),  # 1/3 is cut off at 18 decimals: three of them are below 1
    Counted("3", "1", "3", "1.02", False),
    Counted("3", "2", "3", "1.98", False),  # 2/3 is rounded up: three of them are above 2
    Counted("3", "2", "3", "2.02", True),
    Counted("17", "1", "17", "0.98", False),  # up at 18 decimals, down at 36
    Counted("17", "1.5", "17", "1.48", True),  # one decimal in the price is one more in the quotient
    Counted("524288", "1", "524288", "1.02", False),  # half a unit, which goes down
    Counted("1", "0.005", "1", "0.025", True),
    Counted("1", "0.005", "1", "0.0250000001", False),
    Counted("-1", "10", "1", "-10", True),
    Counted("1", "10", "0.5", "20", True),
)


def line_of(counted: Counted) -> etree._Element:
    """Nothing else is on the line: no allowance, no gross price."""
    root = sound_invoice()
    both(
        drop(f"{LINE}/cac:AllowanceCharge", f"{PRICE}/cac:AllowanceCharge"),
        write(f"{LINE}/cbc:InvoicedQuantity", counted.quantity),
        write(f"{PRICE}/cbc:PriceAmount", counted.price),
        write(f"{PRICE}/cbc:BaseQuantity", counted.per),
        write(f"{LINE}/cbc:LineExtensionAmount", counted.amount),
    )(root)
    return root


BUYERS_NUMBER = f"{BUYER}/cac:PartyIdentification/cbc:ID"
REPRESENTATIVES_VAT = "cac:TaxRepresentativeParty/cac:PartyTaxScheme/cbc:CompanyID"
SELLERS_VAT = f"{SELLER}/cac:PartyTaxScheme/cbc:CompanyID"
START = f"{LINE}/cac:InvoicePeriod/cbc:StartDate"


def allowance(amount: str, total: str) -> Breakage:
    return both(
        write(f"{LINE}/cac:AllowanceCharge/cbc:Amount", amount), write(f"{LINE}/cbc:LineExtensionAmount", total)
    )


ODD: dict[str, tuple[set[str], Breakage]] = {
    "the allowances are rounded as a sum": (set(), allowance("40.004", "79.02")),
    "half an øre goes up": ({"PEPPOL-EN16931-R120"}, allowance("40.005", "79.02")),
    "also below zero": (set(), allowance("-40.005", "159.02")),
    "a Dutch VAT number has its scheme's number": (
        {"PEPPOL-COMMON-R056-2"},
        identify(REPRESENTATIVES_VAT, "0217", "NL123456789"),
    ),
    "its scheme may come before": ({"PEPPOL-COMMON-R041"}, identify(REPRESENTATIVES_VAT, "0192", "NL123456789")),
    "a hard space is no white space": (
        {"NO-R-002"},
        write(f"{SELLER}/cac:PartyTaxScheme[2]/cbc:CompanyID", "Foretaksregisteret\u00a0"),
    ),
    "a space is": (set(), write(f"{SELLER}/cac:PartyTaxScheme[2]/cbc:CompanyID", " Foretaksregisteret\n")),
    "two VAT numbers are no Norwegian's": (
        set(),
        both(double(f"{SELLER}/cac:PartyTaxScheme"), write(SELLERS_VAT, "NO1")),
    ),
    "the day begins earlier in the east": (
        {"PEPPOL-EN16931-R110", "PEPPOL-EN16931-F001"},
        write(START, "2026-11-03+02:00"),
    ),
    "and later in the west": ({"PEPPOL-EN16931-F001"}, write(START, "2026-11-03-02:00")),
    "a leap day": (set(), write("cbc:DueDate", "2028-02-29")),
    "a year without one": ({"PEPPOL-EN16931-F001"}, write("cbc:DueDate", "2100-02-29")),
    "the year 0": (set(), write("cbc:DueDate", "0000-02-29")),
    "an Italian VAT number": (set(), identify(BUYERS_NUMBER, "0211", "IT00743110157")),
    "with a wrong digit": ({"PEPPOL-COMMON-R047"}, identify(BUYERS_NUMBER, "0211", "IT00743110158")),
    "with a sign": ({"PREFLIGHT"}, identify(BUYERS_NUMBER, "0211", "IT+0743110157")),
    "an Italian person": (set(), identify(BUYERS_NUMBER, "0210", "RSSMRA80A01H501U")),
    "a Swedish number": (set(), identify(BUYERS_NUMBER, "0007", "5560360793")),
    "a Belgian number": (set(), identify(BUYERS_NUMBER, "0208", "0202239951")),
    "an Australian number": (set(), identify(BUYERS_NUMBER, "0151", "51824753556")),
    "a GLN": (set(), identify(BUYERS_NUMBER, "0088", "7080000000005")),
    "nine zeros": ({"PEPPOL-COMMON-R041"}, identify(BUYERS_NUMBER, "0192", "000000000")),
    "a check digit of ten": ({"PEPPOL-COMMON-R041"}, identify(BUYERS_NUMBER, "0192", "100000080")),
    "Danish numbers": (set(), identify(BUYERS_NUMBER, "0184", "DK12345678")),
    "Danish numbers take no space": ({"PEPPOL-COMMON-R042"}, identify(BUYERS_NUMBER, "0184", " 12345678")),
    "Arabic digits": ({"PEPPOL-COMMON-R041"}, identify(BUYERS_NUMBER, "0192", "\u0661" * 9)),
}


def odd(name: str) -> etree._Element:
    root = sound_invoice()
    ODD[name][1](root)
    return root
