"""Parties and addresses as UBL."""

from lxml import etree

from distribution.documents.invoice import Address, Delivery, Party, TaxRepresentative
from distribution.documents.payment import Payee
from distribution.documents.ubl_write_values import identified, tax_scheme, written_day
from distribution.documents.xml import element, group

Node = etree._Element | None
VAT, TAX = "VAT", "TAX"


def write_party(party: Party, *, customer_number: str = "") -> Node:
    other_scheme, other_registration = party.tax_registration or ("", "")
    return group(
        "cac:Party",
        identified("cbc:EndpointID", party.endpoint),
        *(_identification(each) for each in (("", customer_number), *party.identifiers)),
        group("cac:PartyName", element("cbc:Name", party.name)),
        _address("cac:PostalAddress", party.address),
        _tax_registration(party.vat_number, VAT),
        _tax_registration("Foretaksregisteret" if party.registered_in_foretaksregisteret else "", TAX),  # NO-R-002
        _tax_registration(other_registration, other_scheme),
        group(
            "cac:PartyLegalEntity",
            element("cbc:RegistrationName", party.legal_name or party.name),
            identified("cbc:CompanyID", (party.legal_id_scheme, party.legal_id)),
            element("cbc:CompanyLegalForm", party.legal_form),
        ),
        group(
            "cac:Contact",
            element("cbc:Name", party.contact_name),
            element("cbc:Telephone", party.phone),
            element("cbc:ElectronicMail", party.email),
        ),
    )


def write_delivery(delivery: Delivery) -> Node:
    return group(
        "cac:Delivery",
        element("cbc:ActualDeliveryDate", written_day(delivery.on)),
        group(
            "cac:DeliveryLocation", identified("cbc:ID", delivery.location), _address("cac:Address", delivery.address)
        ),
        group("cac:DeliveryParty", group("cac:PartyName", element("cbc:Name", delivery.name))),
    )


def write_payee(payee: Payee | None) -> Node:
    if payee is None:
        return None
    return group(
        "cac:PayeeParty",
        *(_identification(each) for each in payee.identifiers),
        group("cac:PartyName", element("cbc:Name", payee.name)),
        group("cac:PartyLegalEntity", identified("cbc:CompanyID", (payee.legal_id_scheme, payee.legal_id))),
    )


def write_tax_representative(representative: TaxRepresentative | None) -> Node:
    if representative is None:
        return None
    return group(
        "cac:TaxRepresentativeParty",
        group("cac:PartyName", element("cbc:Name", representative.name)),
        _address("cac:PostalAddress", representative.address),
        _tax_registration(representative.vat_number, VAT),
    )


def _identification(identifier: tuple[str, str]) -> Node:
    return group("cac:PartyIdentification", identified("cbc:ID", identifier))


def _address(name: str, address: Address) -> Node:
    return group(
        name,
        element("cbc:StreetName", address.street),
        element("cbc:AdditionalStreetName", address.additional),
        element("cbc:CityName", address.town),
        element("cbc:PostalZone", address.postcode),
        element("cbc:CountrySubentity", address.subdivision),
        group("cac:AddressLine", element("cbc:Line", address.line3)),
        group("cac:Country", element("cbc:IdentificationCode", address.country)),
    )


def _tax_registration(number: str, scheme: str) -> Node:
    return group("cac:PartyTaxScheme", element("cbc:CompanyID", number), tax_scheme(scheme)) if number else None
