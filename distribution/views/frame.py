"""What every page's frame needs: the user's companies and the one he works in."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from customers.access import companies_for, company_for
from customers.models import Company, Language, User

CHOSEN = "company"


def frame(request: HttpRequest) -> dict[str, Any]:
    """Context of every template; one query for the companies, none for strangers."""
    if not request.user.is_authenticated:
        return {}
    companies = list(companies_for(request.user))
    return {"companies": companies, "company": _chosen(request, companies)}


def current_company(request: HttpRequest) -> Company | None:
    return _chosen(request, list(companies_for(request.user)))


@login_required
@require_POST
def choose_company(request: HttpRequest, company_id: int) -> HttpResponse:
    request.session[CHOSEN] = company_for(request.user, company_id).pk
    return redirect("invoices")


@login_required
@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    language = request.POST.get("language")
    if isinstance(request.user, User) and language in Language.values:
        request.user.language = language
        request.user.save(update_fields=["language"])
    after = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(after, {request.get_host()}, require_https=request.is_secure())
    return redirect(after if safe else "home")


def without_company(request: HttpRequest) -> HttpResponse:
    return render(request, "distribution/no_company.html")


def _chosen(request: HttpRequest, companies: list[Company]) -> Company | None:
    wanted = request.session.get(CHOSEN)
    return next((company for company in companies if company.pk == wanted), companies[0] if companies else None)
