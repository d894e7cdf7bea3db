"""«Elektronisk faktura»: agreements, Tilleggstjenester and the print service (R2, R3, R23)."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from customers.access import is_admin
from customers.models import Company, User
from distribution.choices import set_agreement, settings_of
from distribution.forms import AgreementForm
from distribution.models import Activation, Agreement, ChannelService, ProviderAccount
from distribution.models.settings import AgreementKind
from distribution.states import AgreementStatus, ChannelName
from distribution.views.frame import for_admins, of_company


@of_company
def electronic_invoice(request: HttpRequest, company: Company) -> HttpResponse:
    return _page(request, company)


@for_admins
def conclude(request: HttpRequest, company: Company, kind: str) -> HttpResponse:
    """The terms are accepted by name; user and time are kept (R2). A second click finds the agreement made."""
    if kind not in AgreementKind.values:
        raise Http404
    if request.method != "POST":
        return redirect("electronic-invoice")
    form = AgreementForm(company, request.POST)
    if not form.is_valid():
        return _page(request, company, (kind, form), status=422)
    assert isinstance(request.user, User)  # signed in
    set_agreement(
        company,
        AgreementKind(kind),
        AgreementStatus.ACTIVE,
        user=request.user,
        accepted_by_name=form.cleaned_data["name"],
    )
    messages.success(request, _("Avtalen er inngått: %(agreement)s.") % {"agreement": AgreementKind(kind).label})
    return redirect("electronic-invoice")


def _page(
    request: HttpRequest, company: Company, tried: tuple[str, AgreementForm] | None = None, status: int = 200
) -> HttpResponse:
    made = {agreement.kind: agreement for agreement in Agreement.objects.filter(company=company)}
    forms = {kind: AgreementForm(company, prefix=None) for kind in AgreementKind.values}
    if tried is not None:
        forms[tried[0]] = tried[1]
    context = {
        "agreements": [(kind, made.get(kind.value), forms[kind.value]) for kind in AgreementKind],
        "activation": Activation.objects.filter(company=company).select_related("user").first(),
        "printing": ChannelService.objects.filter(company=company, channel=ChannelName.PRINT).first(),
        "choices": settings_of(company),
        "account": ProviderAccount.objects.filter(company=company).select_related("saved_by").first(),
        "customers": company.customers.count(),
        "may": is_admin(request.user, company),
    }
    return render(request, "distribution/electronic_invoice.html", context, status=status)
