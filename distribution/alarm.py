"""Tells ops at once when a whole channel has stopped (R39): invoices wait or are uncertain, and none gets through; or the other
end says that it takes nothing from us."""

import logging
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.core import mail
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from customers.mailing import NOT_MAILED
from customers.models import User
from distribution.channels.base import WeAreRefused
from distribution.models import Attempt, ChannelAlarm, Delivery
from distribution.states import ChannelName, EventKind, Outcome, Status

logger = logging.getLogger(__name__)
Words = Callable[[str], str]
WINDOW = timedelta(minutes=15)
ENOUGH = 10
LOOK_BACK = 5000  # attempts, by their ids: no index on times, which every attempt would have to write
AGAIN = timedelta(hours=1)
NO_CONTACT = frozenset({Outcome.TEMPORARY, Outcome.UNCERTAIN})  # a refusal is an answer: the channel works


def tell_of_stopped_channels() -> list[ChannelName]:
    """The channels that were told of now; each at most once an hour."""
    now = timezone.now()
    trouble = dict.fromkeys(stopped_channels(now), _words_of_silence) | dict.fromkeys(
        refused_channels(now), _words_of_refusal
    )
    return [name for name, words in trouble.items() if _claim(name, now) and _tell(name, words)]


def stopped_channels(now: datetime) -> list[ChannelName]:
    """Of the last quarter at least ten attempts have ended, and not one of them with an answer."""
    newest = Attempt.objects.order_by("-pk").values_list("channel", "outcome", "started_at")[:LOOK_BACK]
    ended = [(channel, outcome) for channel, outcome, started in newest if outcome and started > now - WINDOW]
    failed = Counter(channel for channel, outcome in ended if outcome in NO_CONTACT)
    answered = {channel for channel, outcome in ended if outcome not in NO_CONTACT}
    return [name for name in ChannelName if failed[name] >= ENOUGH and name not in answered]


def refused_channels(now: datetime) -> list[ChannelName]:
    """Those whose other end has said in the last quarter that it takes nothing from us."""
    held = Delivery.objects.filter(status=Status.HELD, due_at__isnull=True, ended_at__gt=now - WINDOW)
    refused = held.filter(reasons__0__code=WeAreRefused.reason)
    return [ChannelName(name) for name in refused.order_by().values_list("channel", flat=True).distinct()]


def _claim(name: ChannelName, now: datetime) -> bool:
    ChannelAlarm.objects.get_or_create(channel=name)
    free = ChannelAlarm.objects.filter(Q(told_at__isnull=True) | Q(told_at__lte=now - AGAIN), channel=name)
    return free.update(told_at=now) == 1


def _tell(name: ChannelName, words: Words) -> bool:
    """The line in the log comes first: where it is mail that has stopped, no mail may get through either."""
    logger.error("channel stopped: %s", name, extra={"channel": name})
    try:
        with mail.get_connection() as server:
            server.send_messages([_compose(name, user, words) for user in _ops()])
    except NOT_MAILED as error:  # rather twice than never: the next look tries again
        logger.error("alarm not mailed: %s", type(error).__name__, extra={"channel": name})
        ChannelAlarm.objects.filter(channel=name).update(told_at=None)
        return False
    return True


def tell_of_pending(number: int) -> None:
    """Accepted by the provider days ago and still neither delivered nor refused; each delivery is told of once (T56)."""
    _tell_of_silence(number, _words_of_pending)


def tell_of_other_keys(number: int) -> None:
    """Accepted with keys that another account's have replaced since: nobody can ask what became of them (R32)."""
    _tell_of_silence(number, _words_of_other_keys)


def _tell_of_silence(number: int, words: Callable[[int], tuple[str, str]]) -> None:
    if not number:
        return
    try:
        with mail.get_connection() as server:
            server.send_messages([_compose_silence(words, number, user) for user in _ops()])
    except NOT_MAILED as error:  # the line in the log and on the timeline stand
        logger.error("alarm of pending invoices not mailed: %s", type(error).__name__)


def _compose_silence(words: Callable[[int], tuple[str, str]], number: int, user: User) -> mail.EmailMessage:
    with translation.override(user.language):
        subject, text = words(number)
        queue = (
            f"{settings.SITE_URL}{reverse('admin:distribution_event_changelist')}?kind__exact={EventKind.STILL_PENDING}"
        )
    return mail.EmailMessage(
        subject, f"{text}\n\n{queue}\n", to=[user.email], headers={"Auto-Submitted": "auto-generated"}
    )


def _words_of_pending(number: int) -> tuple[str, str]:
    subject = ngettext("%(number)s faktura er ikke levert ennå", "%(number)s fakturaer er ikke levert ennå", number)
    text = _(
        "Tilbyderen tok imot for flere dager siden, og har verken meldt levert eller avvist. Ingenting sendes en annen vei"
        " av seg selv. Spør tilbyderen."
    )
    return subject % {"number": number}, text


def _words_of_other_keys(number: int) -> tuple[str, str]:
    text = _(
        "De ble sendt med nøklene til et annet firma hos AutoInvoice enn de som er lagret nå, så vi kan ikke spørre hva som"
        " ble av dem. Legg inn de forrige nøklene igjen, eller se etter hos AutoInvoice."
    )
    return _("Fakturaer som ikke kan følges: %(number)s") % {"number": number}, text


def _ops() -> QuerySet[User]:
    staff = User.objects.filter(is_staff=True, is_active=True).order_by("pk")
    return staff if settings.ON_THIS_MACHINE else staff.exclude(is_demo=True)


def _words_of_silence(channel: str) -> str:
    return _(
        "Ingen av forsøkene på %(channel)s har fått svar det siste kvarteret. Fakturaene ligger trygt og prøves igjen av"
        " seg selv; usikre blir ikke sendt på nytt."
    ) % {"channel": channel}


def _words_of_refusal(channel: str) -> str:
    return _(
        "Serveren som tar imot %(channel)s, sier at den ikke tar imot noe fra oss. Fakturaene holdes tilbake med svaret den"
        " ga. Rett det, og slipp dem videre."
    ) % {"channel": channel}


def _compose(name: ChannelName, user: User, words: Words) -> mail.EmailMessage:
    with translation.override(user.language):
        channel = str(name.label)
        subject, text = _("%(channel)s har stanset") % {"channel": channel}, words(channel)
        queue = f"{settings.SITE_URL}{reverse('admin:distribution_delivery_changelist')}?channel__exact={name}"
    return mail.EmailMessage(
        subject, f"{text}\n\n{queue}\n", to=[user.email], headers={"Auto-Submitted": "auto-generated"}
    )
