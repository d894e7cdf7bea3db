"""«Aktivering», the rows: each customer with method now, proposal, channel and why, and what is missing with where it is filled in."""

from typing import Any, ClassVar
from urllib.parse import quote

from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.translation import gettext as _

from customers.models import Customer, Kind, Method
from distribution.documents.text import org_number
from distribution.models import Prediction
from distribution.reasons import in_words
from distribution.states import ChannelName
from distribution.views.predicted import missing_words


def rows_of(shown: list[Customer], back: str = "") -> list[dict[str, Any]]:
    """`back`: the list that what fills in a missing thing leads back to."""
    words = _Words(back)
    return [_row(customer, words) for customer in shown]


def method_label(method: str, *, activated: bool = False) -> str:
    """«Skriv ut og send selv» is the name before activation of what is «Ikke send …» after it."""
    if method == Method.SELF and not activated:
        return _("Skriv ut og send selv")
    return str(Method(method).label) if method else _("Som hovedkunden")


class _Words:
    """What stands in every row is looked up once: the page is mostly these."""

    fields: ClassVar = {"org_number": "org_number", "email": "email", "address": "address_line"}

    def __init__(self, back: str) -> None:
        self.methods = {method: method_label(method) for method in ("", *Method.values)}
        self.kinds = {kind.value: str(kind.label) for kind in Kind}
        self.options = {str(method): _options(method) for method in (Method.AUTOINVOICE, Method.SELF)}
        self.missing = dict(zip(self.fields, missing_words(list(self.fields)), strict=True))
        self.choose, self.method_for = _("Velg %(name)s"), _("Ny distribusjonsmåte for %(name)s")
        self.edited_by, self.fill_in = _("Endret av %(name)s"), _("Fyll inn %(what)s for %(name)s")
        self.channels = {name.value: (name.value, str(name.label)) for name in ChannelName}
        self.waits, self.held = ("wait", _("Venter på oppslag")), ("onhold", _("Holdt tilbake"))
        self.unknown = ("wait", _("Regnes ut …"))
        self._back, self._form = quote(back, safe=""), reverse("edit-customer", args=[0])

    def channel(self, prediction: Prediction | None) -> tuple[str, str]:
        """The class of its pictogram, and its name."""
        if prediction is None:
            return self.unknown
        without = self.waits if prediction.waits_after else self.held
        return self.channels[prediction.channel_after] if prediction.channel_after else without

    def fixes(self, customer: Customer, missing: list[str]) -> list[dict[str, str]]:
        """The field of the customer's form to fill in, from where saving leads back to his row of the list."""
        form = self._form.replace("/0/", f"/{customer.pk}/") + f"?neste={self._back}%23metode-{customer.pk}"
        return [
            {
                "href": f"{form}#id_{self.fields[name]}",
                "words": self.missing[name],
                "label": self.fill_in % {"what": self.missing[name], "name": customer.name},
            }
            for name in missing
        ]


def _options(chosen: Method) -> str:
    """Of a proposal's list, the same in every row with that proposal."""
    methods = [(m.value, " selected" if m == chosen else "", m.label) for m in (Method.AUTOINVOICE, Method.SELF)]
    return format_html_join("", '<option value="{}"{}>{}</option>', methods)


def _row(customer: Customer, words: _Words) -> dict[str, Any]:
    prediction: Prediction | None = getattr(customer, "prediction", None)
    edited = getattr(customer, "proposal_edit", None)
    missing = prediction.missing if prediction else []
    mark, label = words.channel(prediction)
    return {
        "customer": customer,
        "pk": str(customer.pk),  # a number would be written out as the language writes numbers
        "name": customer.name,
        "number": customer.number,
        "archived": customer.archived,
        "org_number": org_number(customer.org_number) or words.kinds[customer.kind],
        "choose": words.choose % {"name": customer.name},
        "method_for": words.method_for % {"name": customer.name},
        "now": words.methods[customer.method_now],  # type: ignore[attr-defined]  # annotated by propose()
        "proposed": customer.proposed,  # type: ignore[attr-defined]
        "options": words.options[customer.proposed],  # type: ignore[attr-defined]
        "edited": words.edited_by % {"name": edited.user or "–"} if edited else "",
        "channel": prediction.channel_after if prediction else "",
        "mark": mark,
        "label": label,
        "reason": in_words(prediction.reasons_after) if prediction else "",
        "missing": [words.missing[name] for name in missing],
        "fixes": words.fixes(customer, missing) if missing else [],
    }
