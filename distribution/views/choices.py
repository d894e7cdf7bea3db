"""«Innstillinger» (R11-R15, R38): one form, one save bar, and the history of every change."""

from typing import Any

from csp.decorators import csp_update
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from customers.models import Company, User
from distribution import frozen
from distribution.choices import CHANGEABLE, change_settings, settings_of
from distribution.forms import SettingsForm
from distribution.models import DistributionSettings, Invoice, SettingChange
from distribution.models.settings import KidRule
from distribution.preview import brief_of, preview
from distribution.sample import NotSent, send_sample
from distribution.views.frame import of_company
from distribution.views.kept import typed_before
from distribution.views.provider_text import text_there

SHOWN_CHANGES = 50


@csp_update({"style-src": ["'self'", "'unsafe-inline'"]})  # of the mail that is shown; a mail has no other way
@of_company
def settings_page(request: HttpRequest, company: Company) -> HttpResponse:
    now = settings_of(company)
    if request.method != "POST":
        form = SettingsForm(typed_before(request), instance=settings_of(company))
        form.is_valid()  # then the preview shows what was kept
        return _page(request, company, form, now)
    form = SettingsForm(request.POST, instance=settings_of(company))
    if not form.is_valid() or "vis" in request.POST:
        return _page(request, company, form, now, status=200 if form.is_valid() else 422)
    if "prove" in request.POST:
        _send_sample(request, company, form)
        return _page(request, company, form, now)
    if form.changed_meanwhile(now):
        words = _(
            "Noen andre har lagret innstillingene mens du skrev. Se over og lagre på nytt; det du skrev, står her."
        )
        form.add_error(None, words)
        form.renew(now)
        return _page(request, company, form, now, status=409)
    assert isinstance(request.user, User)  # signed in
    before = company.setting_changes.count()
    change_settings(company, request.user, **{name: form.cleaned_data[name] for name in CHANGEABLE})
    changed = company.setting_changes.count() - before
    said = ngettext("%(number)s innstilling er endret.", "%(number)s innstillinger er endret.", changed)
    messages.success(request, said % {"number": changed} if changed else _("Ingenting var endret."))
    return redirect("settings")


def _send_sample(request: HttpRequest, company: Company, form: SettingsForm) -> None:
    """With what is typed, to the signed-in user alone; nothing is saved."""
    assert isinstance(request.user, User)  # signed in
    invoice = _example(company)
    if invoice is None:
        messages.error(request, _("Firmaet har ingen faktura å lage en prøve av ennå."))
        return
    own_pdf = frozen.read(invoice.own_pdf_sha256) if invoice.own_pdf_sha256 else None
    brief = brief_of(company, form.instance, invoice, _language(request), (request.user.email,), own_pdf)
    try:
        send_sample(brief, request.user)
    except NotSent as refusal:
        messages.error(request, refusal.messages[0])
    else:
        messages.success(request, _("Prøven er sendt til %(email)s.") % {"email": request.user.email})


def _page(
    request: HttpRequest, company: Company, form: SettingsForm, now: DistributionSettings, status: int = 200
) -> HttpResponse:
    chosen = form.instance if form.is_bound else now
    invoice = _example(company)
    context = {
        "form": form,
        "edited": form.edited,
        "mails": [preview(company, chosen, invoice, language) for language in ("nb", "en")],
        "changes": _changes(company),
        "invoice": invoice,
        "shown_language": _language(request),
        "plain": request.POST.get("format") == "text",
        "there": text_there(company),
    }
    return render(request, "distribution/settings.html", context, status=status)


def _example(company: Company) -> Invoice | None:
    """The newest: its customer and figures are what the user has in mind."""
    return Invoice.objects.filter(company=company).select_related("customer").order_by("-pk").first()


def _language(request: HttpRequest) -> str:
    """Of the mail that is looked at."""
    return "en" if request.POST.get("sprak") == "en" else "nb"


def _changes(company: Company) -> list[dict[str, Any]]:
    rows = SettingChange.objects.filter(company=company).select_related("user").order_by("-pk")[:SHOWN_CHANGES]
    return [
        {
            "change": row,
            "label": DistributionSettings._meta.get_field(row.name).verbose_name,  # type: ignore[union-attr]
            "before": _in_words(row.name, row.before),
            "after": _in_words(row.name, row.after),
        }
        for row in rows
    ]


def _in_words(name: str, value: object) -> str:
    if name == "kid_rule":
        return str(KidRule(str(value)).label)
    if isinstance(value, bool):
        return _("På") if value else _("Av")
    return str(value) or _("Standardtekst")
