"""«Oppgaver»: everything that needs a person, in the company he works in or in all of his."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from customers.access import companies_for
from customers.models import Company
from distribution.states import Status
from distribution.views.frame import of_company
from distribution.worklist import ORDER, counts, grouped, part

HIGHEST = 2**63 - 1  # of the ids that a database takes


@of_company
def worklist_page(request: HttpRequest, company: Company) -> HttpResponse:
    """`status` filters, `etter` is where the page starts, `alle=1` takes in all the reader's companies."""
    everywhere, status = request.GET.get("alle") == "1", request.GET.get("status", "")
    companies = list(companies_for(request.user))
    asked = companies if everywhere else [company]
    status = status if status in ORDER else ""
    start = _key(request.GET.get("etter", ""))
    shown, numbers = part(asked, status=status, after=start), counts(asked)
    context = {
        "groups": grouped(shown.deliveries),
        "after_start": start > 0,
        # As text: a number in a link would be written with the language's separators.
        "after": str(shown.after or ""),
        "status": status,
        "everywhere": everywhere,
        "several": len(companies) > 1,
        "total": numbers.total(),
        "states": [(name.value, Status(name).label, numbers[name]) for name in ORDER],
    }
    return render(request, "distribution/worklist.html", context)


def _key(text: str) -> int:
    return min(int(text), HIGHEST) if text.isascii() and text.isdigit() and len(text) < 30 else 0
