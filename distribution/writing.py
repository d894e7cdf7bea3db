"""A document while it is written by hand: what stands in its fields, what is wrong with it, and what it becomes."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from customers.models import Customer
from distribution import frozen
from distribution.by_hand import document_of, sums_of, why_no_kid
from distribution.credit import credited
from distribution.documents.invoice import InvoiceData, PrecedingInvoice
from distribution.documents.sums import Sums
from distribution.documents.ubl import write
from distribution.invoice_form import CreditForm, CreditLineFormSet, InvoiceForm, LineFormSet
from distribution.models import Draft

LINES = "linje"


class Writing:
    """A document as it stands on the page. A credit note is one from its first moment: its draft says what it credits."""

    def __init__(self, draft: Draft, data: Mapping[str, Any] | None = None) -> None:
        self.draft, self.company = draft, draft.company
        form = CreditForm if draft.credits_id else InvoiceForm
        self.form = form(draft.company, data, known=draft.customer)
        self.over = ""  # a sum to confirm
        self.lines: Any = (CreditLineFormSet if draft.credits_id else LineFormSet)(data, prefix=LINES)

    @cached_property
    def sums(self) -> Sums:
        return sums_of(self.lines.typed() if self.lines.is_bound else ())

    @property
    def customer(self) -> Customer | None:
        """None while it is not known who."""
        if self.draft.credits is not None:
            return self.draft.customer
        return self.form.cleaned_data.get("customer") if self.form.is_bound and self.form.is_valid() else None

    @cached_property
    def no_kid(self) -> str:
        """Why none can be made, in words; nothing where one was typed, or while it is not known of what."""
        if self.draft.credits_id or not self.form.is_bound:
            return ""
        self.form.is_valid()
        typed = self.form.cleaned_data
        if not typed.get("customer") or not typed.get("number") or typed.get("payment_id") != "":
            return ""
        return why_no_kid(self.company, typed["customer"], typed["number"])

    @property
    def known_customer(self) -> Customer:
        assert self.customer is not None  # it fits
        return self.customer

    @property
    def problems(self) -> list[str]:
        """In words, each with its place."""
        fields = [f"{field.label}: {error}" for field in self.form for error in field.errors]
        lines = [
            f"{_('Linje %(number)s') % {'number': number}}, {field.label}: {error}"
            for number, line in enumerate(self.lines, 1)
            for field in line
            for error in field.errors
        ]
        return [*self.form.non_field_errors(), *self.lines.non_form_errors(), *fields, *lines]

    def fits(self) -> bool:
        """What can be said without looking at other invoices; both are asked, so that all errors are told at once."""
        whole = [self.form.is_valid(), self.lines.is_valid()]
        if all(whole) and self.customer is None:
            self.form.add_error(None, _("Kunden er slettet."))
            return False
        return all(whole)

    @cached_property
    def document(self) -> InvoiceData:
        credited = self.draft.credits
        preceding = PrecedingInvoice(number=credited.number, issue_date=credited.issue_date) if credited else None
        customer = self.known_customer
        customer.company = self.company  # the same row, read once
        return document_of(customer, self.form.typed(self.lines.typed()), preceding)

    @cached_property
    def content(self) -> bytes:
        return write(self.document)

    def can_go(self, others: Mapping[tuple[str, str], str]) -> bool:
        return self.is_free(others) and self.has_kid() and self.asks_no_more()

    def is_free(self, others: Mapping[tuple[str, str], str]) -> bool:
        """`others`: SHA-256 by document type and number of what was taken in. The same bytes are the same invoice (R38)."""
        document = self.document
        if document.currency != "NOK" and document.totals.tax_total:
            self.form.add_error(
                "currency", _("Norsk mva må også stå i kroner, etter dagens kurs. Lag denne i økonomisystemet.")
            )
        used = others.get((document.document_type.value, document.number))
        if used and used != frozen.sha256_of(self.content):
            self.form.add_error("number", _("Nummeret er brukt på en annen faktura."))
        return not self.form.errors

    def has_kid(self) -> bool:
        """Where the company has a rule, none goes without it unless a person says so."""
        if self.no_kid and not self.form.cleaned_data["without_kid"]:
            self.form.add_error("payment_id", self.no_kid)
        return not self.form.errors

    def asks_no_more(self) -> bool:
        """More than is left of the invoice takes a confirmation of that very sum."""
        invoice = self.draft.credits
        if invoice is None:
            return True
        if self.document.currency != invoice.currency:
            self.form.add_error("currency", _("Kreditnotaen må ha samme valuta som fakturaen."))
            return False
        total = self.document.totals.payable
        if total <= 0:
            self.form.add_error(None, _("Kreditnotaen må ha et beløp over null."))
        elif total > invoice.payable - credited(invoice) and self.form.cleaned_data["over"] != str(total):
            self.over = str(total)
            self.form.add_error(
                None,
                _("Kreditnotaen er på mer enn det som er igjen av fakturaen. Bekreft på kladden at det er riktig."),
            )
        return not self.form.errors
