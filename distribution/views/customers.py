"""«Kunder»: the list, and one customer with the channel of his next invoice, what is missing and what was sent."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from customers.access import customer_for
from customers.models import Company, Customer, Method, User, method_words, methods_for
from distribution.bounced import marks_of
from distribution.models import Invoice, Lookup
from distribution.paging import page_of
from distribution.prediction import check
from distribution.reasons import in_words
from distribution.roster import HELD, MISSING, UNREACHABLE, WAITS, YES, Counts, Wanted, roster, without_archived
from distribution.routing import Decision, Route, Wait
from distribution.states import ChannelName, NoChannel
from distribution.views import remembered
from distribution.views.changes import changes_of
from distribution.views.frame import of_company
from distribution.views.missing import MissingForm
from distribution.views.predicted import brought_up_to_date, expected, keep_up_to_date, lacks

SHOWN_INVOICES = 20
SHOWN_BRANCHES = 50


@of_company
def customer_list(request: HttpRequest, company: Company) -> HttpResponse:
    return remembered.as_left(request, company, Wanted.of(request.GET).kept) or list_page(request, company)


def list_page(
    request: HttpRequest, company: Company, refused: MissingForm | None = None, status: int = 200
) -> HttpResponse:
    """With the filter of what is missing each row offers the fields; `refused` is one that was posted and not saved."""
    counted, stale = brought_up_to_date(company)
    counts = without_archived(company, counted)
    wanted = Wanted.of(request.GET)
    rows = roster(company, wanted)
    page = page_of(rows, _number(request.GET, "etter"), _number(request.GET, "for"))
    selections = _selections(counts)
    known = {query: number for query, _words, number in selections}
    query_now = urlencode(wanted.kept)
    context = {
        "wanted": wanted,
        "page": page,
        "rows": _rows(page.rows, company, wanted, refused),
        "found": known[query_now] if query_now in known else rows.count(),
        "stale": stale,
        "query_now": query_now,
        "filters": _filters(wanted, company),
        "selections": selections,
        "archived": counts.archived,
        "unreachable": roster(company, Wanted(missing=UNREACHABLE)).count(),
        "unreachable_filter": UNREACHABLE,
        "methods": [(method, method_words(method, company)) for method in methods_for(company)],
        "lacks": lacks(),
    }
    return render(request, "distribution/customer_list.html", context, status=status)


@login_required
def customer_page(request: HttpRequest, customer_id: int) -> HttpResponse:
    customer = customer_for(request.user, customer_id)
    keep_up_to_date(customer)
    branches = customer.branches.order_by("name", "pk")
    context = {
        "customer": customer,
        "method": method_words(customer.method_in_force, customer.company),
        "expected": expected(customer),
        "lookup": _lookup(customer),
        "bounced": marks_of(customer),
        "invoices": _last_invoices(customer),
        "changes": changes_of(customer),
        "branches": branches[:SHOWN_BRANCHES],
        "branches_in_all": branches.count(),
    }
    return render(request, "distribution/customer.html", context)


@login_required
@require_POST
def check_customer(request: HttpRequest, customer_id: int) -> HttpResponse:
    """«Sjekk nå»: what the register answers today, said at once and kept for the lists."""
    customer = customer_for(request.user, customer_id)
    assert isinstance(request.user, User)  # signed in
    decision = check(customer, request.user)
    (messages.success if isinstance(decision, Route) else messages.info)(request, _said(decision))
    return redirect("customer", customer.pk)


def _said(decision: Decision) -> str:
    why = in_words(decision.reasons)
    if isinstance(decision, Route):
        channel = ChannelName(decision.channel).label
        return _("Sjekket nå: Neste faktura går som %(channel)s. %(why)s") % {"channel": channel, "why": why}
    if isinstance(decision, Wait):
        return _("Registeret svarte ikke nå. Det som står her, bygger på forrige svar. %(why)s") % {"why": why}
    return _("Sjekket nå: Neste faktura blir holdt tilbake. %(why)s") % {"why": why}


def _rows(
    customers: list[Customer], company: Company, wanted: Wanted, refused: MissingForm | None
) -> list[dict[str, Any]]:
    rows = [row_of(customer, company, missing=wanted.missing in MISSING) for customer in customers]
    if refused is None:
        return rows
    customer = refused.form.instance
    others = [row for row in rows if row["customer"].pk != customer.pk]
    place = next((place for place, row in enumerate(rows) if row["customer"].pk == customer.pk), 0)
    stored = Customer.objects.select_related("prediction", "parent").get(pk=customer.pk)
    return [*others[:place], {**row_of(stored, company), "filling": refused}, *others[place:]]


def row_of(customer: Customer, company: Company, *, missing: bool = False) -> dict[str, Any]:
    """`missing`: what is missing can be filled in."""
    channel = expected(customer)
    lacks = customer.prediction.missing if channel.missing else []
    return {
        "customer": customer,
        "method": method_words(customer.method_in_force, company),
        "expected": channel,
        "filling": MissingForm.of(customer, lacks) if missing and lacks else None,
    }


def _selections(counts: Counts) -> list[tuple[str, str, int]]:
    """Saved selections with their counts: the query that shows each, its words, how many."""
    channels = [(name.value, str(name.label), counts.now.get(name.value, 0)) for name in ChannelName]
    return [
        ("", _("Alle"), counts.customers),
        *((f"kanal={name}", label, number) for name, label, number in channels),
        (f"kanal={WAITS}", _("Venter på oppslag"), counts.now.get(NoChannel.WAITS, 0)),
        (f"kanal={HELD}", _("Holdes tilbake"), counts.now.get(NoChannel.HELD, 0)),
        ("mangler=noe", _("Noe mangler"), counts.missing),
        (f"arkiverte={YES}", _("Arkiverte"), counts.archived),
    ]


def _filters(wanted: Wanted, company: Company) -> list[str]:
    """In words, what the list is filtered by."""
    channels = {**dict(ChannelName.choices), WAITS: _("Venter på oppslag"), HELD: _("Holdes tilbake")}
    filters = [
        (_("Søk"), wanted.q),
        (_("Distribusjonsmåte"), method_words(wanted.method, company) if wanted.method in Method.values else ""),
        (_("Kanal"), channels.get(wanted.channel)),
        (_("Mangler"), dict(lacks()).get(wanted.missing)),
        (_("Arkiverte"), _("Ja") if wanted.archived == YES else ""),
    ]
    return remembered.in_words(filters)


def _lookup(customer: Customer) -> Lookup | None:
    """When a register last answered about this customer."""
    prediction = customer.prediction
    asked = {"register": prediction.asked_register, "identifier": prediction.asked_identifier}
    return Lookup.objects.filter(**asked).order_by("-asked_at").first() if prediction.asked_register else None


def _last_invoices(customer: Customer) -> list[dict[str, Any]]:
    rows = Invoice.objects.filter(customer=customer).select_related("last_delivery").order_by("-created_at", "-pk")
    return [{"invoice": invoice, "delivery": invoice.last_delivery} for invoice in rows[:SHOWN_INVOICES]]


def _number(asked: QueryDict, name: str) -> int | None:
    value = asked.get(name, "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 19 else None
