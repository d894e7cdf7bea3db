"""A list's plain address shows what the user last had it show, for each of his companies; a query string says anew what is shown."""

from collections.abc import Iterable, Mapping

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import urlencode

from customers.models import Company

FILTERS = "filters"


def as_left(request: HttpRequest, company: Company, filters: Mapping[str, str]) -> HttpResponse | None:
    """`filters`: what the address asks for, by its names. The way to the filter that was left, where the address is plain: so
    the address always says what is shown, also to the links and the forms of the page."""
    remembered, key = request.session.get(FILTERS, {}), f"{company.pk}{request.path}"
    left = remembered.get(key, "")
    if not request.META["QUERY_STRING"]:
        return redirect(f"{request.path}?{left}") if left else None
    now = urlencode(filters)
    if now != left:
        request.session[FILTERS] = {**remembered, key: now}
    return None


def in_words(filters: Iterable[tuple[str, object]]) -> list[str]:
    """Those that are set, as the page says them: «Kanal: E-post»."""
    return [f"{label}: {words}" for label, words in filters if words]
