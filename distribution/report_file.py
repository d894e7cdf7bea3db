"""A run's report as a file that Excel opens: the balanced figures, and below them a row for each invoice."""

from collections.abc import Iterator
from itertools import islice

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import override

from distribution.models import Invoice
from distribution.reasons import in_words
from distribution.report import COLUMNS, labels, report
from distribution.spreadsheet import Cells
from distribution.states import ChannelName, Status

CHUNK = 1000
HEAD = len(COLUMNS) + 2
COLLECTED = (
    "number",
    "buyer_name",
    "company__is_test",
    "last_delivery__channel",
    "last_delivery__status",
    "last_delivery__reasons",
)


def report_chunks(invoices: QuerySet[Invoice], language: str) -> Iterator[list[Cells]]:
    """The row HEAD names the columns of the invoices. Another language may be active when the chunks are read."""
    with override(language):
        first = [*_figures(invoices), [], [_("Nummer"), _("Kunde"), _("Kanal"), _("Status"), _("Hvorfor")]]
    yield first
    rows = _rows(invoices)
    while True:
        with override(language):
            chunk = list(islice(rows, CHUNK))
        if not chunk:
            return
        yield chunk


def _figures(invoices: QuerySet[Invoice]) -> list[Cells]:
    figures, heads = report(invoices), labels()
    return [[heads[name], figures[name]] for name in (*COLUMNS[1:], "in")]


def _rows(invoices: QuerySet[Invoice]) -> Iterator[Cells]:
    """Plain values and words looked up once: a run may have a hundred thousand."""
    words = {str(value): str(label) for value, label in (*ChannelName.choices, *Status.choices)}
    for number, buyer, is_test, channel, status, reasons in invoices.order_by("pk").values_list(*COLLECTED).iterator():
        mark = "TEST · " if is_test else ""  # R17
        yield [number, buyer, words.get(channel, ""), mark + words.get(status, ""), in_words(reasons or [])]
