"""Forms of the pages about customers and the company. Each error says what to do; what always holds is checked by the model."""

import hashlib
import json
from typing import Any, ClassVar, TypeVar

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models
from django.db.models import Q
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from customers.identifiers import clean_account, clean_org_number, peppol_id_of
from customers.models import Company, Customer, Role, method_words, methods_for
from customers.tables import FIELDS

CHANGED_MEANWHILE = "changed_meanwhile"
Row = TypeVar("Row", bound=models.Model)


class SharedForm(forms.ModelForm[Row]):
    """Of a row that several edit. `made_of` is the state that the user saw: a colleague's change in between is told, never
    written over. The instance is read in the transaction that saves it."""

    made_of = forms.CharField(widget=forms.HiddenInput, required=False)
    meanwhile: ClassVar[str | Promise]  # says that a colleague was here

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.initial["made_of"] = self.stamp()

    def stamp(self) -> str:
        raise NotImplementedError

    def clean_country(self) -> str:
        country = str(self.cleaned_data["country"]).upper()
        if not (country.isascii() and country.isalpha() and len(country) == 2):
            raise ValidationError(_("Skriv landet med to bokstaver, for eksempel NO."))
        return country

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("made_of", "") != self.initial["made_of"]:
            self.add_error(None, ValidationError(str(self.meanwhile), code=CHANGED_MEANWHILE))
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

    def dress(self) -> None:
        for field in self.fields.values():
            field.widget.attrs["class"] = "in"
            field.label = str(field.label)[:1].upper() + str(field.label)[1:]


class CustomerForm(SharedForm[Customer]):
    """The instance carries the company."""

    meanwhile = gettext_lazy(
        "Noen andre har endret kunden mens du skrev. Se over og lagre på nytt; det du skrev, står her."
    )
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
        fields: ClassVar = list(FIELDS)  # what can be typed can be imported
        help_texts: ClassVar = {
            "electronic_only": gettext_lazy(
                "Fakturaen holdes tilbake når kunden ikke kan ta den imot elektronisk. Den går aldri som e-post eller print."
            ),
        }

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.initial["parent"] = self.instance.parent  # shown by its number
        company = self.instance.company
        self.fields["parent"].queryset = company.customers.all()  # type: ignore[attr-defined]
        chosen = [(method.value, method_words(method, company)) for method in methods_for(company)]
        self.fields["method"] = forms.ChoiceField(
            label=_("Distribusjonsmåte"), choices=[*chosen, ("", method_words("", company))], required=False
        )
        self.dress()

    def as_stored(self) -> dict[str, str]:
        """What the browser would post of a form in which nothing was typed."""
        shown = {name: self.initial[name] for name in self.Meta.fields if name not in ("parent", "electronic_only")}
        stored = {name: str(value) for name, value in shown.items()}
        stored["parent"] = self.instance.parent.number if self.instance.parent else ""
        return {**stored, "electronic_only": "on"} if self.instance.electronic_only else stored

    def clean_org_number(self) -> str:
        return "".join(self.cleaned_data["org_number"].split())

    def stamp(self) -> str:
        """The method stands in it too: an activation changes it and nothing else."""
        customer = self.instance
        return "" if customer._state.adding else f"{customer.changed_at.isoformat()}|{customer.method}"

    def clean_number(self) -> str:
        number = str(self.cleaned_data["number"])
        taken = self.instance.company.customers.filter(number=number).exclude(pk=self.instance.pk).first()
        if taken:
            raise ValidationError(_("Kundenummeret brukes alt av %(name)s. Velg et annet.") % {"name": taken.name})
        return number


class CompanyForm(SharedForm[Company]):
    """`locked` says why the org.nr can't be changed any more; empty while it can."""

    meanwhile = gettext_lazy(
        "Noen andre har endret firmaet mens du skrev. Se over og lagre på nytt; det du skrev, står her."
    )
    org_number = forms.CharField(label=gettext_lazy("Organisasjonsnummer"), max_length=20, required=False)
    email = forms.EmailField(label=gettext_lazy("E-post"), max_length=254, required=False)
    bank_account = forms.CharField(
        label=gettext_lazy("Kontonummer"),
        help_text=gettext_lazy("Elleve siffer, eller et IBAN. Kundene betaler hit."),
        max_length=50,
        required=False,
    )

    class Meta:
        model = Company
        fields: ClassVar = [
            "name",
            "org_number",
            "email",
            "phone",
            "address_line",
            "address_line2",
            "postcode",
            "town",
            "country",
            "bank_account",
            "language",
        ]

    def __init__(self, *args: Any, locked: str = "", **named: Any) -> None:
        self._locked = locked
        super().__init__(*args, **named)
        self.fields["org_number"].disabled = bool(locked)  # whatever is posted for it is not read
        self.fields["org_number"].help_text = locked
        self.dress()

    def stamp(self) -> str:
        """All that the page shows, and whether the number was locked: a company has no time of change."""
        facts = [self.instance.pk, bool(self._locked), *(self.initial[name] for name in self.Meta.fields)]
        return hashlib.sha256(json.dumps(facts).encode()).hexdigest()

    def clean_org_number(self) -> str:
        typed, before = self.cleaned_data["org_number"], self.initial["org_number"]
        if self._locked:
            return str(before)
        if not typed:
            if before:
                raise ValidationError(_("Skriv organisasjonsnummeret. Det kan byttes, men ikke fjernes."))
            return ""
        number = clean_org_number(typed)
        same = Q(org_number=number) | Q(peppol_id=peppol_id_of(number))
        if Company.objects.filter(same).exclude(pk=self.instance.pk).exists():
            raise ValidationError(_("Et annet firma er alt registrert med dette nummeret. Kontakt kundestøtte."))
        return number

    def clean_bank_account(self) -> str:
        typed = self.cleaned_data["bank_account"]
        return clean_account(typed) if typed else ""

    def columns_to_save(self) -> list[str]:
        """Of a valid form. The Peppol-id follows the org.nr that it was made of; one of another kind stays."""
        if "org_number" not in self.changed:
            return self.changed
        before, now = self.initial["org_number"], self.instance
        if now.peppol_id not in ("", peppol_id_of(before)):
            return self.changed
        now.peppol_id = peppol_id_of(now.org_number)
        return [*self.changed, "peppol_id"]


class MemberForm(forms.Form):
    """`company` is the one that the page showed: the user may have chosen another in the next tab."""

    company = forms.IntegerField(widget=forms.HiddenInput)
    email = forms.EmailField(
        label=gettext_lazy("E-post"),
        max_length=254,
        widget=forms.EmailInput(attrs={"class": "in", "autocomplete": "off"}),
    )
    role = forms.ChoiceField(
        label=gettext_lazy("Rolle"),
        help_text=gettext_lazy("Administratoren inngår avtaler, aktiverer og bestemmer hvem som er brukere."),
        choices=Role.choices,
        initial=Role.ACCOUNTANT,
        widget=forms.Select(attrs={"class": "in"}),
    )

    def __init__(self, company: Company, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self._company = company
        self.initial["company"] = company.pk

    def clean(self) -> dict[str, Any]:
        if self.cleaned_data.get("company") != self._company.pk:
            self.renew()
            words = _("Du arbeider nå i %(company)s. Se over og legg til på nytt hvis det er her brukeren skal inn.")
            raise ValidationError(words % {"company": self._company.name})
        return self.cleaned_data

    def renew(self) -> None:
        """What the user sees from here on is the company he works in."""
        self.data = {**self.data.dict(), "company": str(self._company.pk)}  # type: ignore[attr-defined]
