"""«Kladder»: what is written and not sent (R19)."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from customers.models import Company
from distribution.access import draft_for
from distribution.drafts import SHOWN, Writing, delete, drafts_of, stamp
from distribution.models import Draft
from distribution.views.frame import of_company


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


def _row(draft: Draft) -> dict[str, Any]:
    writing = Writing(draft, draft.fields)
    return {
        "draft": draft,
        "customer": draft.credits.buyer_name if draft.credits else draft.fields.get("customer", ""),
        "payable": writing.sums.totals.payable,
        "currency": draft.fields.get("currency", ""),
    }
