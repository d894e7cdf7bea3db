"""«Oppgaver»: everything that needs a person, in the company he works in or in all of his."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from customers.access import companies_for, company_for
from customers.models import Company, Membership, User
from distribution.delivery import LostClaim, resend
from distribution.delivery.ordering import NotNow
from distribution.ready import ready
from distribution.states import Status
from distribution.tasks import ring
from distribution.views import remembered
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
    if left := remembered.as_left(request, company, _kept(status, everywhere)):
        return left
    start = _key(request.GET.get("etter", ""))
    shown, numbers = part(asked, status=status, after=start), counts(asked)
    context = {
        "groups": grouped(shown.deliveries),
        "after_start": start > 0,
        # As text: a number in a link would be written with the language's separators.
        "after": str(shown.after or ""),
        "status": status,
        "filters": remembered.in_words([(_("Status"), dict(Status.choices).get(status))]),
        "everywhere": everywhere,
        "several": len(companies) > 1,
        "total": numbers.total(),
        "ready": [row.pk for row in ready(asked)] if numbers[Status.HELD] else [],
        "memberships": _memberships(request, asked).order_by("company__name", "company"),
        "states": [(name.value, Status(name).label, numbers[name]) for name in ORDER],
    }
    return render(request, "distribution/worklist.html", context)


@of_company
@require_POST
def send_ready(request: HttpRequest, company: Company) -> HttpResponse:
    """«Send de N som nå kan gå» (R24): those that the user saw, whichever company he has gone to in another tab."""
    assert isinstance(request.user, User)  # signed in
    seen, sent = set(request.POST.getlist("kan")), 0
    for row in ready(companies_for(request.user)):
        if str(row.pk) not in seen:
            continue
        try:
            resend(row.invoice, request.user)
        except (NotNow, LostClaim):  # a colleague was faster
            continue
        ring(row.invoice.run)
        sent += 1
    words = ngettext("%(number)s faktura er lagt i kø.", "%(number)s fakturaer er lagt i kø.", sent)
    (messages.success if sent else messages.info)(request, words % {"number": sent})
    return redirect(f"{reverse('worklist')}?alle=1" if "alle" in request.POST else "worklist")


@login_required
@require_POST
def choose_morning_mail(request: HttpRequest, company_id: int) -> HttpResponse:
    """Each member chooses for himself (R39)."""
    wanted = request.POST.get("wanted") == "yes"
    _memberships(request, [company_for(request.user, company_id)]).update(morning_mail=wanted)
    messages.success(request, _("Du får e-post om morgenen.") if wanted else _("Du får ikke e-post om morgenen."))
    return redirect(f"{reverse('worklist')}?alle=1" if request.POST.get("alle") else "worklist")


def _kept(status: str, everywhere: bool) -> dict[str, str]:
    """By the names of the address."""
    return {**({"status": status} if status else {}), **({"alle": "1"} if everywhere else {})}


def _memberships(request: HttpRequest, companies: list[Company]) -> QuerySet[Membership]:
    assert isinstance(request.user, User)  # signed in
    return Membership.objects.filter(user=request.user, company__in=companies).select_related("company")


def _key(text: str) -> int:
    return min(int(text), HIGHEST) if text.isascii() and text.isdigit() and len(text) < 30 else 0
