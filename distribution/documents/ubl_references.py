"""What the document refers to, and what is attached to it."""

import base64
import binascii

from django.utils.translation import gettext_lazy as _
from lxml import etree

from distribution.documents.invoice import Attachment, DocumentType, PrecedingInvoice, References
from distribution.documents.ubl_fields import attribute, day_or_none, identifier, one, text
from distribution.documents.xml import PREFIXES, Unreadable

ADDITIONAL = "cac:AdditionalDocumentReference"
INVOICED_OBJECT = "130"  # BT-18 shares the element of attachments,
PROJECT = "50"  # and so does BT-11 in a credit note, whose schema has no ProjectReference
NO_ORDER = "NA"  # what BIS Billing lets the order number be where only the seller's is known: the schema asks for one


def references(root: etree._Element, kind: DocumentType) -> References:
    invoice = kind == DocumentType.INVOICE
    project = text(root, "cac:ProjectReference/cbc:ID") if invoice else text(_of_type(root, PROJECT), "cbc:ID")
    return References(
        project=project,
        sales_order=text(root, "cac:OrderReference/cbc:SalesOrderID"),
        receiving_advice=text(root, "cac:ReceiptDocumentReference/cbc:ID"),
        despatch_advice=text(root, "cac:DespatchDocumentReference/cbc:ID"),
        tender=text(root, "cac:OriginatorDocumentReference/cbc:ID"),
        invoiced_object=identifier(_of_type(root, INVOICED_OBJECT), "cbc:ID"),
    )


def order_reference(root: etree._Element) -> str:
    order, sales_order = text(root, "cac:OrderReference/cbc:ID"), text(root, "cac:OrderReference/cbc:SalesOrderID")
    return "" if sales_order and order == NO_ORDER else order


def preceding(root: etree._Element) -> tuple[PrecedingInvoice, ...]:
    found = root.findall("cac:BillingReference/cac:InvoiceDocumentReference", PREFIXES)
    return tuple(
        PrecedingInvoice(number=text(each, "cbc:ID"), issue_date=day_or_none(each, "cbc:IssueDate"))
        for each in found
        if text(each, "cbc:ID")
    )


def attachments(root: etree._Element, kind: DocumentType) -> tuple[Attachment, ...]:
    others = {INVOICED_OBJECT, PROJECT} if kind == DocumentType.CREDIT_NOTE else {INVOICED_OBJECT}
    found = root.findall(ADDITIONAL, PREFIXES)
    return tuple(_attachment(each) for each in found if text(each, "cbc:DocumentTypeCode") not in others)


def _of_type(root: etree._Element, code: str) -> etree._Element | None:
    found = root.iterfind(ADDITIONAL, PREFIXES)
    return next((each for each in found if text(each, "cbc:DocumentTypeCode") == code), None)


def _attachment(element: etree._Element) -> Attachment:
    embedded = one(element, "cac:Attachment/cbc:EmbeddedDocumentBinaryObject")
    filename = attribute(embedded, "filename")
    return Attachment(
        reference=text(element, "cbc:ID"),
        description=text(element, "cbc:DocumentDescription"),
        filename=filename,
        mime=attribute(embedded, "mimeCode"),
        content=None if embedded is None else _decode(embedded.text or "", filename),
        url=text(element, "cac:Attachment/cac:ExternalReference/cbc:URI"),
    )


def _decode(value: str, filename: str) -> bytes | None:
    try:
        return base64.b64decode("".join(value.split()), validate=True) or None
    except (binascii.Error, ValueError) as error:
        raise Unreadable(_("Vedlegget «%(name)s» er skadet og kan ikke leses."), name=filename[:100]) from error
