"""The list of customers as a file for Excel, with the same filters as the page."""

from collections.abc import Iterator
from itertools import islice

from django.db.models import QuerySet
from django.http import HttpRequest, StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from customers.models import Company, Customer, method_words
from customers.tables import FIELDS, label_of
from distribution.roster import Wanted, roster
from distribution.views.downloads import downloaded
from distribution.views.frame import of_company
from distribution.views.predicted import brought_up_to_date, expected

CHUNK = 1000


@of_company
def customer_file(request: HttpRequest, company: Company) -> StreamingHttpResponse:
    brought_up_to_date(company)
    rows = roster(company, Wanted.of(request.GET)).order_by("name", "pk")
    chunks = _chunks(rows, company, get_language() or "nb")
    return downloaded(request, chunks, f"kunder-{timezone.localdate():%Y-%m-%d}", _("Kunder"))


def _chunks(rows: QuerySet[Customer], company: Company, language: str) -> Iterator[list[list[str]]]:
    """The body is made after the view has returned, when the user's language is no longer the active one."""
    with override(language):
        head = _head()
    yield [head]
    customers = rows.iterator(chunk_size=CHUNK)
    while chunk := list(islice(customers, CHUNK)):
        with override(language):
            cells = [_cells(customer, company) for customer in chunk]
        yield cells


def _head() -> list[str]:
    return [*map(label_of, FIELDS), *_said_along()]


def _said_along() -> list[str]:
    return [_("Neste faktura går som"), _("Fordi"), _("Mangler")]


def heads_said_along() -> set[str]:
    """Of the columns that an import does not read, in both languages."""
    found = set()
    for language in ("nb", "en"):
        with override(language):
            found.update(_said_along())
    return found


def _cells(customer: Customer, company: Company) -> list[str]:
    """Such that the file, edited in Excel, can be imported again."""
    channel = expected(customer)
    in_words = {
        "kind": customer.get_kind_display(),
        "language": customer.get_language_display(),
        "method": method_words(customer.method, company),
        "electronic_only": _("Ja") if customer.electronic_only else _("Nei"),
        "parent": customer.parent.number if customer.parent else "",
    }
    cells = [in_words[name] if name in in_words else getattr(customer, name) for name in FIELDS]
    return [*cells, channel.label, channel.reason, ", ".join(channel.missing)]
