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
    """`facts` are what a payment needs; where nothing is to be paid, `nothing` says so instead. `lines` counts all, of which
    `paper` has the first; `remarks` are its own, but for what stands above already."""

    paper: Paper
    amount: Fact
    facts: tuple[Fact, ...]
    nothing: str
    remarks: tuple[str, ...]
    lines: int


def screen_of(invoice: InvoiceData) -> Screen:
    paper = paper_of(replace(invoice, lines=invoice.lines[:MOST_LINES]))
    to_pay = bool(invoice.totals.payable) and not is_in_favour(invoice)
    nothing = _("Du skal ikke betale noe.")
    return Screen(
        paper=paper,
        amount=_amount(invoice, to_pay),
        facts=_payment(invoice) if to_pay else (),
        nothing="" if to_pay else nothing,
        remarks=tuple(remark for remark in paper.remarks if remark != nothing),
        lines=len(invoice.lines),
    )


def _amount(invoice: InvoiceData, to_pay: bool) -> Fact:
    label, payable = _("Til gode") if is_in_favour(invoice) else _("Å betale"), abs(invoice.totals.payable)
    copied = text.amount(payable).replace(text.SPACE, "") if to_pay else ""
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
