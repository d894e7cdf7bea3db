"""A run's report on paper: the figures that balance, and below them its invoices."""

from dataclasses import dataclass

from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import get_language

from distribution.documents.pdf import lay_out
from distribution.models import Invoice, Run
from distribution.reasons import in_words
from distribution.report import COLUMNS, balances, labels, report

MOST = 500  # invoices on paper; the file for a spreadsheet has them all


@dataclass(frozen=True, slots=True)
class Row:
    invoice: Invoice
    reason: str


def as_pdf(run: Run, invoices: QuerySet[Invoice]) -> bytes:
    """In the active language. `invoices` are those of the run that the reader may see."""
    figures, heads = report(invoices), labels()
    context = {
        "run": run,
        "made_at": timezone.now(),
        "companies": list(invoices.order_by("company__name").values_list("company__name", flat=True).distinct()),
        "figures": [(heads[name], figures[name]) for name in COLUMNS[1:]],
        "total": figures["in"],
        "balances": balances(figures),
        "rows": _rows(invoices),
        "most": MOST,
        "language": get_language(),
    }
    return lay_out(render_to_string("documents/report.html", context), "documents/report.css")


def _rows(invoices: QuerySet[Invoice]) -> list[Row]:
    shown = invoices.select_related("last_delivery", "company").order_by("pk")[:MOST]
    return [Row(one, in_words(one.last_delivery.reasons) if one.last_delivery else "") for one in shown]
