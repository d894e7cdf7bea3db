"""«Mitt firma»: the facts of the company, and editing them (R1)."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from customers.access import is_admin, locked
from customers.forms import CompanyForm
from customers.logos import has_logo, logo_of, store_logo
from customers.models import Company
from distribution.models import Agreement
from distribution.states import AgreementStatus
from distribution.views.frame import for_admins, of_company
from distribution.views.kept import typed_before


@of_company
def company_page(request: HttpRequest, company: Company) -> HttpResponse:
    return _facts(request, company)


@of_company
def company_logo(request: HttpRequest, company: Company) -> HttpResponseBase:
    if request.method == "POST":
        return _upload_logo(request)
    logo = logo_of(company)
    if logo is None:
        raise Http404
    return HttpResponse(logo, content_type="image/png", headers={"Cache-Control": "private, no-cache"})


@for_admins
def _upload_logo(request: HttpRequest, company: Company) -> HttpResponse:
    upload = request.FILES.get("logo")
    if not isinstance(upload, UploadedFile):
        return _facts(request, company, _("Velg en fil."), status=422)
    try:
        store_logo(company, upload)
    except ValidationError as error:
        return _facts(request, company, error.messages[0], status=422)
    messages.success(request, _("Logoen er lagret."))
    return redirect("company")


@for_admins
def edit_company(request: HttpRequest, company: Company) -> HttpResponse:
    if request.method != "POST":
        return _page(request, CompanyForm(typed_before(request), instance=company, locked=_why_locked(company)))
    with transaction.atomic():
        now = locked(company)
        form = CompanyForm(request.POST, instance=now, locked=_why_locked(now))
        if form.is_valid() and form.changed:
            form.instance.save(update_fields=form.columns_to_save())
    return _saved(request, form) if form.is_valid() else _refused(request, form)


def _why_locked(company: Company) -> str:
    """The org.nr is who has agreed, and who stands as sender of what has left. Words for the field; empty: may be changed."""
    if not company.org_number:
        return ""
    if company.activated:
        return _(
            "Kan ikke endres: automatisk utsendelse er aktivert for dette nummeret. Kontakt kundestøtte hvis det er feil."
        )
    if Agreement.objects.filter(company=company, status=AgreementStatus.ACTIVE).exists():
        return _(
            "Kan ikke endres: firmaet har en aktiv avtale med dette nummeret. Kontakt kundestøtte hvis det er feil."
        )
    return ""


def _saved(request: HttpRequest, form: CompanyForm) -> HttpResponse:
    if form.changed:
        messages.success(request, _("Opplysningene om firmaet er lagret."))
    else:
        messages.info(request, _("Ingenting var endret."))
    return redirect("company")


def _refused(request: HttpRequest, form: CompanyForm) -> HttpResponse:
    if form.changed_meanwhile:
        form.renew()
    return _page(request, form, status=409 if form.changed_meanwhile else 422)


def _facts(request: HttpRequest, company: Company, wrong: str = "", status: int = 200) -> HttpResponse:
    context = {
        "memberships": company.memberships.select_related("user").order_by("role", "user__email"),
        "may": is_admin(request.user, company),
        "logo": has_logo(company),
        "wrong": wrong,
    }
    return render(request, "distribution/company.html", context, status=status)


def _page(request: HttpRequest, form: CompanyForm, status: int = 200) -> HttpResponse:
    context = {"form": form, "stored": form.stored if form.changed_meanwhile else []}
    return render(request, "distribution/company_form.html", context, status=status)
