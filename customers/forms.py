"""Forms of the pages about customers. Each error says what to do; what always holds is checked by the model."""

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from customers.models import Customer, method_words, methods_for

CHANGED_MEANWHILE = "changed_meanwhile"


class CustomerForm(forms.ModelForm[Customer]):
    """`made_of` is the state that the user saw: a colleague's change in between is told, never written over. The instance
    carries the company, and is read in the transaction that saves it."""

    made_of = forms.CharField(widget=forms.HiddenInput, required=False)
    org_number = forms.CharField(label=gettext_lazy("Organisasjonsnummer"), max_length=20, required=False)
    parent = forms.ModelChoiceField(
        label=gettext_lazy("Hovedkunde"),
        help_text=gettext_lazy("Kundenummeret til hovedkunden. Det som er tomt her, leses fra den."),
        queryset=Customer.objects.none(),
        to_field_name="number",
        required=False,
        widget=forms.TextInput,
        error_messages={"invalid_choice": gettext_lazy("Ingen kunde har kundenummeret «%(value)s».")},
    )

    class Meta:
        model = Customer
        fields: ClassVar = [
            "number",
            "name",
            "kind",
            "org_number",
            "peppol_id",
            "phone",
            "email",
            "invoice_email",
            "address_line",
            "address_line2",
            "postcode",
            "town",
            "country",
            "language",
            "method",
            "electronic_only",
            "parent",
        ]
        help_texts: ClassVar = {
            "electronic_only": gettext_lazy(
                "Fakturaen holdes tilbake når kunden ikke kan ta den imot elektronisk. Den går aldri som e-post eller print."
            ),
        }

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.initial["made_of"] = _stamp(self.instance)
        self.initial["parent"] = self.instance.parent  # shown by its number
        company = self.instance.company
        self.fields["parent"].queryset = company.customers.all()  # type: ignore[attr-defined]
        chosen = [(method.value, method_words(method, company)) for method in methods_for(company)]
        self.fields["method"] = forms.ChoiceField(
            label=_("Distribusjonsmåte"), choices=[*chosen, ("", method_words("", company))], required=False
        )
        for field in self.fields.values():
            field.widget.attrs["class"] = "in"
            field.label = str(field.label)[:1].upper() + str(field.label)[1:]

    def clean_org_number(self) -> str:
        return "".join(self.cleaned_data["org_number"].split())

    def clean_country(self) -> str:
        country = str(self.cleaned_data["country"]).upper()
        if not (country.isascii() and country.isalpha() and len(country) == 2):
            raise ValidationError(_("Skriv landet med to bokstaver, for eksempel NO."))
        return country

    def clean_number(self) -> str:
        number = str(self.cleaned_data["number"])
        taken = self.instance.company.customers.filter(number=number).exclude(pk=self.instance.pk).first()
        if taken:
            raise ValidationError(_("Kundenummeret brukes alt av %(name)s. Velg et annet.") % {"name": taken.name})
        return number

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("made_of", "") != self.initial["made_of"]:
            words = _("Noen andre har endret kunden mens du skrev. Se over og lagre på nytt; det du skrev, står her.")
            self.add_error(None, ValidationError(words, code=CHANGED_MEANWHILE))
        return cleaned

    @property
    def changed_meanwhile(self) -> bool:
        return self.has_error(NON_FIELD_ERRORS, CHANGED_MEANWHILE)

    @property
    def changed(self) -> list[str]:
        """Fields where the user typed something else than what is stored."""
        return [name for name in self.changed_data if name != "made_of"]

    @property
    def stored(self) -> list[tuple[str, str]]:
        """Their labels, and what is stored."""
        return [(str(self[name].label), self._stored_words(name)) for name in self.changed]

    def _stored_words(self, name: str) -> str:
        value = self.initial[name]
        if isinstance(value, bool):
            return _("Ja") if value else _("Nei")
        choices = dict(getattr(self.fields[name], "choices", ()) if name != "parent" else ())
        return str(choices.get(value, value or "–"))

    def renew(self) -> None:
        """What the user sees from here on is today's state."""
        assert isinstance(self.data, QueryDict)
        data = self.data.copy()
        data["made_of"] = self.initial["made_of"]
        self.data = data


def _stamp(customer: Customer) -> str:
    """The method stands in it too: an activation changes it and nothing else."""
    return "" if customer._state.adding else f"{customer.changed_at.isoformat()}|{customer.method}"
