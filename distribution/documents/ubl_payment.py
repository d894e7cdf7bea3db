"""How it is paid: the account that the invoice names first, and whatever else is said."""

from lxml import etree

from distribution.documents.payment import Account, Card, DirectDebit
from distribution.documents.ubl_fields import attribute, one, text
from distribution.documents.xml import PREFIXES

ACCOUNT = "cac:PayeeFinancialAccount"


def first_means(root: etree._Element) -> etree._Element | None:
    """The first that names an account: KID and account must be of the same one."""
    means = root.findall("cac:PaymentMeans", PREFIXES)
    return next((each for each in means if text(each, f"{ACCOUNT}/cbc:ID")), means[0] if means else None)


def payment_id(root: etree._Element, first: etree._Element | None) -> str:
    """One for all means (UBL-SR-44): who names it with one of them means it for the account too."""
    return text(first, "cbc:PaymentID") or text(root, "cac:PaymentMeans/cbc:PaymentID")


def means_text(root: etree._Element) -> str:
    return attribute(one(root, "cac:PaymentMeans/cbc:PaymentMeansCode[@name]"), "name")


def account(means: etree._Element | None) -> Account:
    """Of these means; its number is '' where they name none."""
    return Account(
        number=text(means, f"{ACCOUNT}/cbc:ID"),
        name=text(means, f"{ACCOUNT}/cbc:Name"),
        bic=text(means, f"{ACCOUNT}/cac:FinancialInstitutionBranch/cbc:ID"),
    )


def other_accounts(root: etree._Element, first: etree._Element | None) -> tuple[Account, ...]:
    others = (account(each) for each in root.iterfind("cac:PaymentMeans", PREFIXES) if each is not first)
    return tuple(each for each in others if each.number)


def card(root: etree._Element) -> Card | None:
    element = one(root, "cac:PaymentMeans/cac:CardAccount")
    if element is None:
        return None
    number, network = text(element, "cbc:PrimaryAccountNumberID"), text(element, "cbc:NetworkID")
    return Card(number=number, network=network, holder=text(element, "cbc:HolderName"))


def direct_debit(root: etree._Element) -> DirectDebit | None:
    element = one(root, "cac:PaymentMeans/cac:PaymentMandate")
    if element is None:
        return None
    return DirectDebit(mandate=text(element, "cbc:ID"), account=text(element, "cac:PayerFinancialAccount/cbc:ID"))
