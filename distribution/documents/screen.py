"""InvoiceData -> what stands on the customer's screen: as on paper, but what is paid can be copied, and a long list ends."""

from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from distribution.documents import text
from distribution.documents.invoice import InvoiceData
from distribution.documents.paper import Paper, is_in_favour, paper_of
from distribution.kid import name_of

MOST_LINES = 200


@dataclass(frozen=True, slots=True)
class Fact:
    """`copied` is the value as a bank's form takes it; empty where there is nothing to copy."""

    label: str
    shown: str
    copied: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """`facts` are what a payment needs, none where nothing is to be paid. `lines` counts all, of which `paper` has the first."""

    paper: Paper
    amount: Fact
    facts: tuple[Fact, ...]
    in_favour: bool
    lines: int


def screen_of(invoice: InvoiceData) -> Screen:
    in_favour = is_in_favour(invoice)
    return Screen(
        paper=paper_of(replace(invoice, lines=invoice.lines[:MOST_LINES])),
        amount=_amount(invoice, in_favour),
        facts=() if in_favour or not invoice.totals.payable else _payment(invoice),
        in_favour=in_favour,
        lines=len(invoice.lines),
    )


def _amount(invoice: InvoiceData, in_favour: bool) -> Fact:
    payable = abs(invoice.totals.payable)
    copied = "" if in_favour or not payable else text.amount(payable).replace(text.SPACE, "")
    label = _("Til gode") if in_favour else _("Å betale")
    return Fact(label, text.amount_with_currency(payable, invoice.currency), copied)


def _payment(invoice: InvoiceData) -> tuple[Fact, ...]:
    facts = [
        Fact(_("Forfallsdato"), text.day(invoice.due_date) if invoice.due_date else ""),
        _copyable(_("Til konto"), text.account(invoice.account)),
        _reference(invoice),
    ]
    return tuple(fact for fact in facts if fact.shown)


def _reference(invoice: InvoiceData) -> Fact:
    """Without one, the seller finds the payment by the number of the invoice, written as the message."""
    if invoice.payment_id:
        return _copyable(name_of(invoice.payment_id), invoice.payment_id)
    message = _("Faktura %(number)s") % {"number": invoice.number} if invoice.account else ""
    return Fact(_("Melding til mottaker"), message, message)


def _copyable(label: str, shown: str) -> Fact:
    return Fact(label, shown, shown.replace(text.SPACE, ""))
