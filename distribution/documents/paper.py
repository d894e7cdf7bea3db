"""InvoiceData -> what stands on the paper, ready-made: the templates do no arithmetic. Texts in the active language."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from distribution.documents import text
from distribution.documents.invoice import DocumentType, InvoiceData, PrecedingInvoice
from distribution.documents.paper_head import (
    Cell,
    address_lines,
    fact_rows,
    one_line,
    register_entry,
    registration,
    return_line,
    seller_lines,
    size_of,
)
from distribution.documents.paper_sums import Row, Sums, rows_of, sums_of
from distribution.kid import is_kid, name_of

EMPTY = text.EN_DASH
NARROW_ACCOUNT = 13  # characters of the band's third column


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    title: str
    description: str
    created: str
    heading: Cell  # its label is the short form that repeats on later pages
    seller_name: Cell
    seller: tuple[str, ...]
    return_line: str
    address: tuple[str, ...]
    address_size: str
    facts: tuple[Cell, ...]
    band: tuple[Cell, ...]
    rows: tuple[Row, ...]
    sums: Sums
    remarks: tuple[str, ...]
    foot: str


def paper_of(invoice: InvoiceData, address: tuple[str, ...] | None = None) -> Paper:
    """`address` is what stands in the window instead of the buyer's own address."""
    kind = _("Kreditnota") if invoice.document_type == DocumentType.CREDIT_NOTE else _("Faktura")
    seller, heading = invoice.seller, f"{kind} {invoice.number}"
    words = {"kind": kind, "number": invoice.number, "seller": seller.name, "date": text.day(invoice.issue_date)}
    recipient = address_lines(invoice.buyer, address)
    band = _credit_band(invoice) if is_in_favour(invoice) else _payment_band(invoice)
    return Paper(
        title=_("%(kind)s %(number)s fra %(seller)s") % words,
        description=_("%(kind)s %(number)s av %(date)s") % words,
        created=invoice.issue_date.isoformat(),
        heading=Cell(text.shortened(heading, 60), heading, size_of(heading, 40)),
        seller_name=Cell("", seller.name, size_of(seller.name, 18)),
        seller=seller_lines(seller),
        return_line=return_line(seller),
        address=recipient,
        address_size=_address_size(recipient),
        facts=fact_rows(invoice),
        band=band,
        rows=rows_of(invoice),
        sums=sums_of(invoice, _final_row(invoice)),
        remarks=tuple(each for each in _remarks(invoice) if each not in {cell.value for cell in band}),
        foot=_foot(invoice),
    )


def is_in_favour(invoice: InvoiceData) -> bool:
    """The customer has money to come: a credit note, or an invoice below zero."""
    if invoice.document_type == DocumentType.CREDIT_NOTE:
        return invoice.totals.payable >= 0
    return invoice.totals.payable < 0


def _payment_band(invoice: InvoiceData) -> tuple[Cell, ...]:
    due = text.day(invoice.due_date) if invoice.due_date else _("Se vilkår") if invoice.payment_terms else EMPTY
    account = text.account(invoice.account) or EMPTY
    reference = name_of(invoice.payment_id)
    return (
        _amount_cell(_("Å betale"), invoice),
        Cell(_("Forfallsdato"), due),
        Cell(_("Til konto"), account, size_of(account, NARROW_ACCOUNT)),
        Cell(reference, invoice.payment_id or EMPTY, size_of(invoice.payment_id, 25)),
    )


def _credit_band(invoice: InvoiceData) -> tuple[Cell, ...]:
    cells = [_amount_cell(_("Til gode"), invoice), Cell(_("Dato"), text.day(invoice.issue_date))]
    if invoice.preceding:
        number = invoice.preceding[0].number
        cells.append(Cell(_("Gjelder faktura"), number, size_of(number, NARROW_ACCOUNT)))
    if invoice.preceding and 0 < len(one_line(invoice.payment_terms)) <= 60:
        terms = one_line(invoice.payment_terms)
        cells.append(Cell(_("Oppgjør"), terms, size_of(terms, 26)))
    return tuple(cells)


def _amount_cell(label: str, invoice: InvoiceData) -> Cell:
    value = text.amount_with_currency(abs(invoice.totals.payable), invoice.currency)
    return Cell(label, value, size_of(value, len("9 999 999,99 kr")))


def _final_row(invoice: InvoiceData) -> Cell:
    currency = _("norske kroner") if invoice.currency == text.KRONER else invoice.currency
    label = _("Til gode i %(currency)s") if is_in_favour(invoice) else _("Å betale i %(currency)s")
    value = text.amount(abs(invoice.totals.payable))
    return Cell(label % {"currency": currency}, value, size_of(value, 20))


def _remarks(invoice: InvoiceData) -> tuple[str, ...]:
    """What stands below the sum, most needed first."""
    in_favour, reverse_charge = is_in_favour(invoice), any(each.category == "AE" for each in invoice.vat)
    payee = invoice.payee.name if invoice.payee else ""
    remarks = [
        _corrects(invoice),
        _("Du skal ikke betale noe.") if in_favour else "",
        _("Oppgi KID ved betaling.") if is_kid(invoice.payment_id) and not in_favour else "",
        _international_account(invoice) if not in_favour else "",
        _("Betales til %(payee)s.") % {"payee": payee} if payee and not in_favour else "",
        _("Omvendt avgiftsplikt – Merverdiavgift ikke beregnet.") if reverse_charge else "",
        *(each.exemption_reason for each in invoice.vat),
        invoice.payment_terms,
        *invoice.notes,
    ]
    return tuple(dict.fromkeys(remark for remark in remarks if remark))


def _corrects(invoice: InvoiceData) -> str:
    if not invoice.preceding:
        return ""
    invoices = {"invoices": ", ".join(_named(each) for each in invoice.preceding)}
    if invoice.document_type == DocumentType.CREDIT_NOTE:
        return _("Kreditnotaen retter faktura %(invoices)s.") % invoices
    return _("Fakturaen gjelder også faktura %(invoices)s.") % invoices


def _named(preceding: PrecedingInvoice) -> str:
    if preceding.issue_date is None:
        return preceding.number
    return _("%(number)s av %(date)s") % {"number": preceding.number, "date": text.day(preceding.issue_date)}


def _international_account(invoice: InvoiceData) -> str:
    iban = text.iban(invoice.account)
    parts = [f"IBAN {iban}" if iban else "", f"BIC {invoice.bic}" if invoice.bic else ""]
    return ", ".join(part for part in parts if part)


def _foot(invoice: InvoiceData) -> str:
    seller = invoice.seller
    name, register = text.shortened(seller.legal_name or seller.name, 50), register_entry(seller)
    return f"  {text.SPACE}·{text.SPACE}  ".join(part for part in (name, registration(seller), register) if part)


def _address_size(lines: tuple[str, ...]) -> str:
    """Five lines of 42 characters fill the window; longer ones wrap, and then need a smaller size."""
    wrapped = sum(-(-len(line) // 42) for line in lines)
    return "" if wrapped <= 5 else "small" if wrapped <= 6 else "smaller"
