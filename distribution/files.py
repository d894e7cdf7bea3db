"""The files that belong to an invoice: its XML, its PDF, and what left. Each with the name it is downloaded under."""

from distribution import frozen
from distribution.channels.names import file_name
from distribution.documents.invoice import DocumentType, InvoiceData
from distribution.documents.pdf import render
from distribution.documents.ubl import read
from distribution.models import Delivery, Invoice


def data_of(invoice: Invoice) -> InvoiceData:
    return read(frozen.read(invoice.sha256))


def xml(invoice: Invoice) -> tuple[str, bytes]:
    content = frozen.read(invoice.sha256)
    return _ascii(_name(invoice, "xml")), content


def pdf(invoice: Invoice) -> tuple[str, bytes]:
    """The PDF that came with the invoice, else our layout of it."""
    name = _ascii(_name(invoice, "pdf"))
    if invoice.own_pdf_sha256:
        return name, frozen.read(invoice.own_pdf_sha256)
    return name, render(data_of(invoice), language=language_of(invoice))


def frozen_content(delivery: Delivery) -> tuple[str, bytes]:
    return _ascii(delivery.content_name), frozen.read(delivery.content_sha256)


def language_of(invoice: Invoice) -> str:
    return invoice.customer.language if invoice.customer else invoice.company.language


def _name(invoice: Invoice, ending: str) -> str:
    return file_name(DocumentType(invoice.document_type), invoice.number, language_of(invoice), ending)


def _ascii(name: str) -> str:
    """For a header: what is not ASCII would need a second form of the name."""
    return name.encode("ascii", "replace").decode().replace("?", "_")
