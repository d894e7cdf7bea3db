"""A run's report as a file that Excel opens: the balanced figures, and below them a row for each invoice."""

import csv
from collections.abc import Iterator
from io import StringIO

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from distribution.models import Invoice
from distribution.reasons import in_words
from distribution.report import COLUMNS, labels, report

MARK = "\ufeff"  # tells Excel that the file is UTF-8
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
    for invoice in invoices.select_related("last_delivery", "company").order_by("pk").iterator():
        yield [invoice.number, invoice.buyer_name, *_told(invoice)]


def _told(invoice: Invoice) -> list[str]:
    delivery = invoice.last_delivery
    if delivery is None:
        return ["", "", ""]
    mark = "TEST · " if invoice.company.is_test else ""  # R17
    return [delivery.get_channel_display(), mark + delivery.get_status_display(), in_words(delivery.reasons)]


def _harmless(cell: str) -> str:
    """A spreadsheet would reckon a cell that begins like a formula; the numbers and names in here are other people's words."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell
