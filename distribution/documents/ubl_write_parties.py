"""Parties, addresses and attachments as UBL."""

import base64

from lxml import etree

from distribution.documents.invoice import Address, Attachment, Delivery, Party
from distribution.documents.ubl_write_values import tax_scheme, written_day
from distribution.documents.xml import element, group

Node = etree._Element | None


def write_party(party: Party, *, customer_number: str = "") -> Node:
    scheme, endpoint = party.endpoint or ("", "")
    numbers = [("", customer_number), *party.identifiers]
    return group(
        "cac:Party",
        element("cbc:EndpointID", endpoint, schemeID=scheme),
        *(group("cac:PartyIdentification", element("cbc:ID", value, schemeID=kind)) for kind, value in numbers),
        group("cac:PartyName", element("cbc:Name", party.name)),
        _address("cac:PostalAddress", party.address),
        _tax_registration(party.vat_number, "VAT"),
        _tax_registration("Foretaksregisteret" if party.registered_in_foretaksregisteret else "", "TAX"),  # NO-R-002
        group(
            "cac:PartyLegalEntity",
            element("cbc:RegistrationName", party.legal_name or party.name),
            element("cbc:CompanyID", party.legal_id, schemeID=party.legal_id_scheme),
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
        group("cac:DeliveryLocation", _address("cac:Address", delivery.address)),
        group("cac:DeliveryParty", group("cac:PartyName", element("cbc:Name", delivery.name))),
    )


def write_attachment(attachment: Attachment) -> Node:
    content = base64.b64encode(attachment.content or b"").decode()
    embedded = element(
        "cbc:EmbeddedDocumentBinaryObject", content, mimeCode=attachment.mime, filename=attachment.filename
    )
    return group(
        "cac:AdditionalDocumentReference",
        element("cbc:ID", attachment.reference),
        element("cbc:DocumentDescription", attachment.description),
        group(
            "cac:Attachment",
            embedded,
            group("cac:ExternalReference", element("cbc:URI", attachment.url)),
        ),
    )


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
