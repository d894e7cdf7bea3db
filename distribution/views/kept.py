"""Signed out in mid-edit: what was typed is kept, and shown again in the same form after the sign-in. It is never saved by itself."""

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

from customers.models import User
from distribution.views.frame import CHOSEN, ours

FORMS = {
    "new-customer",
    "edit-customer",
    "settings",
    "new-invoice",
    "draft",
    "edit-company",
}  # they ask for `typed_before`
MOST = 100_000  # bytes
SECONDS = 3600
KEPT = "typed"
LAST = "sist"  # the cookie: who worked here last, and in which company; it outlives the session and opens nothing


class KeptForms:
    """Runs after the CSRF check, so that no other site can put words here. The text is for the user who worked in this
    browser last: where none is known nothing is kept, and at another's sign-in it is thrown away."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if isinstance(request.user, User):
            _remember(request, request.user, response)
            return response
        return _led_to_sign_in(request, response)

    def process_view(self, request: HttpRequest, view: Any, args: Any, named: Any) -> None:
        if isinstance(request.user, User):
            _give_back(request, request.user)
        elif _is_form(request):
            _keep(request)


def _led_to_sign_in(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """After the sign-in comes the page that the user had before him: an order's own address shows nothing, and a part that htmx
    asked for is no page."""
    sign_in = reverse("account_login")
    if response.headers.get("Location", "").partition("?")[0] != sign_in:
        return response
    htmx = getattr(request, "htmx", False)
    if not htmx and (request.method != "POST" or _is_form(request)):
        return response
    page = urlsplit(request.headers.get("HX-Current-URL" if htmx else "Referer", ""))
    before = f"{page.path}?{page.query}" if page.query else page.path
    known = before if page.netloc == request.get_host() and ours(request, before) else reverse("home")
    address = f"{sign_in}?{urlencode({'next': known})}"
    return HttpResponseClientRedirect(address) if htmx else redirect(address)


def typed_before(request: HttpRequest) -> QueryDict | None:
    """What the user had typed here when he turned out to be signed out; the data for a form that is shown, not saved."""
    return getattr(request, "typed_before", None)


def _is_form(request: HttpRequest) -> bool:
    match = request.resolver_match
    return (
        request.method == "POST"
        and match is not None
        and match.url_name in FORMS
        and not getattr(request, "htmx", False)
        and not request.FILES
    )


def _keep(request: HttpRequest) -> None:
    user, company = _last(request)
    data = request.POST.copy()
    data.pop("csrfmiddlewaretoken", None)
    typed = data.urlencode()
    if user and len(typed) <= MOST:
        facts = {"path": request.path, "data": typed, "at": time.time(), "user": user, "company": company}
        request.session[KEPT] = facts


def _give_back(request: HttpRequest, user: User) -> None:
    kept = request.session.get(KEPT)
    if kept is None:
        return
    if kept["user"] != str(user.pk) or time.time() - kept["at"] > SECONDS:
        del request.session[KEPT]
    elif request.method == "GET" and request.path == kept["path"]:
        del request.session[KEPT]
        if kept["company"]:
            request.session[CHOSEN] = int(kept["company"])
        request.typed_before = QueryDict(kept["data"])  # type: ignore[attr-defined]
        messages.warning(request, _("Du var logget ut. Det du skrev, er her ennå; se over og lagre."))


def _remember(request: HttpRequest, user: User, response: HttpResponse) -> None:
    now = (str(user.pk), str(request.session.get(CHOSEN, "")))
    if _last(request) != now:
        response.set_signed_cookie(
            LAST,
            ":".join(now),
            salt=LAST,
            max_age=2 * settings.SESSION_COOKIE_AGE,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )


def _last(request: HttpRequest) -> tuple[str, str]:
    """User and company; empty where not known."""
    user, _colon, company = (request.get_signed_cookie(LAST, default="", salt=LAST) or "").partition(":")
    return user, company
