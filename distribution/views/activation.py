"""«Aktivering» (R4-R7): the routine, the totals, the list of all customers, and the one-way switch."""

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from customers.access import is_admin
from customers.models import Company, Customer, Method, User
from distribution.activation import activate, edit_proposals, propose, refusal, undo_edits
from distribution.models import Activation, MethodChange
from distribution.paging import Page
from distribution.prediction import predict, totals
from distribution.print_cost import expected_cost
from distribution.proposals import HELD, Wanted, number_found, page_of, proposals
from distribution.reasons import in_words
from distribution.states import ChannelName
from distribution.tasks import ring_predictions
from distribution.views.activation_numbers import (
    count,
    counts_now,
    filters_of,
    kept_of,
    make_shown_anew,
    uncounted,
)
from distribution.views.frame import for_admins, of_company

SHOWN_CHANGES = 200
UNDO = "proposals_undo"


@of_company
def activation_page(request: HttpRequest, company: Company) -> HttpResponse:
    if company.activated:
        return _activated(request, company)
    assert isinstance(request.user, User)  # signed in
    wanted = Wanted.of(request.GET)
    at_once = counts_now(request, company)
    numbers = count(company, request.user) if at_once else uncounted()
    rows = proposals(company, wanted, request.user)
    page = _page(request, company, rows, renew=not at_once)
    found = numbers.customers if wanted.everything else number_found(company, wanted, request.user) if at_once else 0
    context = {
        "wanted": wanted,
        "page": page,
        "rows": rows_of(page.rows),
        "found": found if at_once else None,
        "stale": numbers.stale,
        "undo": _undo_of(request, company),
        "numbers": numbers,
        "counted": at_once,
        "totals": numbers.totals,
        "methods_now": [Method.EINVOICE, Method.EMAIL, Method.SELF],
        "methods": [(method.value, str(method.label)) for method in (Method.AUTOINVOICE, Method.SELF)],
        "refusal": refusal(company),
        "may": is_admin(request.user, company),
        "query_now": filters_of(request.GET),
        "kept": kept_of(request.GET),
    }
    return render(request, "distribution/activation.html", context)


def _page(request: HttpRequest, company: Company, rows: QuerySet[Customer], *, renew: bool) -> Page:
    after, before = _number(request.GET, "etter"), _number(request.GET, "for")
    page = page_of(rows, after, before)
    return page_of(rows, after, before) if renew and make_shown_anew(company, page.rows) else page


@of_company
@require_POST
def edit(request: HttpRequest, company: Company) -> HttpResponse:
    """The edits of one page's rows, or one method for the chosen ones or for all that the filter shows (R5)."""
    assert isinstance(request.user, User)  # signed in
    back = f"{reverse('activation')}?{filters_of(request.POST)}"
    if company.activated:
        return redirect("activation")
    batch = uuid4()
    if request.POST.get("alle") in (Method.AUTOINVOICE, Method.SELF) and "flere" in request.POST:
        number = edit_proposals(_chosen(request, company), Method(request.POST["alle"]), request.user, batch)
    else:
        number = _edit_rows(request, company, batch)
    if number:
        request.session[UNDO] = {"batch": str(batch), "number": number, "company": company.pk}
    return redirect(back + "#kunder")


@of_company
@require_POST
def undo(request: HttpRequest, company: Company) -> HttpResponse:
    """Takes back this user's last edit, whether of one customer or of all that a filter showed."""
    last = request.session.pop(UNDO, None)
    if last and last["company"] == company.pk and not company.activated:
        undone = undo_edits(company, UUID(last["batch"]))
        said = ngettext("%(number)s forslag er som før.", "%(number)s forslag er som før.", undone)
        messages.success(request, said % {"number": undone})
    return redirect(f"{reverse('activation')}?{filters_of(request.POST)}#kunder")


@for_admins
def confirm(request: HttpRequest, company: Company) -> HttpResponse:
    """A page of its own that asks in words; the company's name must be typed (R7)."""
    if company.activated:
        return redirect("activation")
    wrong = ""
    if request.method == "POST":
        if request.POST.get("firma", "").strip().casefold() == company.name.strip().casefold():
            return _activate(request, company)
        wrong = _("Navnet stemmer ikke. Skriv det akkurat som det står.")
    proposed = propose(company).order_by().values_list("proposed")  # type: ignore[misc]  # annotated there
    methods = dict(proposed.annotate(number=Count("pk")))
    after = totals(company).after
    context = {
        "automatic": methods.get(Method.AUTOINVOICE, 0),
        "by_hand": methods.get(Method.SELF, 0),
        "all": sum(methods.values()),
        "held": after.get(HELD, 0),
        "print_cost": expected_cost(company, after.get(ChannelName.PRINT, 0)),
        "refusal": refusal(company),
        "wrong": wrong,
        "typed": request.POST.get("firma", ""),
    }
    return render(request, "distribution/activate.html", context, status=422 if wrong else 200)


def _activate(request: HttpRequest, company: Company) -> HttpResponse:
    assert isinstance(request.user, User)  # signed in
    try:
        done = activate(company, request.user)
    except ValidationError as error:
        messages.error(request, error.messages[0])
        return redirect("activation")
    if done.first:
        messages.success(request, _("Tjenesten er aktivert for alle kundene."))
    else:
        messages.info(request, _("Tjenesten var alt aktivert. Ingenting er endret på nytt."))
    ring_predictions(company.pk)
    return redirect("activation")


def _activated(request: HttpRequest, company: Company) -> HttpResponse:
    activation = Activation.objects.select_related("user").get(company=company)
    changes = MethodChange.objects.filter(activation=activation)
    by_method = (
        changes.order_by().values_list("before", "after").annotate(number=Count("pk")).order_by("before", "after")
    )
    context = {
        "activation": activation,
        "by_method": [(_label(before), _label(after, activated=True), number) for before, after, number in by_method],
        "all": changes.count(),
        "changes": [
            (change, _label(change.before), _label(change.after, activated=True))
            for change in changes.order_by("name", "pk")[:SHOWN_CHANGES]
        ],
        "shown": SHOWN_CHANGES,
    }
    return render(request, "distribution/activated.html", context)


def _undo_of(request: HttpRequest, company: Company) -> int:
    """How many proposals «Angre» would take back."""
    last = request.session.get(UNDO)
    return int(last["number"]) if last and last["company"] == company.pk else 0


def _edit_rows(request: HttpRequest, company: Company, batch: UUID) -> int:
    """Only what differs from the proposal that the server has now."""
    assert isinstance(request.user, User)  # signed in
    wanted = {
        int(name.removeprefix("metode-")): value
        for name, value in request.POST.items()
        if name.startswith("metode-") and name[7:].isdigit() and value in (Method.AUTOINVOICE, Method.SELF)
    }
    rows = propose(company).filter(pk__in=list(wanted)[:1000])
    known = list(rows.values_list("pk", "proposed"))  # type: ignore[misc]  # annotated there
    number = 0
    for method in (Method.AUTOINVOICE, Method.SELF):
        changed = [pk for pk, proposed in known if wanted[pk] == method != proposed]
        number += edit_proposals(company.customers.filter(pk__in=changed), method, request.user, batch)
        predict(company, company.customers.filter(pk__in=changed))
    return number


def _chosen(request: HttpRequest, company: Company) -> Any:
    assert isinstance(request.user, User)  # signed in
    if "omfang" in request.POST:
        return proposals(company, Wanted.of(request.POST), request.user)
    return company.customers.filter(pk__in=[int(pk) for pk in request.POST.getlist("kunde") if pk.isdigit()])


def rows_of(shown: list[Customer]) -> list[dict[str, Any]]:
    """Words that stand in every row are looked up once: the page is mostly these."""
    methods = {method: _label(method) for method in ("", *Method.values)}
    words = _("Velg %(name)s"), _("Ny distribusjonsmåte for %(name)s"), _("Endret av %(name)s")
    options = {str(method): _options(method) for method in (Method.AUTOINVOICE, Method.SELF)}
    return [_row(customer, methods, words) | {"options": options[customer.proposed]} for customer in shown]  # type: ignore[attr-defined]


def _options(chosen: Method) -> str:
    """Of a proposal's list, the same in every row with that proposal."""
    methods = [(m.value, " selected" if m == chosen else "", m.label) for m in (Method.AUTOINVOICE, Method.SELF)]
    return format_html_join("", '<option value="{}"{}>{}</option>', methods)


def _row(customer: Customer, methods: dict[str, str], words: tuple[str, str, str]) -> dict[str, Any]:
    prediction = getattr(customer, "prediction", None)
    edited = getattr(customer, "proposal_edit", None)
    choose, method_for, edited_by = words
    return {
        "customer": customer,
        "pk": customer.pk,
        "name": customer.name,
        "number": customer.number,
        "archived": customer.archived,
        "org_number": customer.org_number or customer.get_kind_display(),
        "choose": choose % {"name": customer.name},
        "method_for": method_for % {"name": customer.name},
        "now": methods[customer.method_now],  # type: ignore[attr-defined]  # annotated by propose()
        "proposed": customer.proposed,  # type: ignore[attr-defined]
        "edited": edited_by % {"name": edited.user or "–"} if edited else "",
        "channel": prediction.channel_after if prediction else "",
        "label": _channel_label(prediction),
        "reason": in_words(prediction.reasons_after) if prediction else "",
        "missing": _missing_words(prediction.missing) if prediction and prediction.missing else [],
    }


def _channel_label(prediction: Any) -> str:
    if prediction is None:
        return _("Regnes ut …")
    if prediction.channel_after:
        return str(ChannelName(prediction.channel_after).label)
    return _("Venter på oppslag") if prediction.waits_after else _("Holdt tilbake")


def _missing_words(names: list[str]) -> list[str]:
    words = {"org_number": _("org.nr"), "email": _("e-post"), "address": _("postadresse")}
    return [words[name] for name in names]


def _label(method: str, *, activated: bool = False) -> str:
    """«Skriv ut og send selv» is the name before activation of what is «Ikke send …» after it."""
    if method == Method.SELF and not activated:
        return _("Skriv ut og send selv")
    return str(Method(method).label) if method else _("Som hovedkunden")


def _number(asked: QueryDict, name: str) -> int | None:
    value = asked.get(name, "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 19 else None
