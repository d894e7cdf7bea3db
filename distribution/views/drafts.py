"""«Kladder»: what is written and not sent (R19)."""

import re
from collections import Counter
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from customers.models import Company, User
from distribution.access import draft_for
from distribution.delivery import OpenRun
from distribution.drafts import SHOWN, Prospect, delete, drafts_of, rehearse, send_all, stamp
from distribution.models import Draft
from distribution.models.invoice import FROM_PAGE
from distribution.reasons import in_words
from distribution.rehearsal import way_of
from distribution.tasks import ring
from distribution.views.frame import of_company
from distribution.writing import Writing

ID = re.compile(r"[0-9]{1,18}", re.ASCII)


@of_company
def draft_list(request: HttpRequest, company: Company) -> HttpResponse:
    drafts = drafts_of(company)
    context = {"rows": [_row(draft) for draft in drafts[:SHOWN]], "found": drafts.count(), "most": SHOWN}
    return render(request, "distribution/draft_list.html", context)


@login_required
def delete_draft(request: HttpRequest, draft_id: int) -> HttpResponse:
    draft = draft_for(request.user, draft_id)
    if draft.sent_as_id:
        return redirect("invoice", draft.sent_as_id)
    if request.method != "POST":
        return render(request, "distribution/delete_draft.html", {"row": _row(draft), "made_of": stamp(draft)})
    if not delete(draft, request.POST.get("made_of", "")):
        messages.error(request, _("Kladden er endret eller sendt imens. Den er ikke slettet."))
        return redirect("draft", draft.pk)
    messages.success(request, _("Kladden er slettet."))
    return redirect("drafts")


@of_company
def preview_drafts(request: HttpRequest, company: Company) -> HttpResponse:
    assert isinstance(request.user, User)  # signed in
    drafts = drafts_of(company)
    if "alle" not in request.GET:
        drafts = drafts.filter(pk__in=[int(pk) for pk in request.GET.getlist("kladd") if ID.fullmatch(pk)])
    prospects = rehearse(company, drafts[:SHOWN], request.user)
    if not prospects:
        messages.error(request, _("Velg minst én kladd."))
        return redirect("drafts")
    going = [prospect for prospect in prospects if prospect.decision]
    context = {
        "rows": [_prospect(prospect) for prospect in prospects],
        "found": drafts.count(),
        "most": SHOWN,
        "going": going,
        "stay": len(prospects) - len(going),
        "counts": Counter(way_of(prospect.decision) for prospect in going).items(),
        "delay": settings.SEND_DELAY_SECONDS,
    }
    return render(request, "distribution/draft_preview.html", context)


@of_company
@require_POST
def send_drafts(request: HttpRequest, company: Company) -> HttpResponse:
    """What was previewed, as it was then; what has gone since is not sent again."""
    assert isinstance(request.user, User)  # signed in
    seen = (value.partition("@") for value in request.POST.getlist("kladd"))
    chosen = {int(pk): stamp for pk, _at, stamp in seen if ID.fullmatch(pk)}
    run = OpenRun(request.user, FROM_PAGE, timedelta(seconds=settings.SEND_DELAY_SECONDS))
    sent, stayed = send_all(company, chosen, run, request.user)
    if run.row is not None and not settings.SEND_DELAY_SECONDS:
        ring(run.row)
    if sent:
        words = ngettext("%(number)s faktura er tatt inn.", "%(number)s fakturaer er tatt inn.", sent)
        messages.success(request, words % {"number": sent})
    if stayed:
        words = ngettext("%(number)s ble stående som kladd.", "%(number)s ble stående som kladder.", stayed)
        messages.warning(request, words % {"number": stayed})
    before = (
        Draft.objects.filter(company=company, pk__in=chosen, sent_as__isnull=False).select_related("sent_as").first()
    )
    return redirect("run", before.sent_as.run_id) if before and before.sent_as else redirect("drafts")


def _prospect(prospect: Prospect) -> dict[str, Any]:
    channel, label = way_of(prospect.decision)
    reason = in_words(prospect.decision.reasons) if prospect.decision else ""
    told = {"channel": channel, "label": label, "reason": reason, "problems": prospect.problems}
    kept = {"without_kid": bool(prospect.writing.no_kid), "stamp": stamp(prospect.writing.draft)}
    return {**_shown(prospect.writing), **told, **kept}


def _row(draft: Draft) -> dict[str, Any]:
    return _shown(Writing(draft, draft.fields))


def _shown(writing: Writing) -> dict[str, Any]:
    draft = writing.draft
    return {
        "draft": draft,
        "customer": draft.credits.buyer_name if draft.credits else draft.fields.get("customer", ""),
        "payable": writing.sums.totals.payable,
        "currency": draft.fields.get("currency", ""),
    }
