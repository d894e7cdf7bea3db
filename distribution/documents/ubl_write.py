"""InvoiceData -> EHF Billing 3.0. The same data gives the same bytes; the order of elements is that of UBL 2.1."""

from lxml import etree

from distribution.documents.invoice import ZERO, DocumentType, InvoiceData, VatSubtotal
from distribution.documents.ubl_read import CREDIT_NOTE, INVOICE, ORDINARY, TYPE_CODE
from distribution.documents.ubl_write_lines import write_allowance, write_line
from distribution.documents.ubl_write_parties import (
    write_delivery,
    write_party,
    write_payee,
    write_tax_representative,
)
from distribution.documents.ubl_write_payment import write_payment_means
from distribution.documents.ubl_write_references import write_period, write_references
from distribution.documents.ubl_write_values import money, plain, tax_scheme, written_day, written_notes
from distribution.documents.xml import document, element, group

Node = etree._Element | None


def write(invoice: InvoiceData) -> bytes:
    """Characters that XML can't hold are left out; nothing is judged or corrected."""
    children = [*_head(invoice), *write_references(invoice), *_parties(invoice), *_payment(invoice), *_sums(invoice)]
    if invoice.document_type == DocumentType.CREDIT_NOTE:
        return document("CreditNote", CREDIT_NOTE, children)
    return document("Invoice", INVOICE, children)


def _head(invoice: InvoiceData) -> list[Node]:
    kind, tax_point = invoice.document_type, element("cbc:TaxPointDate", written_day(invoice.tax_point))
    credit = kind == DocumentType.CREDIT_NOTE
    return [
        element("cbc:CustomizationID", invoice.specification),
        element("cbc:ProfileID", invoice.process),
        element("cbc:ID", invoice.number),
        element("cbc:IssueDate", written_day(invoice.issue_date)),
        None if credit else element("cbc:DueDate", written_day(invoice.due_date)),
        tax_point if credit else None,
        element(TYPE_CODE[kind], invoice.type_code or ORDINARY[kind]),
        element("cbc:Note", written_notes(invoice.notes)),
        None if credit else tax_point,
        element("cbc:DocumentCurrencyCode", invoice.currency),
        element("cbc:TaxCurrencyCode", invoice.tax_currency or ""),
        element("cbc:AccountingCost", invoice.accounting_cost),
        element("cbc:BuyerReference", invoice.buyer_reference),
        write_period(invoice),
    ]


def _parties(invoice: InvoiceData) -> list[Node]:
    return [
        group("cac:AccountingSupplierParty", write_party(invoice.seller)),
        group("cac:AccountingCustomerParty", write_party(invoice.buyer, customer_number=invoice.customer_number)),
        write_payee(invoice.payee),
        write_tax_representative(invoice.tax_representative),
        write_delivery(invoice.delivery),
    ]


def _payment(invoice: InvoiceData) -> list[Node]:
    return [
        *write_payment_means(invoice),
        group("cac:PaymentTerms", element("cbc:Note", invoice.payment_terms)),
        *(write_allowance(each, invoice.currency) for each in invoice.allowances),
    ]


def _sums(invoice: InvoiceData) -> list[Node]:
    lines = (write_line(line, invoice.document_type, invoice.currency) for line in invoice.lines)
    return [*_tax_totals(invoice), _monetary_total(invoice), *lines]


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


def _monetary_total(invoice: InvoiceData) -> Node:
    """A sum of nothing is left out; a sum of allowances that come to zero is not (BR-CO-11 and 12)."""
    totals, currency = invoice.totals, invoice.currency
    kinds = {each.is_charge for each in invoice.allowances}
    return group(
        "cac:LegalMonetaryTotal",
        money("cbc:LineExtensionAmount", totals.line_total, currency),
        money("cbc:TaxExclusiveAmount", totals.tax_exclusive, currency),
        money("cbc:TaxInclusiveAmount", totals.tax_inclusive, currency),
        money("cbc:AllowanceTotalAmount", totals.allowance_total or (ZERO if False in kinds else None), currency),
        money("cbc:ChargeTotalAmount", totals.charge_total or (ZERO if True in kinds else None), currency),
        money("cbc:PrepaidAmount", totals.prepaid or None, currency),
        money("cbc:PayableRoundingAmount", totals.rounding or None, currency),
        money("cbc:PayableAmount", totals.payable, currency),
    )
