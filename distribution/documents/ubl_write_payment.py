"""How it is paid, as UBL: code and KID stand with each account, and are the same (UBL-SR-44 and 47)."""

from lxml import etree

from distribution.documents.invoice import DocumentType, InvoiceData
from distribution.documents.payment import Account, Card, DirectDebit
from distribution.documents.ubl_write_values import written_day
from distribution.documents.xml import element, group

CREDIT_TRANSFER, NOT_DEFINED = "30", "1"
Node = etree._Element | None


def write_payment_means(invoice: InvoiceData) -> list[Node]:
    """What may be said only once stands with the first account: text, due date, card and mandate (UBL-SR-45, 46, 54 and 55)."""
    if not _has_something(invoice):
        return []
    account = Account(number=invoice.account, name=invoice.account_name, bic=invoice.bic)
    others = (group("cac:PaymentMeans", *_means(invoice, each)) for each in invoice.other_accounts)
    return [_first_means(invoice, account), *others]


def _has_something(invoice: InvoiceData) -> bool:
    named = invoice.payment_means_code or invoice.account or invoice.payment_id or _due(invoice)
    return bool(named or invoice.other_accounts or invoice.card or invoice.direct_debit)


def _first_means(invoice: InvoiceData, account: Account) -> Node:
    code, payment_id, payee_account = _means(invoice, account, invoice.payment_means_text)
    return group(
        "cac:PaymentMeans",
        code,
        element("cbc:PaymentDueDate", _due(invoice)),
        payment_id,
        _card(invoice.card),
        payee_account,
        _mandate(invoice.direct_debit),
    )


def _means(invoice: InvoiceData, account: Account, text: str = "") -> tuple[Node, Node, Node]:
    code = invoice.payment_means_code or (CREDIT_TRANSFER if invoice.account else NOT_DEFINED)
    branch = group("cac:FinancialInstitutionBranch", element("cbc:ID", account.bic))
    return (
        element("cbc:PaymentMeansCode", code, name=text),
        element("cbc:PaymentID", invoice.payment_id),
        group(
            "cac:PayeeFinancialAccount", element("cbc:ID", account.number), element("cbc:Name", account.name), branch
        ),
    )


def _due(invoice: InvoiceData) -> str:
    """In an invoice it stands in the head."""
    return written_day(invoice.due_date) if invoice.document_type == DocumentType.CREDIT_NOTE else ""


def _card(card: Card | None) -> Node:
    if card is None:
        return None
    return group(
        "cac:CardAccount",
        element("cbc:PrimaryAccountNumberID", card.number),
        element("cbc:NetworkID", card.network),
        element("cbc:HolderName", card.holder),
    )


def _mandate(debit: DirectDebit | None) -> Node:
    if debit is None:
        return None
    payer = group("cac:PayerFinancialAccount", element("cbc:ID", debit.account))
    return group("cac:PaymentMandate", element("cbc:ID", debit.mandate), payer)
