"""UBL 2.1 Invoice and CreditNote (EHF / BIS Billing 3.0) -> InvoiceData. Any bytes give that or Unreadable.

Takes what a sender got slightly wrong where the meaning is clear (no endpoint, a sum that follows from other sums), and
refuses in words where it is not. It does not judge the business rules of Peppol.
"""

import re
from datetime import date

from django.utils.translation import gettext_lazy as _
from lxml import etree

from distribution.documents.invoice import BILLING_PROCESS, EHF_BILLING, DocumentType, InvoiceData
from distribution.documents.ubl_fields import day, day_or_none, one, text, texts
from distribution.documents.ubl_lines import lines
from distribution.documents.ubl_money import allowances, totals, vat
from distribution.documents.ubl_parties import delivery, party, payee, split_customer_number, tax_representative
from distribution.documents.ubl_payment import (
    account,
    card,
    direct_debit,
    first_means,
    means_text,
    other_accounts,
    payment_id,
)
from distribution.documents.ubl_references import attachments, order_reference, preceding, references
from distribution.documents.xml import Unreadable, parse

INVOICE = "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
CREDIT_NOTE = "urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2"
KINDS = {f"{{{INVOICE}}}Invoice": DocumentType.INVOICE, f"{{{CREDIT_NOTE}}}CreditNote": DocumentType.CREDIT_NOTE}
TYPE_CODE = {DocumentType.INVOICE: "cbc:InvoiceTypeCode", DocumentType.CREDIT_NOTE: "cbc:CreditNoteTypeCode"}
ORDINARY = {DocumentType.INVOICE: "380", DocumentType.CREDIT_NOTE: "381"}
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
    means = first_means(root)
    first_account = account(means)
    read_lines = lines(root, kind)
    return InvoiceData(
        document_type=kind,
        type_code=_type_code(root, kind),
        specification=text(root, "cbc:CustomizationID") or EHF_BILLING,
        process=text(root, "cbc:ProfileID") or BILLING_PROCESS,
        number=number,
        issue_date=_issue_date(root),
        due_date=day_or_none(root, "cbc:DueDate") or day_or_none(root, "cac:PaymentMeans/cbc:PaymentDueDate"),
        currency=currency,
        tax_currency=tax_currency,
        tax_point=day_or_none(root, "cbc:TaxPointDate"),
        tax_point_code=text(root, "cac:InvoicePeriod/cbc:DescriptionCode"),
        notes=tuple(line for note in texts(root, "cbc:Note") for line in note.split("\n")),
        buyer_reference=text(root, "cbc:BuyerReference"),
        order_reference=order_reference(root),
        contract_reference=text(root, "cac:ContractDocumentReference/cbc:ID"),
        accounting_cost=text(root, "cbc:AccountingCost"),
        references=references(root, kind),
        customer_number=customer_number,
        seller=seller,
        buyer=buyer,
        payee=payee(root),
        tax_representative=tax_representative(root),
        delivery=delivery(root),
        payment_means_code=text(means, "cbc:PaymentMeansCode"),
        payment_means_text=means_text(root),
        payment_id=payment_id(root, means),
        account=first_account.number,
        account_name=first_account.name,
        bic=first_account.bic,
        other_accounts=other_accounts(root, means),
        card=card(root),
        direct_debit=direct_debit(root),
        payment_terms="\n".join(texts(root, "cac:PaymentTerms/cbc:Note")),
        preceding=preceding(root),
        allowances=allowances(root),
        vat=vat(root, currency),
        totals=totals(root, read_lines, currency, tax_currency),
        lines=read_lines,
        attachments=attachments(root, kind),
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


def _type_code(root: etree._Element, kind: DocumentType) -> str:
    code = text(root, TYPE_CODE[kind])
    return "" if code == ORDINARY[kind] else code


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
