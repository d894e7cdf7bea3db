"""UBL 2.1 Invoice and CreditNote (EHF / BIS Billing 3.0) -> InvoiceData. Any bytes give that or Unreadable.

Takes what a sender got slightly wrong where the meaning is clear (no endpoint, a sum that follows from other sums), and
refuses in words where it is not. It does not judge the business rules of Peppol.
"""

import re
from datetime import date

from django.utils.translation import gettext_lazy as _
from lxml import etree

from distribution.documents.invoice import DocumentType, InvoiceData, PrecedingInvoice
from distribution.documents.ubl_fields import day, day_or_none, one, text, texts
from distribution.documents.ubl_money import allowances, lines, totals, vat
from distribution.documents.ubl_parties import attachments, delivery, party, split_customer_number
from distribution.documents.xml import PREFIXES, Unreadable, parse

INVOICE = "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
CREDIT_NOTE = "urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2"
KINDS = {f"{{{INVOICE}}}Invoice": DocumentType.INVOICE, f"{{{CREDIT_NOTE}}}CreditNote": DocumentType.CREDIT_NOTE}
DRAFT_WORDS = frozenset({"draft", "kladd", "utkast"})
MAX_NUMBER = 100
CURRENCY = re.compile(r"[A-Z]{3}")


def read(content: bytes) -> InvoiceData:
    root = parse(content)
    kind = KINDS.get(str(root.tag))
    if kind is None:
        raise Unreadable(_("Filen er ikke en faktura eller kreditnota i EHF-format (UBL)."))
    number, currency, tax_currency = _number(root), _currency(root), text(root, "cbc:TaxCurrencyCode") or None
    seller = party(one(root, "cac:AccountingSupplierParty/cac:Party"), missing=_("Filen sier ikke hvem selgeren er."))
    buyer = party(one(root, "cac:AccountingCustomerParty/cac:Party"), missing=_("Filen sier ikke hvem kjøperen er."))
    customer_number, buyer = split_customer_number(root, buyer)
    means = _payment_means(root)
    read_lines = lines(root, kind)
    return InvoiceData(
        document_type=kind,
        number=number,
        issue_date=_issue_date(root),
        due_date=day_or_none(root, "cbc:DueDate") or day_or_none(means, "cbc:PaymentDueDate"),
        currency=currency,
        tax_currency=tax_currency,
        notes=tuple(line for note in texts(root, "cbc:Note") for line in note.split("\n")),
        buyer_reference=text(root, "cbc:BuyerReference"),
        order_reference=text(root, "cac:OrderReference/cbc:ID"),
        contract_reference=text(root, "cac:ContractDocumentReference/cbc:ID"),
        customer_number=customer_number,
        seller=seller,
        buyer=buyer,
        payee_name=text(root, "cac:PayeeParty/cac:PartyName/cbc:Name") or None,
        delivery=delivery(root),
        payment_means_code=text(means, "cbc:PaymentMeansCode"),
        payment_id=text(means, "cbc:PaymentID"),
        account=text(means, "cac:PayeeFinancialAccount/cbc:ID"),
        bic=text(means, "cac:PayeeFinancialAccount/cac:FinancialInstitutionBranch/cbc:ID"),
        payment_terms="\n".join(texts(root, "cac:PaymentTerms/cbc:Note")),
        preceding=_preceding(root),
        allowances=allowances(root),
        vat=vat(root, currency),
        totals=totals(root, read_lines, currency, tax_currency),
        lines=read_lines,
        attachments=attachments(root),
    )


def _number(root: etree._Element) -> str:
    number = text(root, "cbc:ID")
    if not number:
        raise Unreadable(
            _("Fakturanummeret mangler. Et utkast kan ikke sendes; godkjenn fakturaen i regnskapssystemet først.")
        )
    if number.casefold() in DRAFT_WORDS:
        raise Unreadable(
            _("Fakturaen er et utkast (nummer «%(number)s»). Godkjenn den i regnskapssystemet, så den får et nummer."),
            number=number,
        )
    if len(number) > MAX_NUMBER:
        raise Unreadable(_("Fakturanummeret er for langt. Det kan ha høyst %(limit)s tegn."), limit=MAX_NUMBER)
    return number


def _issue_date(root: etree._Element) -> date:
    if not text(root, "cbc:IssueDate"):
        raise Unreadable(_("Fakturadatoen mangler."))
    return day(text(root, "cbc:IssueDate"))


def _currency(root: etree._Element) -> str:
    currency = text(root, "cbc:DocumentCurrencyCode")
    if not currency:
        raise Unreadable(_("Valutaen mangler."))
    if not CURRENCY.fullmatch(currency):
        raise Unreadable(_("«%(value)s» er ikke en valutakode på tre store bokstaver, som NOK."), value=currency[:20])
    return currency


def _payment_means(root: etree._Element) -> etree._Element | None:
    """The first that names an account: KID and account must be of the same one."""
    means = root.findall("cac:PaymentMeans", PREFIXES)
    return next((each for each in means if text(each, "cac:PayeeFinancialAccount/cbc:ID")), means[0] if means else None)


def _preceding(root: etree._Element) -> tuple[PrecedingInvoice, ...]:
    found = root.findall("cac:BillingReference/cac:InvoiceDocumentReference", PREFIXES)
    return tuple(
        PrecedingInvoice(number=text(each, "cbc:ID"), issue_date=day_or_none(each, "cbc:IssueDate"))
        for each in found
        if text(each, "cbc:ID")
    )
