"""Frozen mail by the API of a mail provider that django-anymail knows (EMAIL_URL=anymail://<provider>).

The provider writes the mail's envelope and lines itself; what it is told is the frozen mail, part for part. It is given the
delivery's key as metadata, and names it in its webhooks. It can't be asked by our key, so an answer that never came is
uncertain, as with SMTP.
"""

import ssl
import threading

import requests
from anymail import exceptions as said
from anymail.message import AnymailMessage
from django.conf import settings
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend

from distribution.channels.base import (
    Accepted,
    DeliveryError,
    DocumentRefused,
    Outgoing,
    RecipientRefused,
    Temporary,
    TooLarge,
    Transport,
    Uncertain,
    WeAreRefused,
)
from distribution.channels.email.parts import OUR_KEY, as_django_mail
from distribution.channels.email.several import to_each

THROTTLED, TOO_LARGE, UNAVAILABLE = 429, 413, 503
NOT_US = frozenset({401, 402, 403})
NEVER_LEFT = (requests.ConnectTimeout, requests.exceptions.InvalidURL)
PAUSE_SECONDS = 60.0


class _Kept(threading.local):
    backend: BaseEmailBackend | None = None
    of: str = ""


_kept = _Kept()


class Anymail(Transport):
    can_ask = False

    def send(self, outgoing: Outgoing) -> Accepted:
        return to_each(outgoing, _send)

    def ask(self, outgoing: Outgoing) -> Accepted | None:
        raise Uncertain("anymail")


def _send(outgoing: Outgoing, address: str) -> Accepted:
    outgoing.seconds_left()
    message = _message(outgoing, address)
    try:
        _backend().send_messages([message])
    except said.AnymailError as error:
        raise _meaning(error) from error
    return _accepted(message, address)


def _message(outgoing: Outgoing, address: str) -> AnymailMessage:
    made = as_django_mail(outgoing.data, address)
    message = AnymailMessage(
        made.subject, made.body, made.from_email, made.to, reply_to=made.reply_to, headers=made.extra_headers
    )
    message.alternatives, message.attachments = made.alternatives, made.attachments
    message.metadata = {OUR_KEY: outgoing.key}
    message.track_opens = message.track_clicks = False
    return message


def _backend() -> BaseEmailBackend:
    """One for each thread, whose connection is kept."""
    if _kept.backend is None or _kept.of != settings.EMAIL_URL:
        forget()
        _kept.backend, _kept.of = mail.get_connection(), settings.EMAIL_URL
        _kept.backend.open()
    assert _kept.backend is not None
    return _kept.backend


def forget() -> None:
    """Ends the kept connection."""
    if _kept.backend is not None:
        _kept.backend.close()
    _kept.backend = None


def _accepted(message: AnymailMessage, address: str) -> Accepted:
    """Only what the provider calls sent or queued. An answer that says nothing of this address is no acceptance."""
    status = message.anymail_status
    one = status.recipients.get(address)
    state, reference = (one.status, one.message_id or "") if one else (None, "")
    words = f"{state or 'unknown'} {reference}".strip()
    match state:
        case "sent" | "queued":
            return Accepted(reference=reference, answer=words)
        case "rejected" | "invalid":
            raise RecipientRefused(words)
        case "failed":
            raise Temporary(words)
        case _:
            raise Uncertain(words)


def _meaning(error: said.AnymailError) -> DeliveryError:
    words = " ".join(str(error).split())[:300]
    match error:
        case said.AnymailRecipientsRefused() | said.AnymailInvalidAddress():
            return RecipientRefused(words)
        case said.AnymailUnsupportedFeature() | said.AnymailConfigurationError():
            return WeAreRefused(words)
        case said.AnymailRequestsAPIError() if error.status_code is None:
            return Temporary(words) if _never_left(error) else Uncertain(words)
        case said.AnymailAPIError():
            return _of_code(error, words)
        case _:
            return DocumentRefused(words)


def _never_left(error: said.AnymailRequestsAPIError) -> bool:
    """No connection was made, or its certificate was refused, which comes before the first byte. All else of TLS, and a line that
    broke later, may have carried the mail."""
    cause = error.__cause__
    refused = isinstance(cause, requests.ConnectionError) and "NewConnectionError" in repr(cause.args)
    return refused or isinstance(cause, NEVER_LEFT) or _is_unproven(cause)


def _is_unproven(error: BaseException | None) -> bool:
    """requests and urllib3 wrap what ssl said three times."""
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        error = error.__cause__ or error.__context__
    return False


def _of_code(error: said.AnymailAPIError, words: str) -> DeliveryError:
    """A gateway that gave up, or a server that stumbled, may have passed it on."""
    code = error.status_code or 0
    if code in (THROTTLED, UNAVAILABLE):
        return Temporary(words, later=_asked_pause(error))
    if code >= 500 or code == 0:
        return Uncertain(words)
    if code == TOO_LARGE:
        return TooLarge(words)
    return WeAreRefused(words) if code in NOT_US else DocumentRefused(words)


def _asked_pause(error: said.AnymailAPIError) -> float:
    asked = error.response.headers.get("Retry-After", "") if error.response is not None else ""
    return float(asked) if asked.isdigit() else PAUSE_SECONDS
