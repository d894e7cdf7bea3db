"""Who, where, and what is attached."""

import base64
import binascii
from dataclasses import replace

from django.utils.translation import gettext_lazy as _
from lxml import etree

from distribution.documents.errors import Words
from distribution.documents.invoice import Address, Attachment, Delivery, Party
from distribution.documents.ubl_fields import day_or_none, one, text
from distribution.documents.xml import PREFIXES, Unreadable

INVOICED_OBJECT = "130"  # BT-18 shares the element of attachments


def party(element: etree._Element | None, *, missing: Words) -> Party:
    legal_name = text(element, "cac:PartyLegalEntity/cbc:RegistrationName")
    name = text(element, "cac:PartyName/cbc:Name") or legal_name
    if element is None or not name:
        raise Unreadable(missing)
    legal_id = one(element, "cac:PartyLegalEntity/cbc:CompanyID")
    return Party(
        name=name,
        legal_name=legal_name or name,
        endpoint=_endpoint(element),
        identifiers=_identifiers(element),
        legal_id=text(legal_id, "."),
        legal_id_scheme=_scheme(legal_id),
        vat_number=_vat_number(element),
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
        address=address(one(root, "cac:Delivery/cac:DeliveryLocation/cac:Address")),
    )


def attachments(root: etree._Element) -> tuple[Attachment, ...]:
    found = root.findall("cac:AdditionalDocumentReference", PREFIXES)
    return tuple(_attachment(each) for each in found if text(each, "cbc:DocumentTypeCode") != INVOICED_OBJECT)


def _attachment(element: etree._Element) -> Attachment:
    embedded = one(element, "cac:Attachment/cbc:EmbeddedDocumentBinaryObject")
    filename = "" if embedded is None else " ".join(embedded.get("filename", "").split())
    return Attachment(
        reference=text(element, "cbc:ID"),
        description=text(element, "cbc:DocumentDescription"),
        filename=filename,
        mime="" if embedded is None else embedded.get("mimeCode", "").strip(),
        content=None if embedded is None else _decode(embedded.text or "", filename),
        url=text(element, "cac:Attachment/cac:ExternalReference/cbc:URI"),
    )


def _decode(value: str, filename: str) -> bytes | None:
    try:
        return base64.b64decode("".join(value.split()), validate=True) or None
    except (binascii.Error, ValueError) as error:
        raise Unreadable(_("Vedlegget «%(name)s» er skadet og kan ikke leses."), name=filename[:100]) from error


def _endpoint(element: etree._Element) -> tuple[str, str] | None:
    found = one(element, "cbc:EndpointID")
    value = text(found, ".")
    return (_scheme(found), value) if value else None


def _identifiers(element: etree._Element) -> tuple[tuple[str, str], ...]:
    found = element.findall("cac:PartyIdentification/cbc:ID", PREFIXES)
    return tuple((_scheme(each), text(each, ".")) for each in found if text(each, "."))


def _scheme(element: etree._Element | None) -> str:
    return "" if element is None else element.get("schemeID", "").strip()


def _vat_number(element: etree._Element) -> str:
    schemes = element.findall("cac:PartyTaxScheme", PREFIXES)
    found = (text(each, "cbc:CompanyID") for each in schemes if text(each, "cac:TaxScheme/cbc:ID").upper() == "VAT")
    return next(found, "")


def _is_in_foretaksregisteret(element: etree._Element) -> bool:
    schemes = element.findall("cac:PartyTaxScheme", PREFIXES)
    return any(text(each, "cbc:CompanyID").casefold() == "foretaksregisteret" for each in schemes)
