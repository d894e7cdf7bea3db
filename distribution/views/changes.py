"""«Endringer» of one customer in the reader's words: what people, files and invoices changed, and what the activation did (R7)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _

from customers.history import ARCHIVED, NATIONAL_ID, NEW
from customers.models import ChangedBy, Company, Customer, CustomerChange, Kind, Language, User, method_words
from customers.tables import label_of
from distribution.models import BouncedAddress, MethodChange

SHOWN_CHANGES = 50


@dataclass(frozen=True, slots=True)
class Change:
    at: datetime
    who: User | None
    what: str
    before: str
    after: str
    by: str  # what it came with, where it was not the page


def changes_of(customer: Customer) -> list[Change]:
    """Newest first, at most fifty."""
    company = customer.company
    rows = customer.changes.select_related("user").order_by("-at", "-pk")[:SHOWN_CHANGES]
    shown = [*(_change(row, company) for row in rows), *_by_activation(customer), *_by_bounces(customer)]
    return sorted(shown, key=lambda change: change.at, reverse=True)[:SHOWN_CHANGES]


def _change(row: CustomerChange, company: Company) -> Change:
    by = "" if row.changed_by == ChangedBy.PAGE else str(ChangedBy(row.changed_by).label)
    if row.name == NEW:
        return Change(row.at, row.user, _("Kunden ble opprettet"), "", "", by)
    if row.name == ARCHIVED:
        what = _("Arkivert") if row.after else _("Hentet fram igjen")
        return Change(row.at, row.user, what, "", "", by)
    if row.name == NATIONAL_ID:
        what = _("Fødselsnummer registrert") if row.after else _("Fødselsnummer fjernet")
        return Change(row.at, row.user, what, "", "", by)
    before, after = (_in_words(row.name, value, company) for value in (row.before, row.after))
    return Change(row.at, row.user, label_of(row.name), before, after, by)


def _by_activation(customer: Customer) -> list[Change]:
    """One at most: a company is activated once."""
    rows = MethodChange.objects.filter(activation__company=customer.company_id, customer_id=customer.pk)
    changed = rows.exclude(before=F("after")).select_related("activation__user")
    return [
        Change(
            row.activation.at,
            row.activation.user,
            label_of("method"),
            _in_words("method", row.before, None),
            _in_words("method", row.after, customer.company),
            _("Aktivering"),
        )
        for row in changed
    ]


def _by_bounces(customer: Customer) -> list[Change]:
    """Addresses that came back, and what a person said of them since."""
    changes = []
    for row in (
        BouncedAddress.objects.filter(customer=customer).select_related("cleared_by").order_by("-pk")[:SHOWN_CHANGES]
    ):
        changes.append(Change(row.at, None, _("E-posten kom i retur"), row.address, "", _("Mailtjeneren")))
        if row.cleared_at is not None:
            changes.append(Change(row.cleared_at, row.cleared_by, _("Adressen brukes igjen"), "", row.address, ""))
    return changes


def _in_words(name: str, value: Any, company: Company | None) -> str:
    """Without a company: as a method was called before its activation."""
    if isinstance(value, bool):
        return _("Ja") if value else _("Nei")
    if name == "method":
        return method_words(value, company or Company())
    choices: dict[str, Any] = {"kind": Kind, "language": Language}
    return str(choices[name](value).label) if name in choices else str(value)
