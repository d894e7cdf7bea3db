"""What the document refers to, and what is attached to it, as UBL. The two schemas order them differently."""

import base64

from lxml import etree

from distribution.documents.invoice import Attachment, DocumentType, InvoiceData, PrecedingInvoice
from distribution.documents.ubl_references import ADDITIONAL, INVOICED_OBJECT, NO_ORDER, PROJECT
from distribution.documents.ubl_write_values import identified, written_day
from distribution.documents.xml import element, group

Node = etree._Element | None


def write_references(invoice: InvoiceData) -> list[Node]:
    credit, given = invoice.document_type == DocumentType.CREDIT_NOTE, invoice.references
    tender = _reference("cac:OriginatorDocumentReference", given.tender)
    return [
        _order(invoice),
        *(_preceding(each) for each in invoice.preceding),
        _reference("cac:DespatchDocumentReference", given.despatch_advice),
        _reference("cac:ReceiptDocumentReference", given.receiving_advice),
        None if credit else tender,
        _reference("cac:ContractDocumentReference", invoice.contract_reference),
        _additional(INVOICED_OBJECT, given.invoiced_object),
        _additional(PROJECT, ("", given.project)) if credit else None,
        *(_attachment(each) for each in invoice.attachments),
        tender if credit else None,
        None if credit else _reference("cac:ProjectReference", given.project),
    ]


def write_period(invoice: InvoiceData) -> Node:
    return group(
        "cac:InvoicePeriod",
        element("cbc:StartDate", written_day(invoice.delivery.start)),
        element("cbc:EndDate", written_day(invoice.delivery.end)),
        element("cbc:DescriptionCode", invoice.tax_point_code),
    )


def _order(invoice: InvoiceData) -> Node:
    sales_order = element("cbc:SalesOrderID", invoice.references.sales_order)
    order = invoice.order_reference or ("" if sales_order is None else NO_ORDER)
    return group("cac:OrderReference", element("cbc:ID", order), sales_order)


def _preceding(preceding: PrecedingInvoice) -> Node:
    reference = group(
        "cac:InvoiceDocumentReference",
        element("cbc:ID", preceding.number),
        element("cbc:IssueDate", written_day(preceding.issue_date)),
    )
    return group("cac:BillingReference", reference)


def _reference(name: str, value: str) -> Node:
    return group(name, element("cbc:ID", value))


def _additional(code: str, value: tuple[str, str] | None) -> Node:
    identifier = identified("cbc:ID", value)
    return None if identifier is None else group(ADDITIONAL, identifier, element("cbc:DocumentTypeCode", code))


def _attachment(attachment: Attachment) -> Node:
    content = base64.b64encode(attachment.content or b"").decode()
    embedded = element(
        "cbc:EmbeddedDocumentBinaryObject", content, mimeCode=attachment.mime, filename=attachment.filename
    )
    return group(
        ADDITIONAL,
        element("cbc:ID", attachment.reference),
        element("cbc:DocumentDescription", attachment.description),
        group(
            "cac:Attachment",
            embedded,
            group("cac:ExternalReference", element("cbc:URI", attachment.url)),
        ),
    )
