"""Who, and where."""

from dataclasses import replace

from lxml import etree

from distribution.documents.errors import Words
from distribution.documents.invoice import Address, Delivery, Party, TaxRepresentative
from distribution.documents.payment import Payee
from distribution.documents.ubl_fields import day_or_none, identifier, identifiers, one, text
from distribution.documents.xml import PREFIXES, Unreadable

FORETAKSREGISTERET = "foretaksregisteret"


def party(element: etree._Element | None, *, missing: Words) -> Party:
    legal_name = text(element, "cac:PartyLegalEntity/cbc:RegistrationName")
    name = text(element, "cac:PartyName/cbc:Name") or legal_name
    if element is None or not name:
        raise Unreadable(missing)
    legal_id_scheme, legal_id = identifier(element, "cac:PartyLegalEntity/cbc:CompanyID") or ("", "")
    return Party(
        name=name,
        legal_name=legal_name or name,
        endpoint=identifier(element, "cbc:EndpointID"),
        identifiers=identifiers(element, "cac:PartyIdentification/cbc:ID"),
        legal_id=legal_id,
        legal_id_scheme=legal_id_scheme,
        legal_form=text(element, "cac:PartyLegalEntity/cbc:CompanyLegalForm"),
        vat_number=_vat_number(element),
        tax_registration=_tax_registration(element),
        registered_in_foretaksregisteret=_is_in_foretaksregisteret(element),
        address=address(one(element, "cac:PostalAddress")),
        contact_name=text(element, "cac:Contact/cbc:Name"),
        phone=text(element, "cac:Contact/cbc:Telephone"),
        email=text(element, "cac:Contact/cbc:ElectronicMail"),
    )


def split_customer_number(root: etree._Element, buyer: Party) -> tuple[str, Party]:
    """The seller's number for the buyer, and the buyer without that number among its identifiers."""
    given = text(root, "cac:AccountingCustomerParty/cbc:SupplierAssignedAccountID")
    if given:
        return given, buyer
    for position, (scheme, value) in enumerate(buyer.identifiers):
        if not scheme:
            others = buyer.identifiers[:position] + buyer.identifiers[position + 1 :]
            return value, replace(buyer, identifiers=others)
    return "", buyer


def address(element: etree._Element | None) -> Address:
    return Address(
        street=text(element, "cbc:StreetName"),
        additional=text(element, "cbc:AdditionalStreetName"),
        line3=text(element, "cac:AddressLine/cbc:Line"),
        postcode=text(element, "cbc:PostalZone"),
        town=text(element, "cbc:CityName"),
        subdivision=text(element, "cbc:CountrySubentity"),
        country=text(element, "cac:Country/cbc:IdentificationCode"),
    )


def delivery(root: etree._Element) -> Delivery:
    return Delivery(
        on=day_or_none(root, "cac:Delivery/cbc:ActualDeliveryDate"),
        start=day_or_none(root, "cac:InvoicePeriod/cbc:StartDate"),
        end=day_or_none(root, "cac:InvoicePeriod/cbc:EndDate"),
        name=text(root, "cac:Delivery/cac:DeliveryParty/cac:PartyName/cbc:Name"),
        location=identifier(root, "cac:Delivery/cac:DeliveryLocation/cbc:ID"),
        address=address(one(root, "cac:Delivery/cac:DeliveryLocation/cac:Address")),
    )


def payee(root: etree._Element) -> Payee | None:
    element = one(root, "cac:PayeeParty")
    name, found = text(element, "cac:PartyName/cbc:Name"), identifiers(element, "cac:PartyIdentification/cbc:ID")
    scheme, legal_id = identifier(element, "cac:PartyLegalEntity/cbc:CompanyID") or ("", "")
    if not (name or found or legal_id):
        return None
    return Payee(name=name, identifiers=found, legal_id=legal_id, legal_id_scheme=scheme)


def tax_representative(root: etree._Element) -> TaxRepresentative | None:
    element = one(root, "cac:TaxRepresentativeParty")
    if element is None:
        return None
    name, vat_number = text(element, "cac:PartyName/cbc:Name"), _vat_number(element)
    where = address(one(element, "cac:PostalAddress"))
    return TaxRepresentative(name=name, vat_number=vat_number, address=where)


def _vat_number(element: etree._Element) -> str:
    return next((value for scheme, value in _tax_registrations(element) if scheme.upper() == "VAT"), "")


def _tax_registration(element: etree._Element) -> tuple[str, str] | None:
    others = (
        (scheme, value)
        for scheme, value in _tax_registrations(element)
        if scheme.upper() != "VAT" and value.casefold() != FORETAKSREGISTERET
    )
    return next(others, None)


def _is_in_foretaksregisteret(element: etree._Element) -> bool:
    return any(value.casefold() == FORETAKSREGISTERET for _scheme, value in _tax_registrations(element))


def _tax_registrations(element: etree._Element) -> list[tuple[str, str]]:
    schemes = element.findall("cac:PartyTaxScheme", PREFIXES)
    found = [(text(each, "cac:TaxScheme/cbc:ID"), text(each, "cbc:CompanyID")) for each in schemes]
    return [(scheme, value) for scheme, value in found if value]
