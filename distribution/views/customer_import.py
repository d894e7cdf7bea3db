"""«Importer kunder»: upload, what each column is, a preview that names each bad row and column, and all of it or nothing."""

from dataclasses import dataclass
from functools import cached_property

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
from customers.columns import all_known, guessed, samples, wrong_with
from customers.imports import Plan, carry_out, plan
from customers.models import Company, Method, User
from customers.tables import FIELDS, Sheet, Table, label_of, read_sheet, table_of
from distribution.activation import starting_method
from distribution.frozen import sha256_of
from distribution.tasks import ring_predictions
from distribution.views.customer_file import heads_said_along
from distribution.views.frame import of_company

MEGABYTES = 10
SHOWN = 200
COLUMN = "kolonne-{}"


@dataclass(frozen=True)
class Upload:
    """A file with what each of its columns is."""

    sheet: Sheet
    fields: list[str]
    sha256: str

    @cached_property
    def table(self) -> Table:
        return table_of(self.sheet, self.fields)

    @property
    def own_heads(self) -> dict[str, str]:
        """What the file calls a field, by our label, where it has a name of its own for it."""
        pairs = ((head, label_of(field)) for head, field in zip(self.sheet.heads, self.fields, strict=True) if field)
        return {label: head for head, label in pairs if head.casefold() != label.casefold()}


@of_company
def import_page(request: HttpRequest, company: Company) -> HttpResponse:
    if request.method != "POST":
        return _page(request)
    try:
        content = _uploaded(request)
        sheet = read_sheet(content)
    except ValidationError as error:
        return _page(request, error=error.messages[0])
    _put_aside(request, company, content)
    upload = Upload(sheet, guessed(sheet.heads), sha256_of(content))
    if all_known(sheet, heads_said_along()):
        return _preview(request, upload, _planned(company, upload.table))
    return _columns(request, upload)


@of_company
@require_POST
def choose_columns(request: HttpRequest, company: Company) -> HttpResponse:
    """From the columns to the preview, or with `endre` back from the preview to the columns."""
    upload = _uploaded_before(request, company)
    if upload is None:
        return _page(request, error=_gone())
    wrong = wrong_with(upload.fields)
    if wrong or "endre" in request.POST:
        return _columns(request, upload, wrong)
    return _preview(request, upload, _planned(company, upload.table))


@of_company
@require_POST
def carry_out_import(request: HttpRequest, company: Company) -> HttpResponse:
    """What was previewed is planned anew, on the customers as they are now."""
    upload = _uploaded_before(request, company)
    if upload is None:
        return _page(request, error=_gone())
    if wrong := wrong_with(upload.fields):
        return _columns(request, upload, wrong)
    with transaction.atomic():
        planned = _planned(locked(company), upload.table)
        if not planned.problems:
            assert isinstance(request.user, User)  # signed in
            carry_out(planned, request.user)
    if planned.problems:
        return _preview(request, upload, planned)
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


def _uploaded_before(request: HttpRequest, company: Company) -> Upload | None:
    """The file that the page was about, with the columns as the page says; None when it is gone or another took its place."""
    try:
        with default_storage.open(_name(request, company)) as file:
            content = bytes(file.read())
    except FileNotFoundError:
        return None
    if sha256_of(content) != request.POST.get("fil"):
        return None
    sheet = read_sheet(content)
    return Upload(sheet, _chosen(request, sheet), sha256_of(content))


def _chosen(request: HttpRequest, sheet: Sheet) -> list[str]:
    chosen = [request.POST.get(COLUMN.format(place)) for place in range(len(sheet.heads))]
    return guessed(sheet.heads) if set(chosen) == {None} else [field or "" for field in chosen]


def _gone() -> str:
    return _("Filen er ikke her lenger, eller en annen er lastet opp. Last den opp på nytt.")


def _name(request: HttpRequest, company: Company) -> str:
    return f"imports/{company.pk}-{request.user.pk}"


def _columns(request: HttpRequest, upload: Upload, wrong: dict[int, str] | None = None) -> HttpResponse:
    wrong = wrong or {}
    columns = [
        {
            "name": COLUMN.format(place),
            "head": head or _("Kolonne %(number)s") % {"number": place + 1},
            "samples": samples(upload.sheet, place),
            "field": upload.fields[place],
            "error": wrong.get(place, ""),
        }
        for place, head in enumerate(upload.sheet.heads)
    ]
    context = {
        "columns": columns,
        "fields": [(field, label_of(field)) for field in FIELDS],
        "upload": upload,
    }
    return render(request, "distribution/customer_import_columns.html", context, status=422 if wrong else 200)


def _preview(request: HttpRequest, upload: Upload, planned: Plan) -> HttpResponse:
    heads = upload.own_heads
    context = {
        "plan": planned,
        "problems": [(problem, heads.get(problem.column, "")) for problem in planned.problems[:SHOWN]],
        "table": upload.table,
        "chosen": [(COLUMN.format(place), field) for place, field in enumerate(upload.fields)],
        "sha256": upload.sha256,
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
