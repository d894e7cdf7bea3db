"""«Send fakturaer»: many UBL files at once, with the company's own PDFs beside them."""

from collections import Counter
from datetime import timedelta

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from customers.models import Company, User
from distribution.batch import Outcome, Prospect, rehearse, take_in
from distribution.delivery import OpenRun
from distribution.documents.ubl import MAX_BYTES
from distribution.models.invoice import FROM_PAGE
from distribution.reasons import in_words
from distribution.rehearsal import way_of
from distribution.tasks import ring
from distribution.views.frame import of_company


@of_company
def upload_page(request: HttpRequest, company: Company) -> HttpResponse:
    """Files that were refused are told on the page that answers. To post it again is safe: the same bytes are the same
    invoice (R38)."""
    if request.method != "POST":
        return _page(request)
    files = request.FILES.getlist("filer")
    if not files:
        return _page(request, wrong=_("Velg minst én fil."))
    assert isinstance(request.user, User)  # signed in
    if "se" in request.POST:
        return _previewed(request, rehearse(company, files, request.user))
    run = OpenRun(request.user, FROM_PAGE, timedelta(seconds=settings.SEND_DELAY_SECONDS))
    outcomes = take_in(company, files, run=run, user=request.user)
    if run.row is not None and not settings.SEND_DELAY_SECONDS:
        ring(run.row)  # else the sweep finds it when the time to regret is over
    if run.row is None or any(not outcome.new for outcome in outcomes):
        return _told(request, run, outcomes)
    words = ngettext("%(number)s faktura er tatt inn.", "%(number)s fakturaer er tatt inn.", len(outcomes))
    messages.success(request, words % {"number": len(outcomes)})
    return redirect("run", run.row.pk)


def _page(request: HttpRequest, wrong: str = "") -> HttpResponse:
    context = {
        "wrong": wrong,
        "most": settings.DATA_UPLOAD_MAX_NUMBER_FILES,
        "megabytes": MAX_BYTES // 1024 // 1024,
        "delay": settings.SEND_DELAY_SECONDS,
    }
    return render(request, "distribution/upload.html", context, status=422 if wrong else 200)


def _previewed(request: HttpRequest, prospects: list[Prospect]) -> HttpResponse:
    """Nothing is kept: to send them, the files are chosen once more."""
    rows = [(prospect, *way_of(prospect.decision), _why(prospect)) for prospect in prospects]
    going = [(channel, label) for prospect, channel, label, _why in rows if prospect.decision]
    refused, same = sum(bool(each.refused) for each in prospects), sum(bool(each.same_as) for each in prospects)
    context = {"rows": rows, "counts": Counter(going).items(), "refused": refused, "same": same}
    return render(request, "distribution/upload_preview.html", context)


def _why(prospect: Prospect) -> str:
    if prospect.same_as:
        return _("Samme faktura som %(name)s. Den tas inn én gang.") % {"name": prospect.same_as}
    return in_words(prospect.decision.reasons) if prospect.decision else prospect.refused


def _told(request: HttpRequest, run: OpenRun, outcomes: list[Outcome]) -> HttpResponse:
    context = {
        "run": run.row,
        "taken": [outcome for outcome in outcomes if outcome.new],
        "known": [outcome for outcome in outcomes if outcome.invoice and not outcome.new],
        "refused": [outcome for outcome in outcomes if outcome.refused],
        "delay": settings.SEND_DELAY_SECONDS,
    }
    return render(request, "distribution/uploaded.html", context, status=422 if run.row is None else 200)
