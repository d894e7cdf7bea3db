"""What a person orders: stop it, send it again, send it another way (R28, R37)."""

from collections.abc import Callable, Iterable

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from customers.models import User
from distribution import lookups
from distribution.delivery.ledger import lock_invoices, move, move_within, tell
from distribution.delivery.parting import has_gone_on, part_ways
from distribution.delivery.planning import plan
from distribution.delivery.recipients import settle_uncertain
from distribution.facts import Case, as_if_chosen, cases_of, facts_of, query_of
from distribution.models import Delivery, Invoice
from distribution.reasons import because, invoice_named_in, to_json
from distribution.registers.base import Query, Reply
from distribution.routing import allowed_channels
from distribution.states import SENT, TRANSITIONS, WAITING, ChannelName, EventKind, Status


class NotNow(ValidationError):
    """The order can't be carried out as things stand; the words say why."""


class NeedsConfirmation(NotNow):
    """It was sent, or may have been: another one is a double, which takes a typed confirmation."""


def cancel(delivery: Delivery, user: User | None, *, by_hand: bool = False) -> None:
    """Takes an invoice out; `by_hand` when the user sends it himself (R28). Raises NotNow, and LostClaim if a worker was faster."""
    if Status.CANCELLED not in TRANSITIONS[Status(delivery.status)]:
        raise NotNow(
            _("Fakturaen kan ikke stoppes: den er %(status)s.") % {"status": delivery.get_status_display().lower()}
        )
    if delivery.leader_id and delivery.status == Status.QUEUED:
        raise NotNow(_("Fakturaen kan ikke stoppes: den er på vei i en e-post sammen med andre."))
    if delivery.doubtful:
        raise NotNow(_("Fakturaen kan ikke stoppes: et tidligere forsøk kan ha kommet fram."))
    if delivery.reached:
        raise NotNow(_("Fakturaen kan ikke stoppes: en av adressene har fått den."))
    reason = because("sent_by_hand" if by_hand else "stopped_by_person")
    move(delivery, Status.CANCELLED, EventKind.CANCELLED, user=user, due_at=None, reasons=to_json((reason,)))


def resend(invoice: Invoice, user: User | None, *, channel: str = "", confirmed: bool = False) -> Delivery:
    """Sends an invoice that has ended once more, or by another channel that today's facts allow. Raises NotNow, NeedsConfirmation."""
    last = _last_of(invoice)
    if last.status in WAITING or (last.status == Status.UNCERTAIN and last.due_at is not None):
        raise NotNow(_("Fakturaen er alt på vei."))
    if channel:
        _check_allowed(last, channel)
    double = last.status in SENT or last.status == Status.UNCERTAIN or last.doubtful
    if double and not confirmed:
        raise NeedsConfirmation(_("Fakturaen er eller kan være sendt. Bekreft at den skal gå en gang til."))
    with transaction.atomic():
        lock_invoices(last)
        now = _last_of(invoice)
        if (now.pk, now.status) != (last.pk, last.status):
            raise NotNow(_("Fakturaen er alt på vei."))
        if confirmed and (double or invoice_named_in(last.reasons)):
            tell(last, EventKind.DOUBLE_CONFIRMED, user=user)
        if last.status == Status.HELD and not last.channel and not channel:
            move(
                last,
                Status.QUEUED,
                EventKind.RELEASED,
                user=user,
                due_at=timezone.now(),
                double_confirmed=last.double_confirmed or confirmed,
            )
            return last
        if not double and last.status != Status.CANCELLED:
            move(last, Status.CANCELLED, EventKind.SUPERSEDED, user=user, due_at=None)
        return plan(invoice, user=user, chosen_channel=channel, double_confirmed=last.double_confirmed or confirmed)


def settle(invoice: Invoice, user: User, *, arrived: bool) -> None:
    """A person has found out what nobody could be asked (R32): it arrived, or it surely did not and goes again with the same
    key and bytes. The third choice is to leave it, and needs no order. Raises NotNow."""
    with transaction.atomic():
        first = _last_of(invoice)
        lock_invoices(first.leader or first)
        last = _last_of(invoice)
        if last.leader and last.status == Status.UNCERTAIN:
            last = last.leader  # one mail: what became of it is true of all that was in it
        if last.status != Status.UNCERTAIN or last.due_at is not None:
            raise NotNow(_("Det er ikke lenger noe å avgjøre for denne fakturaen."))
        if last.leads and not arrived and has_gone_on(last):
            part_ways(last, EventKind.SETTLED, {"arrived": False}, user)
            return
        left = settle_uncertain(last, arrived=arrived)
        status, due_at = (Status.QUEUED, timezone.now()) if left or not arrived else (Status.ACCEPTED, None)
        data, reached = {"arrived": arrived}, last.reached or (arrived and left)
        move_within(
            last, status, EventKind.SETTLED, user=user, data=data, due_at=due_at, doubtful=False, reached=reached
        )


def undo(deliveries: QuerySet[Delivery], user: User) -> int:
    """Stops what no worker has ever claimed (R40), and says how many that were. The rows are locked first: a worker passes
    locked rows by, so whatever is found here can't be on its way any more when it is stopped."""
    with transaction.atomic():
        untouched = deliveries.filter(status=Status.QUEUED, fence=0).order_by("pk")
        rows = list(untouched.select_for_update(of=("self",)))
        for delivery in rows:
            cancel(delivery, user)
    return len(rows)


def ways(invoice: Invoice) -> tuple[ChannelName, ...]:
    """The channels to offer for another sending, by what the registers last answered; the order itself asks them anew."""
    last = _last_of(invoice)
    case = cases_of([last]).get(last.pk)
    return _allowed(case, lookups.kept) if case else ()


def _last_of(invoice: Invoice) -> Delivery:
    return Delivery.objects.select_related(
        "invoice__customer__parent", "invoice__customer__company", "invoice__company", "invoice__sent_by"
    ).get(invoice=invoice.pk, invoice__last_delivery=F("pk"))


def _check_allowed(last: Delivery, channel: str) -> None:
    case = cases_of([last]).get(last.pk)
    if case is None:
        raise NotNow(_("Kunden er slettet."))
    if channel not in _allowed(case, lookups.ask):
        raise NotNow(_("Fakturaen kan ikke gå denne veien nå: %(channel)s.") % {"channel": ChannelName(channel).label})


def _allowed(case: Case, answers: Callable[[Iterable[Query]], dict[Query, Reply]]) -> tuple[ChannelName, ...]:
    case = as_if_chosen(case)
    query = query_of(case)
    return allowed_channels(facts_of(case, answers([query] if query else [])))
