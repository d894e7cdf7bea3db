"""The company's address: an admin asks for the link, and whoever reads the mail confirms it, without signing in."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from customers.models import Company
from customers.verification import Claim, NotSent, claim_of, send_link, verify
from distribution.views.frame import for_admins


@for_admins
@require_POST
def send_verification(request: HttpRequest, company: Company) -> HttpResponse:
    if not company.email or company.email_verified:
        messages.info(request, _("Det er ingen adresse å bekrefte."))
        return redirect("company")
    try:
        send_link(company)
    except NotSent as refusal:
        messages.error(request, refusal.messages[0])
    else:
        words = _("Vi har sendt en e-post til %(email)s. Åpne lenken i den for å bekrefte adressen.")
        messages.success(request, words % {"email": company.email})
    return redirect("company")


@require_http_methods(["GET", "HEAD", "POST"])
def verify_email(request: HttpRequest, token: str) -> HttpResponse:
    """Looking changes nothing: the scanners of mail servers look at every link."""
    claim = claim_of(token)
    if claim is None:
        return _page(request, "gone", status=404)
    with translation.override(claim.company.language):
        if not claim.pending:
            return _page(request, "changed", claim, status=409)
        if request.method != "POST":
            return _page(request, "done" if claim.company.email_verified else "ask", claim)
        return _page(request, "done", claim) if verify(claim) else _page(request, "changed", claim, status=409)


def _page(request: HttpRequest, state: str, claim: Claim | None = None, status: int = 200) -> HttpResponse:
    facts = {"state": state, "email": claim.email if claim else "", "name": claim.company.name if claim else ""}
    answer = render(request, "distribution/verify_email.html", facts, status=status)
    answer["Cache-Control"] = "private, no-store"
    answer["Referrer-Policy"] = "no-referrer"
    answer["X-Robots-Tag"] = "noindex, nofollow"
    return answer
