"""The text of mails that is kept at the provider: read from there, and ours written there (R14)."""

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from customers.models import Company
from distribution import provider
from distribution.account import Account
from distribution.accounts import account_of, note_text
from distribution.choices import settings_of
from distribution.models import ProviderAccount
from distribution.views.frame import of_company


def text_there(company: Company) -> ProviderAccount | None:
    """Only where this installation sends through the provider, and the company has keys there."""
    if settings.EINVOICE_TRANSPORT != "autoinvoice":
        return None
    return ProviderAccount.objects.filter(company=company).only("email_text", "email_text_at").first()


@of_company
@require_POST
def provider_text(request: HttpRequest, company: Company) -> HttpResponse:
    account = account_of(company.pk) if text_there(company) else None
    if account is None:
        raise Http404
    try:
        said = _write(account, company) if request.POST.get("order") == "write" else _read(account, company)
        messages.success(request, said)
    except provider.NoAnswer as silence:
        messages.error(request, _("AutoInvoice ga ikke noe brukbart svar: %(answer)s") % {"answer": silence})
    return redirect("settings")


def _read(account: Account, company: Company) -> str:
    note_text(company.pk, provider.email_text(account))
    return _("Teksten er hentet fra AutoInvoice.")


def _write(account: Account, company: Company) -> str:
    """What is saved; what is only typed goes nowhere."""
    text = settings_of(company).email_text_nb
    provider.write_email_text(account, text)
    note_text(company.pk, text)
    return _("Teksten er lagt hos AutoInvoice.")
