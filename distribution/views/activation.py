"""«Aktivering» (R4-R7): the routine, the totals, the list of all customers, and the one-way switch."""

import re
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRedirect

from customers.access import is_admin
from customers.models import Company, Method, User
from distribution.activation import activate, edit_proposals, propose, refusal, undo_edits
from distribution.models import Activation, MethodChange
from distribution.paging import Page
from distribution.prediction import predict, totals
from distribution.print_cost import expected_cost
from distribution.proposals import HELD, ORDERS, Wanted, number_found, page_of, proposals
from distribution.states import ChannelName
from distribution.tasks import ring_predictions
from distribution.views.activation_numbers import (
    address_of,
    count,
    counts_now,
    filters_of,
    make_shown_anew,
    place_of,
    selected_of,
    uncounted,
)
from distribution.views.activation_rows import method_label, rows_of
from distribution.views.frame import for_admins, of_company
from distribution.views.predicted import lacks

SHOWN_CHANGES = 200
UNDO = "proposals_undo"
ID = re.compile(r"[0-9]{1,18}", re.ASCII)


@of_company
def activation_page(request: HttpRequest, company: Company) -> HttpResponse:
    if company.activated:
        return _activated(request, company)
    assert isinstance(request.user, User)  # signed in
    wanted = Wanted.of(request.GET)
    at_once = counts_now(request, company)
    numbers = count(company, request.user) if at_once else uncounted()
    page = _page(request, company, wanted, renew=not at_once)
    found = numbers.customers if wanted.everything else number_found(company, wanted, request.user) if at_once else 0
    context = {
        "wanted": wanted,
        "page": page,
        "rows": rows_of(page.rows, request.get_full_path()),
        "found": found if at_once else None,
        "stale": numbers.stale,
        "undo": _undo_of(request, company),
        "numbers": numbers,
        "counted": at_once,
        "totals": numbers.totals,
        "methods_now": [Method.EINVOICE, Method.EMAIL, Method.SELF],
        "methods": [(method.value, str(method.label)) for method in (Method.AUTOINVOICE, Method.SELF)],
        "lacks": lacks(),
        "refusal": refusal(company),
        "may": is_admin(request.user, company),
        "query_now": filters_of(request.GET),
        "selected": selected_of(request.GET),
        "kept": place_of(request.GET),
        "heads": _heads(wanted),
        "sorts": [("", _("Sorter: navn")), *((name, words) for name, words in _sorts().items() if name != "navn")],
    }
    return render(request, "distribution/activation.html", context)


def _page(request: HttpRequest, company: Company, wanted: Wanted, *, renew: bool) -> Page:
    assert isinstance(request.user, User)  # signed in
    edges = _number(request.GET, "etter"), _number(request.GET, "for")
    page = page_of(company, wanted, request.user, *edges)
    renewed = renew and make_shown_anew(company, page.rows)
    return page_of(company, wanted, request.user, *edges) if renewed else page


@of_company
@require_POST
def edit(request: HttpRequest, company: Company) -> HttpResponse:
    """The edits of one page's rows, or one method for the chosen ones or for all that the filter shows (R5)."""
    assert isinstance(request.user, User)  # signed in
    if company.activated:
        return redirect("activation")
    if request.POST.get("firma", str(company.pk)) != str(company.pk):
        words = _("Du arbeider nå i %(company)s. Ingenting er endret; se over listen her.") % {"company": company.name}
        messages.error(request, words)
        return redirect("activation")
    batch = uuid4()
    if request.POST.get("alle") in (Method.AUTOINVOICE, Method.SELF) and "flere" in request.POST:
        number = edit_proposals(_chosen(request, company), Method(request.POST["alle"]), request.user, batch)
    else:
        number = _edit_rows(request, company, batch)
    if number:
        request.session[UNDO] = {"batch": str(batch), "number": number, "company": company.pk}
    return redirect(address_of(request.POST) + "#kunder")


@of_company
@require_POST
def undo(request: HttpRequest, company: Company) -> HttpResponse:
    """Takes back this user's last edit, whether of one customer or of all that a filter showed."""
    last = request.session.pop(UNDO, None)
    if last and last["company"] == company.pk and not company.activated:
        undone = undo_edits(company, UUID(last["batch"]))
        said = ngettext("%(number)s forslag er som før.", "%(number)s forslag er som før.", undone)
        messages.success(request, said % {"number": undone})
    return redirect(address_of(request.POST) + "#kunder")


@for_admins
def confirm(request: HttpRequest, company: Company) -> HttpResponse:
    """Asks in words, on a page of its own or, where there is script, over the list; the company's name must be typed (R7).
    Enter in its field only asks whether the name is right."""
    if company.activated:
        return _to_activation(request)
    typed = request.POST.get("firma", "")
    right = typed.strip().casefold() == company.name.strip().casefold()
    asked_only = "sjekk" in request.POST
    if right and request.method == "POST" and not asked_only:
        return _activate(request, company)
    wrong = _("Navnet stemmer ikke. Skriv det akkurat som det står.") if request.method == "POST" and not right else ""
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
        "right": right,
        "typed": typed,
    }
    return render(request, "distribution/activate.html", context, status=422 if wrong and not asked_only else 200)


def _to_activation(request: HttpRequest) -> HttpResponse:
    """A part of the page that asks for the dialog of a switch already made gets the page of what changed in its place."""
    return (
        HttpResponseClientRedirect(reverse("activation")) if getattr(request, "htmx", False) else redirect("activation")
    )


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
        "by_method": [
            (method_label(before), method_label(after, activated=True), number) for before, after, number in by_method
        ],
        "all": changes.count(),
        "changes": [
            (change, method_label(change.before), method_label(change.after, activated=True))
            for change in changes.order_by("name", "pk")[:SHOWN_CHANGES]
        ],
        "shown": SHOWN_CHANGES,
    }
    return render(request, "distribution/activated.html", context)


def _sorts() -> dict[str, str]:
    return {
        "navn": _("Sorter: navn"),
        "-navn": _("Sorter: navn, siste først"),
        "nummer": _("Sorter: kundenummer"),
        "-nummer": _("Sorter: kundenummer, siste først"),
    }


def _heads(wanted: Wanted) -> list[dict[str, str]]:
    """Of the columns that sort: the words, which way they do now, and what a click sorts by."""
    now = wanted.sort if wanted.sort in ORDERS else "navn"
    words = {"navn": _("Kunde"), "nummer": _("Kundenr.")}
    ways = {name: "ascending" if now == name else "descending" if now == f"-{name}" else "" for name in words}
    return [
        {"words": words[name], "way": way, "sort": f"-{name}" if way == "ascending" else name}
        for name, way in ways.items()
    ]


def _undo_of(request: HttpRequest, company: Company) -> int:
    """How many proposals «Angre» would take back."""
    last = request.session.get(UNDO)
    return int(last["number"]) if last and last["company"] == company.pk else 0


def _edit_rows(request: HttpRequest, company: Company, batch: UUID) -> int:
    """What the user changed on the page, where it differs from the proposal that the server has now."""
    assert isinstance(request.user, User)  # signed in
    wanted = {
        int(name.removeprefix("metode-")): value
        for name, value in request.POST.items()
        if name.startswith("metode-") and ID.fullmatch(name[7:]) and value in (Method.AUTOINVOICE, Method.SELF)
    }
    shown = {
        pk: request.POST.get(f"var-{pk}") for pk in wanted
    }  # htmx sends all rows, also what a colleague has changed
    wanted = {pk: method for pk, method in wanted.items() if method != shown[pk]}
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
    return company.customers.filter(pk__in=[int(pk) for pk in request.POST.getlist("kunde") if ID.fullmatch(pk)])


def _number(asked: QueryDict, name: str) -> int | None:
    value = asked.get(name, "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 19 else None
