"""InvoiceData -> EHF Billing 3.0. The same data gives the same bytes; the order of elements is that of UBL 2.1."""

from lxml import etree

from distribution.documents.invoice import DocumentType, InvoiceData, PrecedingInvoice, Totals, VatSubtotal
from distribution.documents.ubl_read import CREDIT_NOTE, INVOICE
from distribution.documents.ubl_write_lines import write_allowance, write_line
from distribution.documents.ubl_write_parties import write_attachment, write_delivery, write_party
from distribution.documents.ubl_write_values import money, plain, tax_scheme, written_day
from distribution.documents.xml import document, element, group

CUSTOMIZATION = "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"
PROFILE = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"
CREDIT_TRANSFER, NOT_DEFINED = "30", "1"
Node = etree._Element | None


def write(invoice: InvoiceData) -> bytes:
    """Characters that XML can't hold are left out; nothing is judged or corrected."""
    children = [*_head(invoice), *_references(invoice), *_parties(invoice), *_payment(invoice), *_sums(invoice)]
    if invoice.document_type == DocumentType.CREDIT_NOTE:
        return document("CreditNote", CREDIT_NOTE, children)
    return document("Invoice", INVOICE, children)


def _head(invoice: InvoiceData) -> list[Node]:
    credit = invoice.document_type == DocumentType.CREDIT_NOTE
    return [
        element("cbc:CustomizationID", CUSTOMIZATION),
        element("cbc:ProfileID", PROFILE),
        element("cbc:ID", invoice.number),
        element("cbc:IssueDate", written_day(invoice.issue_date)),
        None if credit else element("cbc:DueDate", written_day(invoice.due_date)),
        element("cbc:CreditNoteTypeCode", "381") if credit else element("cbc:InvoiceTypeCode", "380"),
        element("cbc:Note", "\n".join(invoice.notes)),  # PEPPOL-EN16931-R002: one note
        element("cbc:DocumentCurrencyCode", invoice.currency),
        element("cbc:TaxCurrencyCode", invoice.tax_currency or ""),
        element("cbc:BuyerReference", invoice.buyer_reference),
    ]


def _references(invoice: InvoiceData) -> list[Node]:
    return [
        group(
            "cac:InvoicePeriod",
            element("cbc:StartDate", written_day(invoice.delivery.start)),
            element("cbc:EndDate", written_day(invoice.delivery.end)),
        ),
        group("cac:OrderReference", element("cbc:ID", invoice.order_reference)),
        *(_preceding(each) for each in invoice.preceding),
        group("cac:ContractDocumentReference", element("cbc:ID", invoice.contract_reference)),
        *(write_attachment(each) for each in invoice.attachments),
    ]


def _preceding(preceding: PrecedingInvoice) -> Node:
    reference = group(
        "cac:InvoiceDocumentReference",
        element("cbc:ID", preceding.number),
        element("cbc:IssueDate", written_day(preceding.issue_date)),
    )
    return group("cac:BillingReference", reference)


def _parties(invoice: InvoiceData) -> list[Node]:
    return [
        group("cac:AccountingSupplierParty", write_party(invoice.seller)),
        group("cac:AccountingCustomerParty", write_party(invoice.buyer, customer_number=invoice.customer_number)),
        group("cac:PayeeParty", group("cac:PartyName", element("cbc:Name", invoice.payee_name or ""))),
        write_delivery(invoice.delivery),
    ]


def _payment(invoice: InvoiceData) -> list[Node]:
    return [
        _payment_means(invoice),
        group("cac:PaymentTerms", element("cbc:Note", invoice.payment_terms)),
        *(write_allowance(each, invoice.currency) for each in invoice.allowances),
    ]


def _payment_means(invoice: InvoiceData) -> Node:
    due = invoice.due_date if invoice.document_type == DocumentType.CREDIT_NOTE else None  # else it stands in the head
    if not (invoice.payment_means_code or invoice.account or invoice.payment_id or due):
        return None
    code = invoice.payment_means_code or (CREDIT_TRANSFER if invoice.account else NOT_DEFINED)
    branch = group("cac:FinancialInstitutionBranch", element("cbc:ID", invoice.bic))
    return group(
        "cac:PaymentMeans",
        element("cbc:PaymentMeansCode", code),
        element("cbc:PaymentDueDate", written_day(due)),
        element("cbc:PaymentID", invoice.payment_id),
        group("cac:PayeeFinancialAccount", element("cbc:ID", invoice.account), branch),
    )


def _sums(invoice: InvoiceData) -> list[Node]:
    lines = (write_line(line, invoice.document_type, invoice.currency) for line in invoice.lines)
    return [*_tax_totals(invoice), _monetary_total(invoice.totals, invoice.currency), *lines]


def _tax_totals(invoice: InvoiceData) -> list[Node]:
    subtotals = (_subtotal(each, invoice.currency) for each in invoice.vat)
    own = group("cac:TaxTotal", money("cbc:TaxAmount", invoice.totals.tax_total, invoice.currency), *subtotals)
    if invoice.tax_currency is None or invoice.totals.tax_total_in_tax_currency is None:
        return [own]
    again = money("cbc:TaxAmount", invoice.totals.tax_total_in_tax_currency, invoice.tax_currency)
    return [own, group("cac:TaxTotal", again)]


def _subtotal(subtotal: VatSubtotal, currency: str) -> Node:
    return group(
        "cac:TaxSubtotal",
        money("cbc:TaxableAmount", subtotal.taxable, currency),
        money("cbc:TaxAmount", subtotal.tax, currency),
        group(
            "cac:TaxCategory",
            element("cbc:ID", subtotal.category),
            element("cbc:Percent", plain(subtotal.rate)),
            element("cbc:TaxExemptionReasonCode", subtotal.exemption_reason_code),
            element("cbc:TaxExemptionReason", subtotal.exemption_reason),
            tax_scheme("VAT"),
        ),
    )


def _monetary_total(totals: Totals, currency: str) -> Node:
    return group(
        "cac:LegalMonetaryTotal",
        money("cbc:LineExtensionAmount", totals.line_total, currency),
        money("cbc:TaxExclusiveAmount", totals.tax_exclusive, currency),
        money("cbc:TaxInclusiveAmount", totals.tax_inclusive, currency),
        money("cbc:AllowanceTotalAmount", totals.allowance_total or None, currency),
        money("cbc:ChargeTotalAmount", totals.charge_total or None, currency),
        money("cbc:PrepaidAmount", totals.prepaid or None, currency),
        money("cbc:PayableRoundingAmount", totals.rounding or None, currency),
        money("cbc:PayableAmount", totals.payable, currency),
    )
