"""What each rule says: how grave it is, and what must hold, in English. The words for people are in `words`."""

from distribution.documents.validation.findings import Severity

EMPTY = "PEPPOL-EN16931-R008"
UNREADABLE = "PREFLIGHT"

_FATAL = {
    UNREADABLE: "The official rules break off with an error here: a value is not of its type, or is there twice.",
    EMPTY: "No element may be empty.",
    "PEPPOL-EN16931-R001": "The business process (ProfileID, BT-23) is missing.",
    "PEPPOL-EN16931-R002": "There is more than one note (BT-22) on the document.",
    "PEPPOL-EN16931-R003": "Neither a buyer reference (BT-10) nor an order reference (BT-13) is given.",
    "PEPPOL-EN16931-R004": "The specification identifier (CustomizationID, BT-24) is not that of Peppol BIS Billing 3.0.",
    "PEPPOL-EN16931-R005": "The VAT accounting currency (BT-6) is the same as the currency of the invoice (BT-5).",
    "PEPPOL-EN16931-R007": "The business process (ProfileID, BT-23) is not an approved one.",
    "PEPPOL-EN16931-R010": "The electronic address of the buyer (BT-49) is missing.",
    "PEPPOL-EN16931-R020": "The electronic address of the seller (BT-34) is missing.",
    "PEPPOL-EN16931-R040": "The amount of the allowance or charge is not its percentage of its base amount.",
    "PEPPOL-EN16931-R041": "The allowance or charge has a percentage, but no base amount.",
    "PEPPOL-EN16931-R042": "The allowance or charge has a base amount, but no percentage.",
    "PEPPOL-EN16931-R043": "ChargeIndicator is neither true nor false.",
    "PEPPOL-EN16931-R044": "A price can have an allowance, but no charge.",
    "PEPPOL-EN16931-R046": "The net price (BT-146) is not the gross price (BT-148) less the price discount (BT-147).",
    "PEPPOL-EN16931-R051": "The currency of the amount is not that of the invoice (BT-5).",
    "PEPPOL-EN16931-R053": "There must be exactly one VAT total with a breakdown.",
    "PEPPOL-EN16931-R054": "A VAT total without a breakdown belongs with a VAT accounting currency (BT-6), one with one.",
    "PEPPOL-EN16931-R055": "The VAT total has another sign in the VAT accounting currency.",
    "PEPPOL-EN16931-R061": "Direct debit, and no mandate reference (BT-89).",
    "PEPPOL-EN16931-R080": "There is more than one project reference (BT-11) on the credit note.",
    "PEPPOL-EN16931-R100": "The line has more than one invoiced object (BT-128).",
    "PEPPOL-EN16931-R101": "The document reference of the line is not to an invoiced object (type 130).",
    "PEPPOL-EN16931-R110": "The period of the line begins before that of the invoice.",
    "PEPPOL-EN16931-R111": "The period of the line ends after that of the invoice.",
    "PEPPOL-EN16931-R120": "The net amount of the line is not quantity x price / base quantity + charges - allowances.",
    "PEPPOL-EN16931-R121": "The base quantity of the price (BT-149) is not above zero.",
    "PEPPOL-EN16931-R130": "The unit of the base quantity (BT-150) is not that of the quantity (BT-130).",
    "PEPPOL-EN16931-CL001": "The media type of the attachment is not one that may be sent.",
    "PEPPOL-EN16931-CL002": "The reason code of the allowance is not in UNCL 5189.",
    "PEPPOL-EN16931-CL003": "The reason code of the charge is not in UNCL 7161.",
    "PEPPOL-EN16931-CL006": "The code of the VAT point date (BT-8) is not 3, 35 or 432.",
    "PEPPOL-EN16931-CL007": "The currency of the amount is not in ISO 4217.",
    "PEPPOL-EN16931-CL008": "The scheme of the electronic address is not in the list of schemes (EAS).",
    "PEPPOL-EN16931-F001": "The date is not a date written YYYY-MM-DD.",
    "PEPPOL-EN16931-P0100": "The type of invoice (BT-3) is not one of those that Peppol takes.",
    "PEPPOL-EN16931-P0101": "The type of credit note (BT-3) is not one of those that Peppol takes.",
    "PEPPOL-EN16931-P0112": "The types of invoice 326 and 384 are for German sellers with German buyers.",
    "PEPPOL-COMMON-R040": "This is not a valid GLN.",
    "PEPPOL-COMMON-R041": "This is not a valid Norwegian organisation number.",
    "PEPPOL-COMMON-R042": "This is not a valid Danish company number (CVR).",
    "PEPPOL-COMMON-R043": "This is not a valid Belgian company number.",
    "PEPPOL-COMMON-R049": "This is not a valid Swedish organisation number.",
    "PEPPOL-COMMON-R050": "This is not a valid Australian business number (ABN).",
    "PEPPOL-COMMON-R052": "This is not a valid Danish production unit number (P).",
    "PEPPOL-COMMON-R053": "This is not a valid Danish VAT number (SE).",
    "NO-R-001": "The VAT number of a Norwegian seller is NO, a valid organisation number, and MVA.",
    **{
        f"PEPPOL-EN16931-{rule}": f"With the exemption reason {reason}, the VAT category is {category}."
        for rule, reason, category in (
            ("P0104", "VATEX-EU-G", "G"),
            ("P0105", "VATEX-EU-O", "O"),
            ("P0106", "VATEX-EU-IC", "K"),
            ("P0107", "VATEX-EU-AE", "AE"),
            ("P0108", "VATEX-EU-D", "E"),
            ("P0109", "VATEX-EU-F", "E"),
            ("P0110", "VATEX-EU-I", "E"),
            ("P0111", "VATEX-EU-J", "E"),
        )
    },
}
_WARNINGS = {
    "PEPPOL-COMMON-R044": "This is not a valid Italian office code (IPA).",
    "PEPPOL-COMMON-R045": "This is not a valid Italian tax code (Codice Fiscale).",
    "PEPPOL-COMMON-R046": "This is not a valid Italian tax code (Codice Fiscale).",
    "PEPPOL-COMMON-R047": "This is not a valid Italian VAT number (Partita Iva).",
    "PEPPOL-COMMON-R054": "This is not a valid Dutch Chamber of Commerce number (KVK): 8 digits.",
    "PEPPOL-COMMON-R055": "This is not a valid Dutch organisation identification number (OIN): 20 digits.",
    "PEPPOL-COMMON-R056-1": "This is not a valid Dutch VAT number, such as NL123456789B12.",
    "PEPPOL-COMMON-R056-2": "This is not a valid Dutch VAT number, such as NL123456789B12.",
    "PEPPOL-COMMON-R057": "This is not a valid Dutch establishment number: 12 digits.",
    "NO-R-002": "A Norwegian limited company, or branch of a foreign one, must state Foretaksregisteret.",
}
CATALOGUE = {
    **{rule: (Severity.FATAL, text) for rule, text in _FATAL.items()},
    **{rule: (Severity.WARNING, text) for rule, text in _WARNINGS.items()},
}
