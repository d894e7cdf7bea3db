"""What every page's frame needs: the user's companies and the one he works in."""

from collections.abc import Callable
from copy import copy
from functools import cache, wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from customers.access import admins_of, companies_for, company_for, is_admin
from customers.models import Company, Language, User
from distribution.worklist import count_for

CHOSEN = "company"
View = Callable[..., HttpResponseBase]
CompanyView = Callable[..., HttpResponseBase]  # (request, company, …)


def frame(request: HttpRequest) -> dict[str, Any]:
    """Context of every template; none for strangers. `tasks` asks only where it is shown."""
    if not request.user.is_authenticated:
        return {}
    companies = _companies_of(request)
    company = _chosen(request, companies)
    return {"companies": companies, "company": company, "tasks": cache(lambda: count_for(company) if company else 0)}


def current_company(request: HttpRequest) -> Company | None:
    """A copy: the frame shows what is stored, also around a form that was refused."""
    return copy(_chosen(request, _companies_of(request)))


def of_company(view: CompanyView) -> View:
    """A signed-in user's page about the company he works in: the view gets it; who has none is told so."""

    @login_required
    @wraps(view)
    def page(request: HttpRequest, *args: Any, **named: Any) -> HttpResponseBase:
        company = current_company(request)
        return without_company(request) if company is None else view(request, company, *args, **named)

    return page


def for_admins(view: CompanyView) -> View:
    """As `of_company`; an accountant is told who may (403)."""

    @wraps(view)
    def page(request: HttpRequest, company: Company, *args: Any, **named: Any) -> HttpResponseBase:
        if is_admin(request.user, company):
            return view(request, company, *args, **named)
        return render(request, "distribution/admins_only.html", {"admins": admins_of(company)}, status=403)

    return of_company(page)


@login_required
@require_POST
def choose_company(request: HttpRequest, company_id: int) -> HttpResponse:
    request.session[CHOSEN] = company_for(request.user, company_id).pk
    return redirect(_after(request, "invoices"))


@login_required
@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    language = request.POST.get("language")
    if isinstance(request.user, User) and language in Language.values:
        request.user.language = language
        request.user.save(update_fields=["language"])
    return redirect(_after(request, "home"))


def ours(request: HttpRequest, address: str) -> str:
    """The address if it is one of our pages, else nothing: what the reader's address names is never followed elsewhere."""
    safe = url_has_allowed_host_and_scheme(address, {request.get_host()}, require_https=request.is_secure())
    return address if safe and address.startswith("/") else ""


def without_company(request: HttpRequest) -> HttpResponse:
    return render(request, "distribution/no_company.html")


def _after(request: HttpRequest, otherwise: str) -> str:
    """The page that the form named as `next`, if it is one of ours."""
    return ours(request, request.POST.get("next", "")) or otherwise


def _companies_of(request: HttpRequest) -> list[Company]:
    """One query a request, though both the view and the frame around its page ask."""
    if not hasattr(request, "companies"):
        request.companies = list(companies_for(request.user))  # type: ignore[attr-defined]
    companies: list[Company] = request.companies  # type: ignore[attr-defined]
    return companies


def _chosen(request: HttpRequest, companies: list[Company]) -> Company | None:
    wanted = request.session.get(CHOSEN)
    return next((company for company in companies if company.pk == wanted), companies[0] if companies else None)
