"""The closed words of distribution, and which status may follow which (R30)."""

from enum import StrEnum

from django.db import models
from django.utils.translation import gettext_lazy as _


class ChannelName(models.TextChoices):
    """In the order in which they are tried (R21-R23); `to_user` stands apart (R20)."""

    EINVOICE = "einvoice", _("E-faktura")
    EMAIL = "email", _("E-post")
    PRINT = "print", _("Print")
    TO_USER = "to_user", _("Til bruker")


class NoChannel(StrEnum):
    """The two ways in which a prediction has none; counted beside the channels."""

    HELD = "held"
    WAITS = "waits"


class Status(models.TextChoices):
    QUEUED = "queued", _("I kø")
    SENDING = "sending", _("Sendes")
    ACCEPTED = "accepted", _("Tatt imot")
    DELIVERED = "delivered", _("Levert")
    HELD = "held", _("Holdt tilbake")
    UNCERTAIN = "uncertain", _("Usikkert")
    FAILED = "failed", _("Feilet")
    CANCELLED = "cancelled", _("Avbrutt")


TRANSITIONS: dict[Status, frozenset[Status]] = {
    # To accepted where one of several addresses has got it already and the others can't get it any more.
    Status.QUEUED: frozenset(
        {Status.SENDING, Status.HELD, Status.FAILED, Status.CANCELLED, Status.UNCERTAIN, Status.ACCEPTED}
    ),
    Status.SENDING: frozenset({Status.ACCEPTED, Status.QUEUED, Status.HELD, Status.FAILED, Status.UNCERTAIN}),
    # Not to cancelled: it may lie at the recipient, and a word of ours does not take it back.
    Status.UNCERTAIN: frozenset({Status.ACCEPTED, Status.QUEUED, Status.HELD, Status.FAILED}),
    Status.HELD: frozenset({Status.QUEUED, Status.CANCELLED}),
    Status.FAILED: frozenset({Status.CANCELLED}),
    # What was accepted, even delivered, can still come back (T18, T67): the next channel, a person, or, from a mailbox that
    # was full, once more the same way.
    Status.ACCEPTED: frozenset({Status.DELIVERED, Status.FAILED, Status.HELD, Status.QUEUED}),
    Status.DELIVERED: frozenset({Status.FAILED, Status.HELD, Status.QUEUED}),
    Status.CANCELLED: frozenset(),
}
WAITING = frozenset({Status.QUEUED, Status.SENDING})
SENT = frozenset({Status.ACCEPTED, Status.DELIVERED})
# Nothing happens any more unless somebody acts; one that still asks by itself has a due_at (R25, R32).
STOPPED = frozenset({Status.HELD, Status.UNCERTAIN, Status.FAILED})
# With a person as owner an uncertain delivery has ended too; that is a fact of its row, not of the word.
ENDED = frozenset(Status) - WAITING - {Status.UNCERTAIN}


class Outcome(models.TextChoices):
    """How one attempt ended; empty while it is in flight. The class of the error is the policy."""

    ACCEPTED = "accepted", _("Tatt imot")
    ALREADY_SENT = "already_sent", _("Var alt sendt")
    TEMPORARY = "temporary", _("Midlertidig feil")
    RECIPIENT_REFUSED = "recipient_refused", _("Mottakeren avvist")
    DOCUMENT_REFUSED = "document_refused", _("Dokumentet avvist")
    UNCERTAIN = "uncertain", _("Usikkert")


class RecipientState(models.TextChoices):
    """What is known of one of several addresses of a mail."""

    OUTSTANDING = "outstanding", _("Venter")
    REACHED = "reached", _("Tatt imot")
    REFUSED = "refused", _("Avvist")
    BOUNCED = "bounced", _("Kom i retur")
    UNCERTAIN = "uncertain", _("Usikkert")


class Door(models.TextChoices):
    """Which way news of a mail came in."""

    WEBHOOK = "webhook", _("Tilbyderens webhook")
    LISTENER = "listener", _("Mailtjeneren")
    MAILBOX = "mailbox", _("Postkassen")


class Verdict(models.TextChoices):
    """What became of a piece of news of a mail, to count it."""

    APPLIED = "applied", _("Ført")
    NOTHING = "nothing", _("Ingenting nytt")
    FORGED = "forged", _("Forfalsket")
    FOREIGN = "foreign", _("Av en annens")
    UNREADABLE = "unreadable", _("Uleselig")


class Fate(StrEnum):
    """What a provider says has become of an invoice that it accepted."""

    PENDING = "pending"
    DELIVERED = "delivered"
    RECIPIENT_REFUSED = "recipient_refused"
    DOCUMENT_REFUSED = "document_refused"
    FAILED = "failed"  # for a reason that we don't know: a person


class Settled(models.TextChoices):
    """What became of a provider's news."""

    APPLIED = "applied", _("Ført")
    NOTHING = "nothing", _("Ingenting nytt")
    PARKED = "parked", _("Lagt til side")  # of no invoice of ours, or one that has gone another way since


class Answer(models.TextChoices):
    """What a register says. Unknown is never read as not registered (R25)."""

    REGISTERED = "registered", _("Registrert")
    NOT_REGISTERED = "not_registered", _("Ikke registrert")
    UNKNOWN = "unknown", _("Ikke kjent")


class DoubleState(StrEnum):
    """How far another document with the same number has come (R38)."""

    SENT = "sent"
    PERHAPS = "perhaps"
    WAITING = "waiting"


class AgreementStatus(models.TextChoices):
    NONE = "none", _("Ingen avtale")
    PENDING = "pending", _("Under behandling")
    ACTIVE = "active", _("Aktiv")
    REJECTED = "rejected", _("Avslått")
    SUSPENDED = "suspended", _("Stanset")


class EventKind(models.TextChoices):
    """What a timeline tells; its words are in `distribution.timeline`."""

    RECEIVED = "received", _("Kom inn")
    QUEUED = "queued", _("I kø")
    DOUBLE_CONFIRMED = "double_confirmed", _("Dobbel utsendelse bekreftet")
    NUMBER_USED_BEFORE = "number_used_before", _("Nummeret er brukt før")
    WAITING = "waiting", _("Venter på registeret")
    HELD = "held", _("Holdt tilbake")
    CHOSEN = "chosen", _("Kanal valgt")
    ACCEPTED = "accepted", _("Tatt imot")
    ALREADY_SENT = "already_sent", _("Var alt sendt")
    RETRY_LATER = "retry_later", _("Prøves igjen")
    GAVE_UP = "gave_up", _("Oppgitt")
    REFUSED = "refused", _("Avvist")
    DELIVERED = "delivered", _("Levert")
    CAME_BACK = "came_back", _("Kom i retur")
    LATE_NEWS = "late_news", _("Melding i ettertid")
    STILL_PENDING = "still_pending", _("Ikke levert ennå")
    UNCERTAIN = "uncertain", _("Usikkert")
    ASKED = "asked", _("Spurt")
    SETTLED = "settled", _("Avgjort")
    SUPERSEDED = "superseded", _("Erstattet")
    RELEASED = "released", _("Frigitt")
    CANCELLED = "cancelled", _("Avbrutt")
    SERVICE_STARTED = "service_started", _("Tjeneste slått på")
    LINK_OPENED = "link_opened", _("Lenken åpnet")
    LINK_WITHDRAWN = "link_withdrawn", _("Lenken trukket tilbake")
    BOUNCED = "bounced", _("Én adresse i retur")
    SOFT_BOUNCED = "soft_bounced", _("Midlertidig i retur")
    DELAYED = "delayed", _("Forsinket")
    COMPLAINED = "complained", _("Klage")
