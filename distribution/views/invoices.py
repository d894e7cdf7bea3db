"""«Fakturaer»: the list, and one invoice with its story, its files and its evidence."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST

from customers.models import Company, User
from distribution import files
from distribution.access import invoice_for
from distribution.credit import can_be_credited
from distribution.delivery import LostClaim, settle
from distribution.delivery.ordering import NotNow
from distribution.drafts import drafts_of
from distribution.evidence import evidence
from distribution.invoice_list import Wanted, invoices, page_of
from distribution.links import links_of
from distribution.models import Invoice
from distribution.reasons import in_words, invoice_named_in, needs_keys
from distribution.states import ChannelName, Status
from distribution.tasks import ring
from distribution.timeline import timeline
from distribution.views import remembered
from distribution.views.frame import of_company
from distribution.views.orders import possible_orders


@of_company
def list_page(request: HttpRequest, company: Company) -> HttpResponse:
    wanted = Wanted.of(request.GET)
    if left := remembered.as_left(request, company, wanted.kept):
        return left
    rows = invoices(company, wanted)
    page = page_of(rows, company, request.GET)
    context = {
        "page": page,
        "wanted": wanted,
        "filters": _filters(wanted),
        "statuses": Status.choices,
        "channels": ChannelName.choices,
        "rows": [_row(invoice) for invoice in page.rows],
        "found": rows.count(),
        "drafts": drafts_of(company).count(),
    }
    return render(request, "distribution/invoice_list.html", context)


@login_required
def invoice_page(request: HttpRequest, invoice_id: int) -> HttpResponse:
    invoice = invoice_for(request.user, invoice_id)
    delivery = invoice.last_delivery
    context = {
        "invoice": invoice,
        "delivery": delivery,
        "legs": (legs := timeline(invoice)),
        "several": any(leg.recipients for leg in legs if leg.delivery == delivery),
        "reason": in_words(delivery.reasons) if delivery else "",
        "double": invoice_named_in(delivery.reasons) if delivery else None,
        "keys": needs_keys(delivery.reasons) if delivery else False,
        "can": possible_orders(invoice),
        "can_be_credited": can_be_credited(invoice),
        "links": links_of(invoice),
        "files": invoice.deliveries.exclude(content_sha256="").order_by("pk"),
    }
    return render(request, "distribution/invoice.html", context)


@login_required
@require_POST
def settle_invoice(request: HttpRequest, invoice_id: int) -> HttpResponse:
    """The answer to «kom den fram?» for a delivery that nobody can be asked about."""
    invoice = invoice_for(request.user, invoice_id)
    assert isinstance(request.user, User)  # signed in
    if request.POST.get("arrived") not in ("yes", "no"):
        messages.error(request, _("Velg om den kom fram eller ikke. Ingenting er endret."))
        return redirect("invoice", invoice.pk)
    try:
        settle(invoice, request.user, arrived=request.POST["arrived"] == "yes")
    except (NotNow, LostClaim) as refusal:
        messages.error(
            request, refusal.message if isinstance(refusal, NotNow) else _("Noen andre var først. Se forløpet.")
        )
    else:
        messages.success(request, _("Avgjort. Det står på forløpet."))
        ring(invoice.run)
    return redirect("invoice", invoice.pk)


@login_required
@xframe_options_sameorigin
def invoice_pdf(request: HttpRequest, invoice_id: int) -> HttpResponse:
    return _file(*files.pdf(invoice_for(request.user, invoice_id)), "application/pdf")


@login_required
def invoice_xml(request: HttpRequest, invoice_id: int) -> HttpResponse:
    return _file(*files.xml(invoice_for(request.user, invoice_id)), "application/xml", attached=True)


@login_required
def frozen_file(request: HttpRequest, invoice_id: int, key: str) -> HttpResponse:
    """Exactly the bytes that left."""
    delivery = invoice_for(request.user, invoice_id).deliveries.filter(key=key).exclude(content_sha256="").first()
    if delivery is None:
        raise Http404
    return _file(*files.frozen_content(delivery), "application/octet-stream", attached=True)


@login_required
def invoice_evidence(request: HttpRequest, invoice_id: int) -> HttpResponse:
    invoice = invoice_for(request.user, invoice_id)
    response = JsonResponse(evidence(invoice), json_dumps_params={"ensure_ascii": False, "indent": 2})
    response["Content-Disposition"] = f'attachment; filename="bevis-{invoice.pk}.json"'
    return response


def _filters(wanted: Wanted) -> list[str]:
    """In words, what the list is filtered by."""
    filters = [
        (_("Søk"), wanted.q),
        (_("Status"), dict(Status.choices).get(wanted.status)),
        (_("Kanal"), dict(ChannelName.choices).get(wanted.channel)),
    ]
    return remembered.in_words(filters)


def _row(invoice: Invoice) -> dict[str, Any]:
    delivery = invoice.last_delivery
    return {"invoice": invoice, "delivery": delivery, "reason": in_words(delivery.reasons) if delivery else ""}


def _file(name: str, content: bytes, content_type: str, *, attached: bool = False) -> HttpResponse:
    response = HttpResponse(content, content_type=content_type)
    disposition = "attachment" if attached else "inline"
    response["Content-Disposition"] = f'{disposition}; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
