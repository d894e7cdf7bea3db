"""`/i/<token>`: the one invoice that a mail's link leads to (R13). No sign-in; what is not open says so and shows nothing.

The page is a stranger's for everybody: it is rendered without the request, so nothing of who looks can stand on it.
"""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import translation
from django.views.decorators.http import require_safe

from customers.access import companies_for
from customers.logos import has_logo, logo_of
from distribution import files, links
from distribution.documents.screen import screen_of
from distribution.models import Link
from distribution.views import pace
from distribution.views.machines import is_machine

WRONG_A_MINUTE = 20  # tokens that were never given out, from one address
LOOKS_A_MINUTE = 60  # at one link
PDFS_A_MINUTE = 15  # of one link; a layout takes a processor for a second
LinkView = Callable[[HttpRequest, Link, str], HttpResponse]
StrangersView = Callable[[HttpRequest, str], HttpResponse]


def of_link(most: int) -> Callable[[LinkView], StrangersView]:
    """The view gets the link of the token if it is open; so often in a minute."""

    def decorate(view: LinkView) -> StrangersView:
        @wraps(view)
        def page(request: HttpRequest, token: str) -> HttpResponse:
            with translation.override(_language(request)):
                return _private(answer(request, token))

        @require_safe
        def answer(request: HttpRequest, token: str) -> HttpResponse:
            link = links.find(token)
            # Who has a right token is never refused for what others guess from the same address.
            who, limit = (str(link.pk), most) if link else (pace.address_of(request), WRONG_A_MINUTE)
            if pace.too_often(view.__name__ if link else "wrong-token", who, limit):
                return _too_often()
            return view(request, link, token) if link and link.open else _closed(link)

        return page

    return decorate


@of_link(LOOKS_A_MINUTE)
def link_page(request: HttpRequest, link: Link, token: str) -> HttpResponse:
    _note(request, link)
    company = link.invoice.company
    screen = screen_of(files.data_of(link.invoice))
    context = {"link": link, "token": token, "screen": screen, "company": company, "logo": has_logo(company)}
    return _page("distribution/link.html", context)


@of_link(PDFS_A_MINUTE)
def link_pdf(request: HttpRequest, link: Link, _token: str) -> HttpResponse:
    _note(request, link)
    name, content = files.pdf(link.invoice)
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name}"'
    return response


@of_link(LOOKS_A_MINUTE)
def link_logo(_request: HttpRequest, link: Link, _token: str) -> HttpResponse:
    logo = logo_of(link.invoice.company)
    return HttpResponse(logo, content_type="image/png") if logo else HttpResponse(status=404)


def _note(request: HttpRequest, link: Link) -> None:
    """The sender's own people are not the customer."""
    if is_machine(request):
        links.note_machine(link)
    elif not companies_for(request.user).filter(pk=link.invoice.company_id).exists():
        links.note_opening(link)


def _closed(link: Link | None) -> HttpResponse:
    """Not found, whatever the reason: of the invoice nothing is shown, not even who sent it."""
    return _page("distribution/link_closed.html", {"link": link}, status=404)


def _too_often() -> HttpResponse:
    seconds = pace.seconds_left()
    response = _page("distribution/link_too_often.html", {"seconds": seconds}, status=429)
    response["Retry-After"] = str(seconds)
    return response


def _page(template: str, context: Mapping[str, Any], status: int = 200) -> HttpResponse:
    return HttpResponse(render_to_string(template, context), status=status)


def _language(request: HttpRequest) -> str:
    """A stranger's page is the only one that listens to Accept-Language."""
    return "en" if translation.get_language_from_request(request) == "en" else "nb"


def _private(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "private, no-store"
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Content-Language"] = translation.get_language()
    return response
