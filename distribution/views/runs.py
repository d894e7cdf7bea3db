"""«Utsendelser»: runs, and one run's report that balances."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from customers.access import companies_for
from distribution.access import run_for
from distribution.models import Invoice, Run
from distribution.reasons import in_words, invoice_named_in
from distribution.report import COLUMNS, balances, labels, report
from distribution.states import ChannelName, Status
from distribution.views.frame import current_company, without_company

PAGE = 20


@login_required
def run_list(request: HttpRequest) -> HttpResponse:
    company = current_company(request)
    if company is None:
        return without_company(request)
    runs = Run.objects.filter(invoices__company=company).distinct().select_related("user").order_by("-pk")
    page = Paginator(runs, PAGE).get_page(request.GET.get("side"))
    rows = [(run, report(Invoice.objects.filter(run=run, company=company))) for run in page]
    return render(request, "distribution/run_list.html", {"page": page, "rows": rows, "labels": labels()})


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
        "waiting": figures["waiting"],
        "stopped": [
            (invoice, in_words(invoice.last_delivery.reasons), invoice_named_in(invoice.last_delivery.reasons))
            for invoice in held.order_by("pk")[:200]
            if invoice.last_delivery
        ],
    }
    partial = getattr(request, "htmx", False)
    return render(request, "distribution/_report.html" if partial else "distribution/run.html", context)
