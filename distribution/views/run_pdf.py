"""A run's report as PDF."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse

from customers.access import companies_for
from distribution.access import run_for
from distribution.models import Invoice
from distribution.report_pdf import as_pdf


@login_required
def run_pdf(request: HttpRequest, run_id: int) -> HttpResponse:
    """The user's part of the run."""
    run = run_for(request.user, run_id)
    content = as_pdf(run, Invoice.objects.filter(run=run, company__in=companies_for(request.user)))
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="utsendelse-{run.pk}.pdf"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
