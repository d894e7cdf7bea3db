"""Frozen mail over SMTP, step by step, so that it is always known whether the server can have accepted it.

Until the final dot of DATA has been sent the message is surely not accepted; from there until the answer it is uncertain
(RFC 1047; RFC 5321, 4.5.3.2.6). A stalled worker that wakes up late must not send that dot: the deadline is looked at once
more just before it. Each address gets the mail in a transaction of its own, with a return path of its own (T70).
"""

import re
import smtplib
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

from distribution.channels.base import Accepted, Outgoing, Temporary, Transport, Uncertain
from distribution.channels.email import connections
from distribution.channels.email.answers import RECIPIENT, TEXT, refusal
from distribution.channels.email.connections import Connection
from distribution.channels.email.several import to_each
from distribution.channels.email.verp import return_path

MAX_STEP_SECONDS = 20.0
PROVIDER = "anymail://"


def mail_transport() -> str:
    """The name of the transport of every mail."""
    if settings.EMAIL_URL == "folder":
        return "folder"
    return "anymail" if settings.EMAIL_URL.startswith(PROVIDER) else "smtp"


class Smtp(Transport):
    can_ask = False

    def send(self, outgoing: Outgoing) -> Accepted:
        return to_each(outgoing, _send)

    def ask(self, outgoing: Outgoing) -> Accepted | None:
        raise Uncertain("SMTP")


def _send(outgoing: Outgoing, address: str) -> Accepted:
    with _not_accepted():
        connection = _offered(outgoing, address)
        _hand_over_text(connection, outgoing)
        connection.limit(_step_seconds(outgoing))
    return _finish(connection)


def _step_seconds(outgoing: Outgoing) -> float:
    return min(MAX_STEP_SECONDS, outgoing.seconds_left())


@contextmanager
def _not_accepted() -> Iterator[None]:
    """Whatever breaks in here broke before the final dot; the connection stands in the middle of something then."""
    try:
        yield
    except smtplib.SMTPResponseException as error:
        connections.drop()
        raise Temporary(_words(error.smtp_code, error.smtp_error)) from error
    except (smtplib.SMTPException, OSError) as error:
        connections.drop()
        raise Temporary(f"{type(error).__name__}: {error}"[:300]) from error
    except Temporary:
        connections.drop()
        raise


def _offered(outgoing: Outgoing, address: str) -> Connection:
    """A connection whose server has taken sender and recipient. A kept one that has died meanwhile is replaced, once."""
    connection = connections.connection(_step_seconds(outgoing))
    try:
        _offer(connection, outgoing, address)
    except (smtplib.SMTPServerDisconnected, OSError):
        if connection.fresh:
            raise
        connections.drop()
        connection = connections.connection(_step_seconds(outgoing))
        _offer(connection, outgoing, address)
    return connection


def _offer(connection: Connection, outgoing: Outgoing, address: str) -> None:
    server, size = connection.server, f" SIZE={len(outgoing.data)}" if connection.server.has_extn("size") else ""
    _expect(connection, {250}, f"MAIL FROM:<{return_path(outgoing.key, address)}>{size}")
    connection.limit(_step_seconds(outgoing))
    code, said = server.docmd(f"RCPT TO:<{address}>")
    if code not in {250, 251}:
        _refuse(connection, code, said, RECIPIENT)


def _hand_over_text(connection: Connection, outgoing: Outgoing) -> None:
    """All but the final dot. Lines end in CRLF already; one that begins with a dot gets another (RFC 5321, 4.5.2)."""
    connection.limit(_step_seconds(outgoing))
    _expect(connection, {354}, "DATA")
    stuffed = re.sub(rb"(?m)^\.", b"..", outgoing.data)
    connection.server.send(stuffed if stuffed.endswith(b"\r\n") else stuffed + b"\r\n")


def _finish(connection: Connection) -> Accepted:
    """The final dot: from here on only the server knows."""
    try:
        connection.server.send(b".\r\n")
        code, text = connection.server.getreply()
    except (smtplib.SMTPException, OSError) as error:
        connections.drop()
        raise Uncertain(f"{type(error).__name__}: {error}"[:300]) from error
    connections.used(connection)
    if 200 <= code < 300:
        return Accepted(answer=_words(code, text))
    _refuse(connection, code, text, TEXT)
    raise AssertionError("a refusal raises")


def _expect(connection: Connection, codes: set[int], command: str) -> None:
    code, text = connection.server.docmd(command)
    if code not in codes:
        _refuse(connection, code, text, command)


def _refuse(connection: Connection, code: int, text: bytes, step: str) -> None:
    """Raises what the answer means. The connection is made ready for the next mail; 421 has ended it (RFC 5321, 3.8)."""
    if code == 421:
        connections.drop()
    else:
        connections.used(connection)
        _begin_again(connection)
    raise refusal(code, _decoded(text), step)


def _begin_again(connection: Connection) -> None:
    try:
        if connection.server.rset()[0] != 250:
            connections.drop()
    except (smtplib.SMTPException, OSError):
        connections.drop()


def _decoded(text: bytes) -> str:
    return text.decode("utf-8", "replace")


def _words(code: int, text: bytes | str) -> str:
    said = _decoded(text) if isinstance(text, bytes) else text
    return f"{code} {said}"[:300]
