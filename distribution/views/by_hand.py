"""«Ny faktura»: written on the page, summed by the server, and sent as any other invoice."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from customers.models import Company, Customer, User
from distribution import frozen
from distribution.by_hand import document_of, sums_of
from distribution.delivery import OpenRun
from distribution.documents.invoice import DocumentType
from distribution.documents.ubl import write
from distribution.intake import Received, Refused, receive
from distribution.invoice_form import MORE, MOST, InvoiceForm, LineFormSet
from distribution.models import Invoice
from distribution.models.invoice import FROM_PAGE
from distribution.tasks import ring
from distribution.views.frame import of_company
from distribution.views.kept import typed_before

OFFERED = 200  # customers in the list at once; with script it follows what is typed


@of_company
def new_invoice(request: HttpRequest, company: Company) -> HttpResponse:
    if request.method != "POST":
        kept = typed_before(request)
        return _page(request, company, InvoiceForm(company, kept), LineFormSet(kept, prefix="linje"))
    data = _with_more_lines(request.POST) if "flere" in request.POST else request.POST
    form, lines = InvoiceForm(company, data), LineFormSet(data, prefix="linje")
    if getattr(request, "htmx", False):
        return render(request, "distribution/_sums.html", _sums(form, lines))
    if "send" not in request.POST:
        return _page(request, company, form, lines)
    if form.is_valid() and lines.is_valid():
        received = _send(request, company, form, lines)
        if received is not None:
            return redirect("run", received.invoice.run_id)
    return _page(request, company, form, lines, status=422)


@of_company
def customers(request: HttpRequest, company: Company) -> HttpResponse:
    """The options that fit what is typed so far."""
    found = _offered(company, request.GET.get("customer", "").replace("\0", "").strip())
    return render(request, "distribution/_customers.html", {"customers": found})


def _send(request: HttpRequest, company: Company, form: InvoiceForm, lines: Any) -> Received | None:
    """None where it was refused; then the form says why. Sent twice it is the same invoice (R38)."""
    assert isinstance(request.user, User)  # signed in
    customer, typed = form.cleaned_data["customer"], form.typed(lines.typed())
    content = write(document_of(customer, typed))
    if words := _refusal(company, content, typed.currency, typed.number, sums_of(typed.lines).totals.tax_total != 0):
        form.add_error(*words)
        return None
    run = OpenRun(request.user, FROM_PAGE, timedelta(seconds=settings.SEND_DELAY_SECONDS))
    try:
        received = receive(company, content, run=run, user=request.user, customer=customer)
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return None
    if not settings.SEND_DELAY_SECONDS:
        ring(received.invoice.run)
    messages.success(request, _("%(invoice)s er tatt inn.") % {"invoice": received.invoice})
    return received


def _refusal(company: Company, content: bytes, currency: str, number: str, taxed: bool) -> tuple[str, str] | None:
    """The field and the words."""
    if currency != "NOK" and taxed:
        return "currency", _("Norsk mva må også stå i kroner, etter dagens kurs. Lag denne i økonomisystemet.")
    others = Invoice.objects.filter(company=company, document_type=DocumentType.INVOICE, number=number)
    if others.exclude(sha256=frozen.sha256_of(content)).exists():
        return "number", _("Nummeret er brukt på en annen faktura.")
    return None


def _page(request: HttpRequest, company: Company, form: InvoiceForm, lines: Any, status: int = 200) -> HttpResponse:
    context = {"form": form, "lines": lines, "customers": _offered(company, ""), **_sums(form, lines)}
    context |= {"delay": settings.SEND_DELAY_SECONDS, "told": status == 422}
    return render(request, "distribution/new_invoice.html", context, status=status)


def _sums(form: InvoiceForm, lines: Any) -> dict[str, Any]:
    sums = sums_of(lines.typed() if lines.is_bound else ())
    return {
        "sums": sums,
        "currency": form["currency"].value() if form["currency"].value() in dict(_codes(form)) else "",
    }


def _codes(form: InvoiceForm) -> Any:
    return form.fields["currency"].choices  # type: ignore[attr-defined]


def _offered(company: Company, q: str) -> list[Customer]:
    rows = company.customers.order_by("name", "pk")
    if q:
        rows = rows.filter(Q(name__icontains=q) | Q(number__startswith=q))
    return list(rows[:OFFERED])


def _with_more_lines(posted: QueryDict) -> QueryDict:
    data, name = posted.copy(), "linje-TOTAL_FORMS"
    now = str(data.get(name, ""))
    data[name] = str(min(int(now) + MORE, MOST)) if now.isascii() and now.isdigit() and len(now) < 6 else now
    return data
