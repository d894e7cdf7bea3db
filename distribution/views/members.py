"""«Brukere» of «Mitt firma»: everyone sees who works here, admins decide it."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from customers.access import is_admin
from customers.forms import MemberForm
from customers.members import add_member, change_role, invite, is_last_admin, remove_member
from customers.models import Company, Membership, Role
from distribution.views.frame import for_admins, of_company


@of_company
def members_page(request: HttpRequest, company: Company) -> HttpResponseBase:
    return _add(request) if request.method == "POST" else _page(request, company)


@for_admins
def _add(request: HttpRequest, company: Company) -> HttpResponse:
    form = MemberForm(company, request.POST)
    if not form.is_valid():
        return _page(request, company, form, status=422)
    try:
        membership = add_member(company, form.cleaned_data["email"], Role(form.cleaned_data["role"]))
    except ValidationError as error:
        form.add_error(None, error)
        return _page(request, company, form, status=422)
    _welcome(request, membership)
    return redirect("members")


def _welcome(request: HttpRequest, membership: Membership) -> None:
    """Whoever has a password needs no link; the others get one, also when another company invited them before."""
    email = {"email": membership.user.email}
    if membership.user.has_usable_password():
        messages.success(request, _("%(email)s er lagt til, og logger inn som før.") % email)
    elif invite(membership):
        messages.success(
            request, _("%(email)s er lagt til, og har fått en e-post med lenke til å velge passord.") % email
        )
    else:
        words = _("%(email)s er lagt til, men e-posten kunne ikke sendes. Be brukeren velge «Glemt passordet?».")
        messages.warning(request, words % email)


@for_admins
@require_POST
def change_member(request: HttpRequest, company: Company, membership_id: int) -> HttpResponse:
    membership = _membership(company, membership_id)
    role = request.POST.get("role")
    if role not in Role.values:
        return _page(request, company, refusal=_("Velg en rolle."), status=422)
    try:
        change_role(membership, Role(role))
    except ValidationError as error:
        return _page(request, company, refusal=error.messages[0], status=422)
    words = _("%(name)s har nå rollen %(role)s.") % {"name": membership.user, "role": Role(role).label}
    messages.success(request, words)
    return redirect("members")


@for_admins
def remove(request: HttpRequest, company: Company, membership_id: int) -> HttpResponse:
    """Asked first on a page of its own, which warns whoever is about to shut himself out."""
    membership = _membership(company, membership_id)
    if request.method != "POST":
        facts = {
            "membership": membership,
            "oneself": membership.user == request.user,
            "last": is_last_admin(membership),
        }
        return render(request, "distribution/remove_member.html", facts)
    try:
        remove_member(membership)
    except ValidationError as error:
        return _page(request, company, refusal=error.messages[0], status=422)
    words = _("%(name)s er ikke lenger bruker i %(company)s.") % {"name": membership.user, "company": company.name}
    messages.success(request, words)
    return redirect("home" if membership.user == request.user else "members")


def _membership(company: Company, membership_id: int) -> Membership:
    return get_object_or_404(company.memberships.select_related("user", "company"), pk=membership_id)


def _page(
    request: HttpRequest, company: Company, form: MemberForm | None = None, refusal: str = "", status: int = 200
) -> HttpResponse:
    context = {
        "memberships": company.memberships.select_related("user").order_by("role", "user__email"),
        "may": is_admin(request.user, company),
        "form": form or MemberForm(company),
        "roles": Role.choices,
        "refusal": refusal,
    }
    return render(request, "distribution/members.html", context, status=status)
