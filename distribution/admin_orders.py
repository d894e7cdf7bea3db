"""What ops order for many deliveries at once; each goes the way of a user's own order, with ops on its timeline."""

from collections import Counter

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from customers.models import User
from distribution.delivery import LostClaim
from distribution.delivery.ordering import NotNow, resend
from distribution.models import Delivery
from distribution.reasons import invoice_named_in
from distribution.states import Status
from distribution.tasks import ring


def order(request: HttpRequest, deliveries: QuerySet[Delivery], expected: Status) -> None:
    """What might become a double is refused here: its own page asks for a confirmation."""
    assert isinstance(request.user, User)  # signed in
    went, refused, runs = 0, Counter[str](), {}
    for delivery in deliveries.select_related("invoice__run", "invoice__last_delivery").order_by("pk"):
        try:
            _check(delivery, expected)
            resend(delivery.invoice, request.user)
        except NotNow as refusal:
            refused[refusal.messages[0]] += 1
        except LostClaim:
            refused[_("Noen andre var først.")] += 1
        else:
            went += 1
            runs[delivery.invoice.run_id] = delivery.invoice.run
    for run in runs.values():
        ring(run)
    _tell(request, went, refused)


def _check(delivery: Delivery, expected: Status) -> None:
    if delivery.invoice.last_delivery != delivery:
        raise NotNow(_("Fakturaen har en nyere utsendelse."))
    if delivery.status != expected:
        raise NotNow(_("Den er %(status)s.") % {"status": delivery.get_status_display().lower()})
    if invoice_named_in(delivery.reasons):
        raise NotNow(_("Nummeret er brukt på en annen faktura; det må bekreftes på fakturaens egen side."))


def _tell(request: HttpRequest, went: int, refused: Counter[str]) -> None:
    if went:
        said = ngettext("%(number)s faktura er lagt i kø.", "%(number)s fakturaer er lagt i kø.", went)
        messages.success(request, said % {"number": went})
    for why, number in refused.most_common():
        said = ngettext("%(number)s faktura gikk ikke: %(why)s", "%(number)s fakturaer gikk ikke: %(why)s", number)
        messages.warning(request, said % {"number": number, "why": why})
