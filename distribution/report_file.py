"""A run's report as a file that Excel opens: the balanced figures, and below them a row for each invoice."""

import csv
from collections.abc import Iterator
from io import StringIO

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from distribution.models import Invoice
from distribution.reasons import in_words
from distribution.report import COLUMNS, labels, report
from distribution.states import ChannelName, Status

MARK = "\ufeff"  # tells Excel that the file is UTF-8
COLLECTED = (
    "number",
    "buyer_name",
    "company__is_test",
    "last_delivery__channel",
    "last_delivery__status",
    "last_delivery__reasons",
)
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def as_csv(invoices: QuerySet[Invoice]) -> str:
    """In the active language; semicolons, as Excel expects where the comma is a decimal sign."""
    file = StringIO()
    writer = csv.writer(file, delimiter=";")
    figures, heads = report(invoices), labels()
    writer.writerows([heads[name], figures[name]] for name in (*COLUMNS[1:], "in"))
    writer.writerow([])
    writer.writerow([_("Nummer"), _("Kunde"), _("Kanal"), _("Status"), _("Hvorfor")])
    writer.writerows(map(_harmless, row) for row in _rows(invoices))
    return MARK + file.getvalue()


def _rows(invoices: QuerySet[Invoice]) -> Iterator[list[str]]:
    """Plain values and words looked up once: a run may have a hundred thousand."""
    words = {str(value): str(label) for value, label in (*ChannelName.choices, *Status.choices)}
    for number, buyer, is_test, channel, status, reasons in invoices.order_by("pk").values_list(*COLLECTED).iterator():
        mark = "TEST · " if is_test else ""  # R17
        yield [number, buyer, words.get(channel, ""), mark + words.get(status, ""), in_words(reasons or [])]


def _harmless(cell: str) -> str:
    """A spreadsheet would reckon a cell that begins like a formula; the numbers and names in here are other people's words."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell
