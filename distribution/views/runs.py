"""«Utsendelser»: runs, and one run's report that balances."""

from collections.abc import Iterator
from math import ceil

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from customers.access import companies_for
from customers.models import User
from distribution.access import run_for
from distribution.delivery import undo
from distribution.models import Delivery, Invoice, Run
from distribution.models.invoice import FROM_PAGE
from distribution.reasons import in_words, invoice_named_in
from distribution.report import COLUMNS, balances, labels, report, reports_of
from distribution.report_file import HEAD, report_chunks
from distribution.spreadsheet import Cells
from distribution.states import ChannelName, Status
from distribution.views.downloads import as_csv, as_workbook
from distribution.views.frame import current_company, without_company

PAGE = 20


@login_required
def run_list(request: HttpRequest) -> HttpResponse:
    company = current_company(request)
    if company is None:
        return without_company(request)
    runs = Run.objects.filter(invoices__company=company).distinct().select_related("user").order_by("-pk")
    page = Paginator(runs, PAGE).get_page(request.GET.get("side"))
    figures = reports_of(page, Invoice.objects.filter(company=company))
    rows = [(run, figures[run.pk]) for run in page]
    return render(request, "distribution/run_list.html", {"page": page, "rows": rows, "labels": labels()})


@login_required
@require_POST
def undo_run(request: HttpRequest, run_id: int) -> HttpResponse:
    """«Angre» (R40). Also a moment too late it stops what no worker has begun, and says what it could not stop."""
    run = run_for(request.user, run_id)
    assert isinstance(request.user, User)  # signed in
    if run.source != FROM_PAGE:
        messages.error(request, _("Bare utsendelser som er startet på en side, kan angres. Ingenting er endret."))
        return redirect("run", run.pk)
    mine = Invoice.objects.filter(run=run, company__in=companies_for(request.user))
    stopped = undo(Delivery.objects.filter(invoice__in=mine), request.user)
    gone = mine.exclude(last_delivery__status=Status.CANCELLED).count()
    messages.add_message(request, messages.WARNING if gone else messages.SUCCESS, _undone(stopped, gone))
    return redirect("run", run.pk)


@login_required
def run_page(request: HttpRequest, run_id: int) -> HttpResponse:
    """The part of the run that the user may see. With htmx only the report, asked again while something waits."""
    run = run_for(request.user, run_id)
    invoices = Invoice.objects.filter(run=run, company__in=companies_for(request.user))
    figures, heads = report(invoices), labels()
    held = invoices.filter(last_delivery__status__in=[Status.HELD, Status.FAILED, Status.UNCERTAIN]).select_related(
        "last_delivery", "company"
    )
    context = {
        "run": run,
        "figures": [(name if name in ChannelName else "", heads[name], figures[name]) for name in COLUMNS[1:]],
        "total": figures["in"],
        "balances": balances(figures),
        "undo": run.source == FROM_PAGE and figures["waiting"],
        "seconds": _seconds_left(run),
        "waiting": figures["waiting"],
        "stopped": [
            (invoice, in_words(invoice.last_delivery.reasons), invoice_named_in(invoice.last_delivery.reasons))
            for invoice in held.order_by("pk")[:200]
            if invoice.last_delivery
        ],
    }
    partial = getattr(request, "htmx", False)
    return render(request, "distribution/_report.html" if partial else "distribution/run.html", context)


@login_required
def run_workbook(request: HttpRequest, run_id: int) -> HttpResponseBase:
    """The report to open in Excel: the user's part of the run."""
    chunks, name = _report_of(request, run_id)
    return as_workbook(chunks, name, _("Utsendelse"), head=HEAD)


@login_required
def run_file(request: HttpRequest, run_id: int) -> HttpResponseBase:
    """The same for other programs."""
    chunks, name = _report_of(request, run_id)
    return as_csv(chunks, name)


def _report_of(request: HttpRequest, run_id: int) -> tuple[Iterator[list[Cells]], str]:
    run = run_for(request.user, run_id)
    mine = Invoice.objects.filter(run=run, company__in=companies_for(request.user))
    return report_chunks(mine, get_language() or "nb"), f"utsendelse-{run.pk}"


def _seconds_left(run: Run) -> int:
    return max(0, ceil((run.starts_at - timezone.now()).total_seconds()))


def _undone(stopped: int, gone: int) -> str:
    said = ngettext("%(number)s faktura er stoppet.", "%(number)s fakturaer er stoppet.", stopped) % {"number": stopped}
    if not gone:
        return said
    words = ngettext(
        "%(number)s var alt tatt hånd om og er ikke stoppet.",
        "%(number)s var alt tatt hånd om og er ikke stoppet.",
        gone,
    )
    return f"{said} {words % {'number': gone}}"
