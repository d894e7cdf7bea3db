"""`/i/<token>`: the one invoice that a mail's link leads to (R13). No sign-in; what is not open says so and shows nothing."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.views.decorators.http import require_safe

from distribution import files, frozen
from distribution.documents.invoice import DocumentType
from distribution.documents.text import account, amount_with_currency, day
from distribution.kid import name_of
from distribution.models import Event, Link
from distribution.states import EventKind

QUIET = timedelta(minutes=10)  # a page and its PDF opened together are one opening


@require_safe
def link_page(request: HttpRequest, token: str) -> HttpResponse:
    link = _open_link(token)
    with translation.override(_language(request)):
        if link is None:
            return _closed(request)
        _note_opening(request, link)
        document = files.data_of(link.invoice)
        context = {
            "link": link,
            "token": token,
            "document": document,
            "invoice": link.invoice,
            "company": link.invoice.company,
            "payable": amount_with_currency(document.totals.payable, document.currency),
            "due": day(document.due_date) if document.due_date else "",
            "account": account(document.account) if document.account else "",
            "reference_name": name_of(document.payment_id),
            "credit": document.document_type == DocumentType.CREDIT_NOTE,
        }
        return _private(render(request, "distribution/link.html", context))


@require_safe
def link_pdf(request: HttpRequest, token: str) -> HttpResponse:
    link = _open_link(token)
    if link is None:
        with translation.override(_language(request)):
            return _closed(request)
    _note_opening(request, link)
    name, content = files.pdf(link.invoice)
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name}"'
    return _private(response)


def _open_link(token: str) -> Link | None:
    link = (
        Link.objects.select_related("invoice__company", "invoice__customer")
        .filter(token_sha256=frozen.sha256_of(token.encode()))
        .first()
    )
    return link if link is not None and link.open else None


def _closed(request: HttpRequest) -> HttpResponse:
    return _private(render(request, "distribution/link_closed.html", status=404))


def _note_opening(request: HttpRequest, link: Link) -> None:
    """On the timeline, once in a while; a HEAD is a mail scanner, not a person."""
    if request.method != "GET":
        return
    recent = Event.objects.filter(invoice=link.invoice, kind=EventKind.LINK_OPENED, at__gte=timezone.now() - QUIET)
    if not recent.exists():
        Event.objects.create(invoice=link.invoice, delivery=link.invoice.last_delivery, kind=EventKind.LINK_OPENED)


def _language(request: HttpRequest) -> str:
    """A stranger's page is the only one that listens to Accept-Language."""
    return "en" if translation.get_language_from_request(request) == "en" else "nb"


def _private(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "private, no-store"
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response
