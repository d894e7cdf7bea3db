"""The files that belong to an invoice: its XML, its PDF, and what left. Each with the name it is downloaded under."""

from distribution import frozen
from distribution.channels.names import file_name
from distribution.documents.invoice import InvoiceData
from distribution.documents.pdf import render
from distribution.documents.ubl import read
from distribution.models import Delivery, Invoice


def data_of(invoice: Invoice) -> InvoiceData:
    return read(frozen.read(invoice.sha256))


def xml(invoice: Invoice) -> tuple[str, bytes]:
    content = frozen.read(invoice.sha256)
    return _ascii(file_name(read(content), language_of(invoice), "xml")), content


def pdf(invoice: Invoice) -> tuple[str, bytes]:
    """The PDF that came with the invoice, else our layout of it."""
    document, language = data_of(invoice), language_of(invoice)
    name = _ascii(file_name(document, language, "pdf"))
    if invoice.own_pdf_sha256:
        return name, frozen.read(invoice.own_pdf_sha256)
    return name, render(document, language=language)


def frozen_content(delivery: Delivery) -> tuple[str, bytes]:
    return _ascii(delivery.content_name), frozen.read(delivery.content_sha256)


def language_of(invoice: Invoice) -> str:
    return invoice.customer.language if invoice.customer else invoice.company.language


def _ascii(name: str) -> str:
    """For a header: what is not ASCII would need a second form of the name."""
    return name.encode("ascii", "replace").decode().replace("?", "_")
