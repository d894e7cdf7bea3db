"""What a person orders for one invoice, one click each (R28, R37): send it again, send it another way, do not send it."""

from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from customers.models import User
from distribution.access import invoice_for
from distribution.delivery import LostClaim, cancel, resend, ways
from distribution.delivery.ordering import NeedsConfirmation, NotNow
from distribution.models import Delivery, Invoice
from distribution.reasons import in_words, invoice_named_in
from distribution.states import SENT, TRANSITIONS, WAITING, ChannelName, Status
from distribution.tasks import ring


@dataclass(frozen=True, slots=True)
class Possible:
    """Which orders an invoice's page offers now; `double` where one more sending is one too many, which is asked first."""

    again: bool = False
    double: bool = False
    ways: tuple[tuple[str, str], ...] = ()
    stop: bool = False


def possible_orders(invoice: Invoice) -> Possible:
    delivery = invoice.last_delivery
    if delivery is None:
        return Possible()
    stop = Status.CANCELLED in TRANSITIONS[Status(delivery.status)]
    if invoice.customer is None or _on_its_way(delivery):
        return Possible(stop=stop)
    others = tuple((name.value, str(name.label)) for name in ways(invoice) if name != delivery.channel)
    return Possible(again=True, double=_sent_perhaps(delivery), ways=others, stop=stop)


@login_required
@require_POST
def send_again(request: HttpRequest, invoice_id: int) -> HttpResponse:
    return _send(request, invoice_for(request.user, invoice_id), "")


@login_required
@require_POST
def send_another_way(request: HttpRequest, invoice_id: int) -> HttpResponse:
    invoice = invoice_for(request.user, invoice_id)
    channel = request.POST.get("kanal", "")
    if channel not in ChannelName.values:
        messages.error(request, _("Velg en kanal. Ingenting er endret."))
        return redirect("invoice", invoice.pk)
    return _send(request, invoice, channel)


@login_required
@require_POST
def stop(request: HttpRequest, invoice_id: int) -> HttpResponse:
    invoice = invoice_for(request.user, invoice_id)
    assert isinstance(request.user, User)  # signed in
    assert invoice.last_delivery is not None  # made with its invoice
    try:
        cancel(invoice.last_delivery, request.user, by_hand=request.POST.get("selv") == "1")
    except (NotNow, LostClaim) as refusal:
        return _refused(request, invoice, refusal)
    messages.success(request, _("Fakturaen er stoppet og blir ikke sendt."))
    return redirect("invoice", invoice.pk)


def _send(request: HttpRequest, invoice: Invoice, channel: str) -> HttpResponse:
    assert isinstance(request.user, User)  # signed in
    confirmed = request.POST.get("confirmed") == "1"
    if not confirmed and _number_used(invoice):
        return _ask(request, invoice, channel)
    try:
        resend(invoice, request.user, channel=channel, confirmed=confirmed)
    except NeedsConfirmation:
        return _ask(request, invoice, channel)
    except (NotNow, LostClaim) as refusal:
        return _refused(request, invoice, refusal)
    messages.success(request, _("Fakturaen er lagt i kø og går nå. Følg med på forløpet."))
    ring(invoice.run)
    return redirect("invoice", invoice.pk)


def _ask(request: HttpRequest, invoice: Invoice, channel: str) -> HttpResponse:
    """Nothing has happened yet; the page says what would, and its button orders the same again, confirmed."""
    delivery = invoice.last_delivery
    assert delivery is not None  # made with its invoice
    context = {
        "invoice": invoice,
        "delivery": delivery,
        "channel": channel,
        "label": ChannelName(channel).label if channel else "",
        "reason": in_words(delivery.reasons) if _number_used(invoice) else "",
        "other": invoice_named_in(delivery.reasons),
    }
    return render(request, "distribution/send_again.html", context, status=422)


def _refused(request: HttpRequest, invoice: Invoice, refusal: NotNow | LostClaim) -> HttpResponse:
    words = refusal.messages[0] if isinstance(refusal, NotNow) else _("Noen andre var først. Se forløpet.")
    messages.error(request, words)
    return redirect("invoice", invoice.pk)


def _on_its_way(delivery: Delivery) -> bool:
    return delivery.status in WAITING or (delivery.status == Status.UNCERTAIN and delivery.due_at is not None)


def _sent_perhaps(delivery: Delivery) -> bool:
    return delivery.status in SENT or delivery.status == Status.UNCERTAIN


def _number_used(invoice: Invoice) -> bool:
    """Held because another document has its number (R38): without a confirmation it would only be held once more."""
    delivery = invoice.last_delivery
    return bool(delivery and delivery.status == Status.HELD and invoice_named_in(delivery.reasons))
