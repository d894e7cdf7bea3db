"""The form of an invoice made by hand. Amounts take comma or point, and spaces between thousands."""

from datetime import timedelta
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from customers.models import Company, Customer
from distribution.by_hand import Typed, TypedLine, next_number
from distribution.documents.invoice import DocumentType
from distribution.kid import is_kid

CURRENCIES = ("NOK", "EUR", "SEK", "DKK", "USD", "GBP")
RATES = ("25", "15", "12", "0")
LINES, MORE, MOST = 3, 5, 200
DAYS_TO_PAY = 14


class AmountField(forms.DecimalField):
    def to_python(self, value: Any) -> Any:
        return super().to_python("".join(str(value or "").split()).replace(",", "."))


class Day(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class InvoiceForm(forms.Form):
    kind: ClassVar = DocumentType.INVOICE
    customer = forms.CharField(label=gettext_lazy("Kunde"), max_length=260)
    number = forms.CharField(label=gettext_lazy("Fakturanummer"), max_length=40)
    issue_date = forms.DateField(label=gettext_lazy("Fakturadato"), widget=Day)
    due_date = forms.DateField(label=gettext_lazy("Forfallsdato"), widget=Day)
    delivered_on = forms.DateField(label=gettext_lazy("Leveringsdato"), widget=Day)
    currency = forms.ChoiceField(label=gettext_lazy("Valuta"), choices=[(code, code) for code in CURRENCIES])
    reference = forms.CharField(label=gettext_lazy("Kundens referanse"), max_length=100, required=False)
    payment_id = forms.CharField(label=gettext_lazy("KID"), max_length=40, required=False)
    without_kid = forms.BooleanField(widget=forms.HiddenInput, required=False)  # where the company's rule makes none

    def __init__(self, company: Company, data: Any = None, *, known: Customer | None = None) -> None:
        """`known` is the customer that the text is likely to name, which spares asking."""
        super().__init__(data, initial=None if data is not None else self.proposed(company))
        self._company, self._known = company, known

    def proposed(self, company: Company) -> dict[str, Any]:
        today = timezone.localdate()
        days = {"issue_date": today, "delivered_on": today, "due_date": today + timedelta(days=DAYS_TO_PAY)}
        return {"number": next_number(company, self.kind), "currency": "NOK", **days}

    @property
    def entries(self) -> list[forms.BoundField]:
        """The plain fields: the customer is drawn by itself."""
        return [field for field in self.visible_fields() if field.name != "customer"]

    def clean_customer(self) -> Customer:
        text = self.cleaned_data["customer"].strip()
        if self._known and text in (self._known.number, named(self._known)):
            return self._known
        return customer_named(self._company, text)

    def clean_payment_id(self) -> str:
        kid = "".join(self.cleaned_data["payment_id"].split())
        if kid and not is_kid(kid):
            raise ValidationError(_("KID stemmer ikke. Se etter om et siffer er feil."))
        return kid

    def clean(self) -> dict[str, Any]:
        issued, due = self.cleaned_data.get("issue_date"), self.cleaned_data.get("due_date")
        if issued and due and due < issued:
            self.add_error("due_date", _("Forfallsdatoen er før fakturadatoen."))
        return self.cleaned_data

    def typed(self, lines: tuple[TypedLine, ...]) -> Typed:
        names = ("number", "issue_date", "due_date", "delivered_on", "currency", "reference", "payment_id")
        return Typed(**{name: self.cleaned_data[name] for name in names if name in self.fields}, lines=lines)


class CreditForm(InvoiceForm):
    """Of a credit note: who gets it is settled, and nothing falls due."""

    kind = DocumentType.CREDIT_NOTE
    customer = due_date = payment_id = without_kid = None  # type: ignore[assignment]  # how Django leaves out a field
    over = forms.CharField(widget=forms.HiddenInput, required=False)  # the sum that may be more than is left

    def __init__(self, company: Company, data: Any = None, *, known: Customer | None = None) -> None:
        super().__init__(company, data, known=known)
        self.fields["number"].label = _("Kreditnotanummer")


class LineForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Beskrivelse"), max_length=200)
    quantity = AmountField(
        label=gettext_lazy("Antall"),
        max_digits=12,
        decimal_places=3,
        min_value=Decimal("0.001"),
        widget=forms.TextInput,
    )
    price = AmountField(
        label=gettext_lazy("Pris uten mva"), max_digits=14, decimal_places=4, min_value=0, widget=forms.TextInput
    )
    vat_rate = forms.TypedChoiceField(
        label=gettext_lazy("Mva"), choices=[(rate, f"{rate} %") for rate in RATES], coerce=Decimal, initial=RATES[0]
    )


class _Lines(forms.BaseFormSet[LineForm]):
    def typed(self) -> tuple[TypedLine, ...]:
        """Of the lines that can be understood: the sums are shown while others are still being written."""
        filled = [form.cleaned_data for form in self.forms if form.has_changed() and form.is_valid()]
        return tuple(TypedLine(**line) for line in filled)

    def clean(self) -> None:
        if not any(form.has_changed() for form in self.forms):
            raise ValidationError(_("Skriv minst én linje."))


class CreditLineForm(LineForm):
    """What the invoice took off is a line with a negative quantity (a price can't be negative, BR-27)."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.fields["quantity"] = AmountField(
            label=gettext_lazy("Antall"), max_digits=12, decimal_places=3, widget=forms.TextInput
        )


LineFormSet = forms.formset_factory(LineForm, formset=_Lines, extra=LINES, max_num=MOST, absolute_max=MOST)
CreditLineFormSet = forms.formset_factory(CreditLineForm, formset=_Lines, extra=LINES, max_num=MOST, absolute_max=MOST)


def named(customer: Customer) -> str:
    """As the list offers it."""
    return f"{customer.number} {customer.name}"


def customer_named(company: Company, text: str) -> Customer:
    """By what the list offers («50001 Kunde AS»), by number, or by a name that only one has; one who is archived
    by his number alone. Raises ValidationError."""
    text = text.strip()
    customers = company.customers.select_related("company", "parent")
    for number in (text, text.split(" ", 1)[0]):
        if found := customers.filter(number=number).first():
            return found
    named = list(customers.filter(name__iexact=text, archived_at__isnull=True)[:2])
    if len(named) == 1:
        return named[0]
    if named:
        raise ValidationError(_("Flere kunder heter det. Skriv kundenummeret."))
    raise ValidationError(_("Finner ikke kunden. Velg fra listen, eller skriv kundenummeret."))
