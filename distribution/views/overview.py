"""«Oversikt»: what went today, what is on its way, and what needs the reader; for his other companies a line each."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from customers.access import companies_for
from customers.models import Company
from distribution.models import Invoice
from distribution.overview import Standing, last_runs, sent_per_week, sent_today, standing
from distribution.print_cost import saved_by
from distribution.report import balances, labels
from distribution.states import ChannelName
from distribution.views.chart import chart_of
from distribution.views.frame import of_company


@of_company
def home(request: HttpRequest, company: Company) -> HttpResponse:
    companies = list(companies_for(request.user))
    stands = standing(companies)
    context = {
        "stands": stands.get(company.pk, Standing()),
        "lines": [(one, stands.get(one.pk, Standing())) for one in companies] if len(companies) > 1 else [],
        **(_figures(company) if Invoice.objects.filter(company=company).exists() else {"empty": True}),
    }
    return render(request, "distribution/overview.html", context)


def _figures(company: Company) -> dict[str, object]:
    today, runs, weeks = sent_today(company), last_runs(company), sent_per_week(company)
    return {
        "today": [(name, name.label, number) for name, number in today.items()],
        "today_total": sum(today.values()),
        "runs": [(run, figures, balances(figures)) for run, figures in runs],
        "labels": labels(),
        "chart": chart_of(weeks),
        "saved": saved_by(company, sum(week.sent[ChannelName.EINVOICE] for week in weeks)),
        "channels": [(name, name.label) for name in ChannelName],
    }
