"""Frozen mail over SMTP, step by step, so that it is always known whether the server can have accepted it.

Until the final dot of DATA has been sent the message is surely not accepted; from there until the answer it is uncertain
(RFC 1047; RFC 5321, 4.5.3.2.6). A stalled worker that wakes up late must not send that dot: the deadline is looked at once
more just before it.
"""

import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

from distribution.channels.base import (
    Accepted,
    DocumentRefused,
    Outgoing,
    RecipientRefused,
    Temporary,
    Transport,
    Uncertain,
)
from distribution.channels.email.addresses import on_the_wire

MAX_STEP_SECONDS = 20.0


def mail_transport() -> str:
    """The name of the transport of every mail."""
    return "folder" if settings.EMAIL_URL == "folder" else "smtp"


class Smtp(Transport):
    can_ask = False

    def send(self, outgoing: Outgoing) -> Accepted:
        with _not_accepted():
            server = _connect(_step_seconds(outgoing))
        try:
            with _not_accepted():
                _limit(server, outgoing)
                _log_in(server)
                _limit(server, outgoing)
                refused = _offer(server, outgoing)
                _limit(server, outgoing)
                _hand_over_text(server, outgoing.data)
                _limit(server, outgoing)
            return _finish(server, refused)
        finally:
            server.close()

    def ask(self, outgoing: Outgoing) -> Accepted | None:
        raise Uncertain("SMTP")


def _step_seconds(outgoing: Outgoing) -> float:
    return min(MAX_STEP_SECONDS, outgoing.seconds_left())


def _limit(server: smtplib.SMTP, outgoing: Outgoing) -> None:
    if server.sock is not None:
        server.sock.settimeout(_step_seconds(outgoing))


@contextmanager
def _not_accepted() -> Iterator[None]:
    """Whatever breaks in here broke before the final dot."""
    try:
        yield
    except smtplib.SMTPResponseException as error:
        raise Temporary(_words(error.smtp_code, error.smtp_error)) from error
    except (smtplib.SMTPException, OSError) as error:
        raise Temporary(f"{type(error).__name__}: {error}"[:300]) from error


def _connect(seconds: float) -> smtplib.SMTP:
    host, port = settings.EMAIL_HOST, settings.EMAIL_PORT
    if settings.EMAIL_USE_SSL:
        return smtplib.SMTP_SSL(host, port, timeout=seconds, context=ssl.create_default_context())
    return smtplib.SMTP(host, port, timeout=seconds)


def _log_in(server: smtplib.SMTP) -> None:
    server.ehlo()
    if settings.EMAIL_USE_TLS:
        server.starttls(context=ssl.create_default_context())
        server.ehlo()
    if settings.EMAIL_HOST_USER:
        server.login(settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD)


def _offer(server: smtplib.SMTP, outgoing: Outgoing) -> list[str]:
    """Names sender and recipients; returns what was said of the refused ones when at least one was taken. Raises where none was."""
    _expect(server.mail(settings.DEFAULT_FROM_EMAIL), {250})
    answers = {address: server.rcpt(on_the_wire(address)) for address in outgoing.to}
    refused = [f"{address}: {_words(*said)}" for address, said in answers.items() if said[0] not in {250, 251}]
    if len(refused) == len(answers):
        code, text = next(iter(answers.values()))
        raise RecipientRefused(_words(code, text)) if code >= 500 else Temporary(_words(code, text))
    return refused


def _hand_over_text(server: smtplib.SMTP, message: bytes) -> None:
    """All but the final dot. Lines end in CRLF already; one that begins with a dot gets another (RFC 5321, 4.5.2)."""
    _expect(server.docmd("DATA"), {354})
    stuffed = re.sub(rb"(?m)^\.", b"..", message)
    server.send(stuffed if stuffed.endswith(b"\r\n") else stuffed + b"\r\n")


def _finish(server: smtplib.SMTP, refused: list[str]) -> Accepted:
    """The final dot: from here on only the server knows."""
    try:
        server.send(b".\r\n")
        code, text = server.getreply()
    except (smtplib.SMTPException, OSError) as error:
        raise Uncertain(f"{type(error).__name__}: {error}"[:300]) from error
    words = _words(code, text)
    if 200 <= code < 300:
        return Accepted(answer="; ".join([words, *refused])[:500])
    raise DocumentRefused(words) if code >= 500 else Temporary(words)


def _expect(answer: tuple[int, bytes], codes: set[int]) -> None:
    code, text = answer
    if code not in codes:
        raise Temporary(_words(code, text))


def _words(code: int, text: bytes | str) -> str:
    said = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return f"{code} {said}"[:300]
