"""«Importer kunder»: upload, a preview that names each bad row and column, and all of it or nothing."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from customers.access import locked
from customers.imports import Plan, carry_out, plan
from customers.models import Company, Method, User
from customers.tables import FIELDS, Table, label_of, read_table
from distribution.activation import starting_method
from distribution.frozen import sha256_of
from distribution.tasks import ring_predictions
from distribution.views.frame import of_company

MEGABYTES = 10
SHOWN = 200


@of_company
def import_page(request: HttpRequest, company: Company) -> HttpResponse:
    if request.method != "POST":
        return _page(request)
    try:
        content = _uploaded(request)
        table = read_table(content)
    except ValidationError as error:
        return _page(request, error=error.messages[0])
    _put_aside(request, company, content)
    return _preview(request, table, _planned(company, table), sha256_of(content))


@of_company
@require_POST
def carry_out_import(request: HttpRequest, company: Company) -> HttpResponse:
    """What was previewed is planned anew, on the customers as they are now."""
    content = _put_aside_before(request, company)
    if content is None or sha256_of(content) != request.POST.get("fil"):
        return _page(request, error=_("Filen er ikke her lenger, eller en annen er lastet opp. Last den opp på nytt."))
    table = read_table(content)
    with transaction.atomic():
        planned = _planned(locked(company), table)
        if not planned.problems:
            assert isinstance(request.user, User)  # signed in
            carry_out(planned, request.user)
    if planned.problems:
        return _preview(request, table, planned, sha256_of(content))
    default_storage.delete(_name(request, company))
    ring_predictions(company.pk)
    number = len(planned.new) + len(planned.changed)
    said = ngettext("%(number)s kunde er importert.", "%(number)s kunder er importert.", number)
    messages.success(request, said % {"number": number})
    return redirect("customers")


def _planned(company: Company, table: Table) -> Plan:
    return plan(company, table, starting_method(company, Method.EMAIL))


def _uploaded(request: HttpRequest) -> bytes:
    file = request.FILES.get("fil")
    if file is None:
        raise ValidationError(_("Velg en fil først."))
    if (file.size or 0) > MEGABYTES * 1024 * 1024:
        raise ValidationError(_("Filen er større enn %(most)s MB. Del den i flere.") % {"most": MEGABYTES})
    return bytes(file.read())


def _put_aside(request: HttpRequest, company: Company, content: bytes) -> None:
    """Between preview and import; a user has one file per company, and the next one takes its place."""
    default_storage.delete(_name(request, company))
    default_storage.save(_name(request, company), ContentFile(content))


def _put_aside_before(request: HttpRequest, company: Company) -> bytes | None:
    try:
        with default_storage.open(_name(request, company)) as file:
            return bytes(file.read())
    except FileNotFoundError:
        return None


def _name(request: HttpRequest, company: Company) -> str:
    return f"imports/{company.pk}-{request.user.pk}.csv"


def _preview(request: HttpRequest, table: Table, planned: Plan, sha256: str) -> HttpResponse:
    context = {
        "plan": planned,
        "problems": planned.problems[:SHOWN],
        "table": table,
        "sha256": sha256,
        "writes": len(planned.new) + len(planned.changed),
        "rows": [*((True, customer) for customer in planned.new), *((False, customer) for customer in planned.changed)][
            :SHOWN
        ],
        "shown": SHOWN,
    }
    return render(
        request, "distribution/customer_import_preview.html", context, status=422 if planned.problems else 200
    )


def _page(request: HttpRequest, error: str = "") -> HttpResponse:
    context = {"error": error, "columns": [label_of(name) for name in FIELDS], "most": MEGABYTES}
    return render(request, "distribution/customer_import.html", context, status=422 if error else 200)
