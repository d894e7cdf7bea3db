"""The activation list as a file for Excel, with the same filters as the page (R5, R6)."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from customers.models import Company, Customer, Method, User
from distribution.proposals import Wanted, shown
from distribution.views.activation_rows import rows_of
from distribution.views.downloads import downloaded
from distribution.views.frame import of_company
from distribution.views.predicted import brought_up_to_date

CHUNK = 1000


@of_company
def activation_file(request: HttpRequest, company: Company) -> StreamingHttpResponse | HttpResponse:
    if company.activated:
        return redirect("activation")  # there is nothing left to propose
    assert isinstance(request.user, User)  # signed in
    brought_up_to_date(company)
    wanted = Wanted.of(request.GET)
    rows = shown(company, wanted, request.user).order_by(*wanted.order.names)
    chunks = _chunks(rows, get_language() or "nb")
    return downloaded(request, chunks, f"aktivering-{timezone.localdate():%Y-%m-%d}", _("Aktivering"))


def _chunks(rows: QuerySet[Customer], language: str) -> Iterator[list[list[str]]]:
    """The body is made after the view has returned, when the user's language is no longer the active one."""
    with override(language):
        head = _head()
    yield [head]
    customers = rows.iterator(chunk_size=CHUNK)
    while chunk := list(islice(customers, CHUNK)):
        with override(language):
            cells = [_cells(row) for row in rows_of(chunk)]
        yield cells


def _head() -> list[str]:
    return [
        _("Kundenummer"),
        _("Navn"),
        _("Metode nå"),
        _("Ny metode"),
        _("Neste faktura går som"),
        _("Fordi"),
        _("Mangler"),
        _("Endret av"),
    ]


def _cells(row: dict[str, Any]) -> list[str]:
    """As the page says it."""
    edited = getattr(row["customer"], "proposal_edit", None)
    return [
        row["number"],
        row["name"],
        row["now"],
        str(Method(row["proposed"]).label),
        row["label"],
        row["reason"],
        ", ".join(row["missing"]),
        str(edited.user or "–") if edited else "",
    ]
