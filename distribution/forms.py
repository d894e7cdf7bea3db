"""Forms of distribution's pages. Each error says what to do."""

import difflib
import re
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from customers.models import Company
from distribution.channels.email.words import PLACEHOLDERS
from distribution.choices import CHANGEABLE
from distribution.models import DistributionSettings

FIELD_IN_TEXT = re.compile(r"\{([^{}\s]{1,40})\}")


class AgreementForm(forms.Form):
    """The terms, accepted by name (R2)."""

    name = forms.CharField(label=gettext_lazy("Navnet ditt"), max_length=200)
    terms = forms.BooleanField(
        label=gettext_lazy("Jeg godtar vilkårene på vegne av firmaet"),
        error_messages={"required": gettext_lazy("Sett kryss for at du godtar vilkårene.")},
    )

    def __init__(self, company: Company, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self._company = company

    def clean(self) -> dict[str, Any]:
        if not self._company.org_number and not self._company.is_demo:
            raise ValidationError(_("Firmaet må ha et gyldig organisasjonsnummer før det kan inngå avtale."))
        return self.cleaned_data


class ProviderAccountForm(forms.Form):
    """A company's keys at the provider. What was typed in the key's field is never sent back to the browser."""

    company_uuid = forms.UUIDField(
        label=gettext_lazy("Firma-id (company UUID)"),
        error_messages={
            "invalid": gettext_lazy("Dette er ikke en UUID. Den ser slik ut: 01234567-89ab-cdef-0123-456789abcdef.")
        },
    )
    user_api_key = forms.CharField(
        label=gettext_lazy("Brukernøkkel (user API key)"),
        min_length=8,
        max_length=200,
        widget=forms.PasswordInput(attrs={"class": "in", "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.fields["company_uuid"].widget.attrs |= {"class": "in", "autocomplete": "off"}


class SettingsForm(forms.ModelForm[DistributionSettings]):
    """`made_of` is the state that the user saw: a colleague's change in between is told, never written over."""

    made_of = forms.CharField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = DistributionSettings
        fields: ClassVar = list(CHANGEABLE)

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.initial["made_of"] = _stamp(self.instance)
        self.fields["kid_length"].required = False

    def clean_kid_length(self) -> int:
        """Left empty it stays as it is."""
        return int(self.cleaned_data["kid_length"] or self.initial["kid_length"])

    def clean_email_text_nb(self) -> str:
        return _with_known_fields(self.cleaned_data["email_text_nb"])

    def clean_email_text_en(self) -> str:
        return _with_known_fields(self.cleaned_data["email_text_en"])

    @property
    def edited(self) -> list[str]:
        """Fields that say something else than what is stored."""
        return [name for name in CHANGEABLE if _alike(self._shown(name)) != _alike(self.initial[name])]

    def _shown(self, name: str) -> object:
        """A length left empty stays as it is."""
        value = self[name].value()
        return self.initial[name] if name == "kid_length" and value in (None, "") else value

    def changed_meanwhile(self, now: DistributionSettings) -> bool:
        seen = parse_datetime(self.cleaned_data["made_of"] or "")
        return now.pk is not None and _exists(now) and seen != now.changed_at

    def renew(self, now: DistributionSettings) -> None:
        """What the user sees from here on is today's state."""
        assert isinstance(self.data, QueryDict)
        data = self.data.copy()
        data["made_of"] = _stamp(now)
        self.data = data


def _alike(value: object) -> object:
    """A browser ends lines its own way, and the form strips what is saved."""
    return value if isinstance(value, bool) else _lines(str(value or "")).strip()


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n")


def _exists(now: DistributionSettings) -> bool:
    return not now._state.adding


def _stamp(settings: DistributionSettings) -> str:
    return "" if settings._state.adding else settings.changed_at.isoformat()


def _with_known_fields(typed: str) -> str:
    text = _lines(typed)
    for name in FIELD_IN_TEXT.findall(text):
        if name not in PLACEHOLDERS:
            near = difflib.get_close_matches(name, PLACEHOLDERS, 1, 0.4)
            hint = _(" Mente du {%(near)s}?") % {"near": near[0]} if near else ""
            raise ValidationError(_("Feltet {%(name)s} finnes ikke.") % {"name": name} + hint)
    return text
