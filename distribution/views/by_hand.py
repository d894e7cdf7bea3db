"""«Ny faktura» and its drafts: written on the page, summed by the server, and sent as any other invoice."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from customers.access import company_for
from customers.models import Company, Customer, User
from distribution.access import draft_for, invoice_for
from distribution.choices import settings_of
from distribution.credit import can_be_credited, draft_credit_note
from distribution.delivery import OpenRun
from distribution.documents.invoice import DocumentType
from distribution.drafts import ChangedMeanwhile, Unfit, keep, send, stamp
from distribution.intake import Refused
from distribution.invoice_form import MORE, MOST
from distribution.models import Draft
from distribution.models.invoice import FROM_PAGE
from distribution.tasks import ring
from distribution.views.drafts import ID
from distribution.views.frame import of_company
from distribution.views.kept import typed_before
from distribution.writing import Writing

OFFERED = 200  # customers in the list at once; with script it follows what is typed


@of_company
def new_invoice(request: HttpRequest, company: Company) -> HttpResponse:
    return _write(request, Draft(company=company, document_type=DocumentType.INVOICE))


@login_required
def edit_draft(request: HttpRequest, draft_id: int) -> HttpResponse:
    try:
        draft = draft_for(request.user, draft_id)
    except Http404:
        draft = _in_its_place(request)
    if draft.sent_as_id:
        if request.method == "POST":
            messages.warning(request, _sent_meanwhile())
        return redirect("invoice", draft.sent_as_id)
    return _write(request, draft)


@login_required
@require_POST
def credit(request: HttpRequest, invoice_id: int) -> HttpResponse:
    """Nothing goes: the draft is there to be looked over."""
    invoice = invoice_for(request.user, invoice_id)
    assert isinstance(request.user, User)  # signed in
    try:
        draft = draft_credit_note(invoice, request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("invoice", invoice.pk)
    messages.success(request, _("Kreditnotaen er en kladd. Se over linjene før du sender den."))
    return redirect("draft", draft.pk)


@login_required
def customers(request: HttpRequest, company_id: int) -> HttpResponse:
    """The options that fit what is typed so far: of the draft's company, whichever the user has gone to in another tab."""
    found = _offered(company_for(request.user, company_id), request.GET.get("customer", "").replace("\0", "").strip())
    return render(request, "distribution/_customers.html", {"customers": found})


def _write(request: HttpRequest, draft: Draft) -> HttpResponse:
    if request.method != "POST":
        return _page(request, Writing(draft, typed_before(request) or draft.fields or None))
    data = _with_more_lines(request.POST) if "flere" in request.POST else request.POST
    writing = Writing(draft, data)
    if getattr(request, "htmx", False):
        return render(request, "distribution/_sums.html", _sums(writing))
    if draft.pk is None and _elsewhere(request, writing):
        return _page(request, writing, status=422)
    try:
        if "kladd" in request.POST:
            return _keep(request, writing)
        if "send" in request.POST:
            return _send(request, writing)
    except ChangedMeanwhile:
        return _page(request, writing, status=409)
    except Unfit:
        return _page(request, writing, status=422)
    return _page(request, writing)


def _in_its_place(request: HttpRequest) -> Draft:
    """A new one for what was typed into a draft that a colleague has deleted; 404 where nothing was typed. A foreign id is
    answered as one that is gone."""
    typed = typed_before(request) or request.POST
    if "krediterer" not in typed:
        return Draft(company=company_for(request.user, _id(typed, "firma")), document_type=DocumentType.INVOICE)
    invoice = invoice_for(request.user, _id(typed, "krediterer"))
    if not can_be_credited(invoice):
        raise Http404
    kind = DocumentType.CREDIT_NOTE
    return Draft(company=invoice.company, customer=invoice.customer, document_type=kind, credits=invoice)


def _id(typed: QueryDict, name: str) -> int:
    text = typed.get(name, "")
    if not ID.fullmatch(text):
        raise Http404
    return int(text)


def _elsewhere(request: HttpRequest, writing: Writing) -> bool:
    """The user has gone to another of his companies in another tab; the same customer number may be known there."""
    company = writing.company
    if request.POST.get("firma", str(company.pk)) == str(company.pk):
        return False
    writing.form.is_valid()
    words = _("Du arbeider nå i %(company)s. Se over, og lagre eller send på nytt hvis den er herfra.")
    writing.form.add_error(None, words % {"company": company.name})
    return True


def _keep(request: HttpRequest, writing: Writing) -> HttpResponse:
    assert isinstance(request.user, User)  # signed in
    draft = keep(writing, request.POST, request.user, request.POST.get("made_of", ""))
    messages.success(request, _("Kladden er lagret. Den sendes ikke før du sender den."))
    return redirect("draft", draft.pk)


def _send(request: HttpRequest, writing: Writing) -> HttpResponse:
    """Sent twice it is the same invoice (R38)."""
    assert isinstance(request.user, User)  # signed in
    run = OpenRun(request.user, FROM_PAGE, timedelta(seconds=settings.SEND_DELAY_SECONDS))
    received = send(writing, run, request.user, request.POST.get("made_of", ""))
    if run.row is not None and not settings.SEND_DELAY_SECONDS:
        ring(run.row)
    if received.new or writing.draft.pk is None:
        messages.success(request, _("%(invoice)s er tatt inn.") % {"invoice": received.invoice})
    else:
        messages.warning(request, _sent_meanwhile())
    return redirect("run", received.invoice.run_id)


def _sent_meanwhile() -> str:
    return _("Noen andre har sendt kladden imens. Det du endret, er ikke med i det som gikk.")


def _page(request: HttpRequest, writing: Writing, status: int = 200) -> HttpResponse:
    draft, seen = writing.draft, (typed_before(request) or request.POST).get("made_of", stamp(writing.draft))
    meanwhile = status == 409 or bool(draft.pk is None and seen)  # changed, or gone
    if meanwhile:
        draft = _now(writing.draft)  # saved once more, it takes the place of what the user is now told of
        seen = stamp(draft)
    context = {
        "lines": writing.lines,
        "draft": draft,
        "made_of": seen,
        "over": writing.over,
        **_sums(writing),
    }
    context |= {"customers": [] if draft.credits_id else _offered(draft.company, ""), "here": request.path}
    context["makes_kid"] = not draft.credits_id and bool(settings_of(draft.company).kid_rule)
    context |= {"delay": settings.SEND_DELAY_SECONDS, "told": status == 422, "meanwhile": meanwhile}
    return render(request, "distribution/new_invoice.html", context, status=status)


def _now(draft: Draft) -> Draft:
    """As it is stored, or what takes the place of one that is gone."""
    found = Draft.objects.select_related("company", "changed_by", "credits").filter(pk=draft.pk).first()
    return found or Draft(company=draft.company, document_type=draft.document_type, credits=draft.credits)


def _sums(writing: Writing) -> dict[str, Any]:
    currency = writing.form["currency"].value()
    credit = bool(writing.draft.credits_id)
    return {
        "sums": writing.sums,
        "credit": credit,
        "currency": currency if currency in dict(_codes(writing)) else "",
        "form": writing.form,
        "no_kid": writing.no_kid,
    }


def _codes(writing: Writing) -> Any:
    return writing.form.fields["currency"].choices  # type: ignore[attr-defined]


def _offered(company: Company, q: str) -> list[Customer]:
    rows = company.customers.filter(archived_at__isnull=True).order_by("name", "pk")
    if q:
        rows = rows.filter(Q(name__icontains=q) | Q(number__startswith=q))
    return list(rows[:OFFERED])


def _with_more_lines(posted: QueryDict) -> QueryDict:
    data, name = posted.copy(), "linje-TOTAL_FORMS"
    now = str(data.get(name, ""))
    data[name] = str(min(int(now) + MORE, MOST)) if now.isascii() and now.isdigit() and len(now) < 6 else now
    return data
