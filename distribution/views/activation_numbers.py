"""«Aktivering», the part that counts: in the page of a small company, asked for by the page of a large one (R5, R6)."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from customers.models import Company, Customer, User
from distribution.models import Prediction
from distribution.prediction import Totals, predict, predict_stale, totals
from distribution.print_cost import PrintCost, expected_cost
from distribution.proposals import HELD, MINE, MISSING, MOVES, NAMES, WAITS, Wanted, number_found
from distribution.states import ChannelName
from distribution.tasks import ring_predictions
from distribution.views.frame import of_company
from distribution.views.predicted import AT_ONCE, is_large

PLACE = ("etter", "for")  # the page of the list


@dataclass(frozen=True, slots=True)
class Numbers:
    """`stale`: how many predictions a worker still has to make."""

    totals: list[dict[str, Any]]
    selections: list[tuple[str, str, int | None]]
    customers: int
    stale: int
    print_cost: PrintCost | None = None


@of_company
def numbers_part(request: HttpRequest, company: Company) -> HttpResponse:
    """What htmx fetches once the page of a large company stands."""
    if company.activated:
        return redirect("activation")
    assert isinstance(request.user, User)  # signed in
    numbers = count(company, request.user)
    wanted = Wanted.of(request.GET)
    context = {
        "numbers": numbers,
        "query_now": filters_of(request.GET),
        "selected": selected_of(request.GET),
        "wanted": wanted,
        "stale": numbers.stale,
        "found": numbers.customers if wanted.everything else None,
        "part": True,
    }
    return render(request, "distribution/_activation_part.html", context)


@of_company
def found_part(request: HttpRequest, company: Company) -> HttpResponse:
    """How many customers the filter finds; apart from the totals, which no filter changes."""
    if company.activated:
        return redirect("activation")
    assert isinstance(request.user, User)  # signed in
    found = number_found(company, Wanted.of(request.GET), request.user)
    return render(request, "distribution/_activation_found.html", {"found": found, "part": True})


def counts_now(request: HttpRequest, company: Company) -> bool:
    """A small company's numbers stand in the page; a large one's come after it, or in it by «Vis tallene»."""
    return "tall" in request.GET or not is_large(company)


def count(company: Company, user: User) -> Numbers:
    counted = _up_to_date(company)
    waiting = max(counted.now.get(WAITS, 0), counted.after.get(WAITS, 0))
    if counted.stale or waiting:
        ring_predictions(company.pk)
    mine = number_found(company, Wanted(selection=MINE), user)
    cost = expected_cost(company, counted.after.get(ChannelName.PRINT, 0))
    return Numbers(_table(counted), selections(counted, mine), counted.customers, counted.stale + waiting, cost)


def make_shown_anew(company: Company, shown: list[Customer]) -> bool:
    """The rows of a page are never stale, however many others are; True when some were."""
    ids = [customer.pk for customer in shown]
    stale = set(Prediction.objects.filter(pk__in=ids).stale().values_list("pk", flat=True))
    stale |= {customer.pk for customer in shown if getattr(customer, "prediction", None) is None}
    return bool(stale) and predict(company, company.customers.filter(pk__in=stale)) > 0


def selections(counted: Totals | None, mine: int | None = None) -> list[tuple[str, str, int | None]]:
    """Saved selections with their counts, or before they are counted: the query that shows each, its words, how many."""
    after = counted.after if counted else None
    return [
        ("", _("Alle"), counted.customers if counted else None),
        (f"utvalg={MINE}", _("Endret av deg"), mine),
        (f"utvalg={MOVES}", _("Ny kanal"), counted.moves if counted else None),
        (f"kanal={ChannelName.PRINT}", _("Går til print"), None if after is None else after.get(ChannelName.PRINT, 0)),
        (f"utvalg={MISSING}", _("Noe mangler"), counted.missing if counted else None),
        (f"kanal={HELD}", _("Holdes tilbake"), None if after is None else after.get(HELD, 0)),
        (f"kanal={WAITS}", _("Venter på oppslag"), None if after is None else after.get(WAITS, 0)),
    ]


def uncounted() -> Numbers:
    """The same shape before anything is counted, so that nothing moves when the numbers come."""
    return Numbers(_table(None), selections(None), 0, 0)


def filters_of(asked: QueryDict) -> str:
    return urlencode(kept_of(asked))


def kept_of(asked: QueryDict) -> list[tuple[str, str]]:
    """What the list is filtered and sorted by."""
    return [(name, str(asked[name])) for name in NAMES.values() if asked.get(name)]


def selected_of(asked: QueryDict) -> str:
    """The filters alone, as a saved selection writes them."""
    return urlencode([(name, value) for name, value in kept_of(asked) if name != NAMES["sort"]])


def place_of(asked: QueryDict) -> list[tuple[str, str]]:
    """What a form must carry along so that the same page of the list stands there afterwards."""
    return kept_of(asked) + [(name, str(asked[name])) for name in PLACE if asked.get(name)]


def address_of(asked: QueryDict) -> str:
    return f"{reverse('activation')}?{urlencode(place_of(asked))}"


def _up_to_date(company: Company) -> Totals:
    """Few stale predictions are made anew at once; many by a worker."""
    counted = totals(company)
    if not 0 < counted.stale <= AT_ONCE:
        return counted
    predict_stale(company)
    return totals(company)


def _table(counted: Totals | None) -> list[dict[str, Any]]:
    """Rows of the table: channel, why, today, after."""
    rows = [
        (ChannelName.EINVOICE, ChannelName.EINVOICE.label, _("Registrert for elektronisk faktura")),
        (ChannelName.EMAIL, ChannelName.EMAIL.label, _("Ikke registrert, e-post finnes")),
        (ChannelName.PRINT, ChannelName.PRINT.label, _("Ikke registrert, ingen e-post")),
        (ChannelName.TO_USER, ChannelName.TO_USER.label, _("Du sender selv")),
        (WAITS, _("Venter på oppslag"), _("Registeret svarte ikke")),
        (HELD, _("Holdt tilbake"), _("Noe mangler")),
    ]
    table: list[dict[str, Any]] = [{"name": str(name), "label": label, "why": why} for name, label, why in rows]
    for row in table if counted else ():
        row["now"], row["after"] = counted.now.get(row["name"], 0), counted.after.get(row["name"], 0)  # type: ignore[union-attr]
        row["change"] = row["after"] - row["now"]
    return table
