"""The company's own keys at AutoInvoice: saved, replaced, removed and tried; never shown (R18, R21)."""

from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from customers.models import Company, User
from customers.sealed import CannotOpen
from distribution import provider
from distribution.accounts import hook_token_of, note_service, opened, remove_account, save_account
from distribution.choices import set_agreement
from distribution.forms import ProviderAccountForm
from distribution.models import Delivery, ProviderAccount
from distribution.models.settings import AgreementKind
from distribution.views.frame import for_admins

Order = Callable[[HttpRequest, ProviderAccount], None]


@sensitive_post_parameters("user_api_key", "company_uuid")
@for_admins
def account_page(request: HttpRequest, company: Company) -> HttpResponse:
    row = ProviderAccount.objects.filter(company=company).select_related("saved_by", "company").first()
    if request.method != "POST":
        return _page(request, row, ProviderAccountForm())
    order = ORDERS.get(request.POST.get("order", ""))
    if order is None:
        return _save(request, company, row)
    if row is not None:
        _carry_out(order, request, row)
    return redirect("provider-account")


def _save(request: HttpRequest, company: Company, row: ProviderAccount | None) -> HttpResponse:
    form = ProviderAccountForm(request.POST)
    if not form.is_valid():
        return _page(request, row, form, status=422)
    save_account(company, _user(request), **form.cleaned_data)
    messages.success(request, _("Nøklene er lagret. Test tilkoblingen for å se at de virker."))
    return redirect("provider-account")


def _carry_out(order: Order, request: HttpRequest, row: ProviderAccount) -> None:
    """What the provider answered, in words; a refusal of the keys is remembered, so that nothing held is offered to go."""
    try:
        order(request, row)
    except provider.NotServed as refusal:
        note_service(row.company_id, serves=False)
        messages.error(request, _("AutoInvoice godtar ikke nøklene: %(answer)s") % {"answer": refusal})
    except provider.NoAnswer as silence:
        messages.error(request, _("AutoInvoice ga ikke noe brukbart svar: %(answer)s") % {"answer": silence})
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
    except CannotOpen:
        messages.error(request, _("De lagrede nøklene kan ikke åpnes lenger. Legg dem inn på nytt."))


def _remove(request: HttpRequest, row: ProviderAccount) -> None:
    remove_account(row.company, _user(request))
    messages.success(request, _("Nøklene er fjernet. Fakturaer som skulle gått med AutoInvoice, holdes tilbake."))


def _try(request: HttpRequest, row: ProviderAccount) -> None:
    name = provider.seen_as(opened(row))
    note_service(row.company_id, serves=True)
    messages.success(request, _("Tilkoblingen virker. Nøklene hører til %(name)s hos AutoInvoice.") % {"name": name})


def _switch_on_hooks(request: HttpRequest, row: ProviderAccount) -> None:
    address = settings.SITE_URL + reverse("hook-autoinvoice", args=[hook_token_of(row)])
    provider.call_us_at(opened(row), address)
    ProviderAccount.objects.filter(pk=row.pk).update(hooks_since=timezone.now())
    messages.success(request, _("AutoInvoice sier fra til oss med en gang noe skjer med en faktura."))


def _read_b2c(request: HttpRequest, row: ProviderAccount) -> None:
    status = provider.b2c_agreement(opened(row))
    set_agreement(row.company, AgreementKind.B2C, status, user=_user(request))
    messages.success(request, _("B2C-avtalen hos AutoInvoice: %(status)s.") % {"status": status.label.lower()})


ORDERS: dict[str, Order] = {"remove": _remove, "try": _try, "hooks": _switch_on_hooks, "b2c": _read_b2c}


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # signed in
    return request.user


def _page(
    request: HttpRequest, row: ProviderAccount | None, form: ProviderAccountForm, status: int = 200
) -> HttpResponse:
    followed = Delivery.objects.filter(company=row.company_id).followed().count() if row else 0
    context = {"account": row, "form": form, "ready": bool(settings.AUTOINVOICE_URL), "followed": followed}
    return render(request, "distribution/provider_account.html", context, status=status)
