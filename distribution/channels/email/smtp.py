"""Frozen mail over SMTP, step by step, so that it is always known whether the server can have accepted it.

Until the final dot of DATA has been sent the message is surely not accepted; from there until the answer it is uncertain
(RFC 1047; RFC 5321, 4.5.3.2.6). A stalled worker that wakes up late must not send that dot: the deadline is looked at once
more just before it. Each address gets the mail in a transaction of its own, with a return path of its own (T70).
"""

import smtplib
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

from distribution.channels.base import Accepted, DeliveryError, Outgoing, Temporary, Transport, Uncertain
from distribution.channels.email import connections
from distribution.channels.email.answers import RECIPIENT, TEXT, refusal
from distribution.channels.email.connections import Connection
from distribution.channels.email.several import to_each
from distribution.channels.email.verp import return_path

MAX_STEP_SECONDS = 20.0
SENDER, DATA = "sender", "data"
WELCOME = {SENDER: {250}, RECIPIENT: {250, 251}, DATA: {354}}  # in the order of the commands
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
        connection.limit(_step_seconds(outgoing))
        connection.server.send(_text(outgoing))
        connection.limit(_step_seconds(outgoing))
    return _finish(connection)


def _step_seconds(outgoing: Outgoing) -> float:
    """Raises Temporary when there are none; the connection may stand in the middle of something then."""
    try:
        return min(MAX_STEP_SECONDS, outgoing.seconds_left())
    except Temporary:
        connections.drop()
        raise


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


def _offered(outgoing: Outgoing, address: str) -> Connection:
    """A connection whose server waits for the text. A kept one that has died meanwhile is replaced, once."""
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
    """Sender, recipient and «here comes the text»: in one go where the server takes that (RFC 2920), else one by one."""
    server = connection.server
    size = f" SIZE={len(outgoing.data)}" if server.has_extn("size") else ""
    sender, recipient = f"MAIL FROM:<{return_path(outgoing.key, address)}>{size}", f"RCPT TO:<{address}>"
    if server.has_extn("pipelining"):
        server.send(f"{sender}\r\n{recipient}\r\nDATA\r\n")
        answers = [server.getreply() for _command in range(3)]
    else:
        answers = _one_by_one(connection, outgoing, sender, recipient, "DATA")
    for (code, said), step in zip(answers, (SENDER, RECIPIENT, DATA), strict=False):
        if code not in WELCOME[step]:
            if len(answers) == len(WELCOME) and answers[-1][0] in WELCOME[DATA]:
                connections.drop()  # it waits for a text that nobody shall have
            raise _refused(connection, code, said, step)


def _one_by_one(connection: Connection, outgoing: Outgoing, *commands: str) -> list[tuple[int, bytes]]:
    """Up to the first no."""
    answers: list[tuple[int, bytes]] = []
    for command, welcome in zip(commands, WELCOME.values(), strict=True):
        connection.limit(_step_seconds(outgoing))
        answers.append(connection.server.docmd(command))
        if answers[-1][0] not in welcome:
            break
    return answers


def _text(outgoing: Outgoing) -> bytes:
    """All but the final dot. Lines end in CRLF already; one that begins with a dot gets another (RFC 5321, 4.5.2)."""
    data = outgoing.data if outgoing.data.endswith(b"\r\n") else outgoing.data + b"\r\n"
    stuffed = data.replace(b"\n.", b"\n..")
    return b"." + stuffed if stuffed.startswith(b".") else stuffed


def _finish(connection: Connection) -> Accepted:
    """The final dot: from here on only the server knows."""
    try:
        connection.server.send(b".\r\n")
        code, text = connection.server.getreply()
    except (smtplib.SMTPException, OSError) as error:
        connections.drop()
        raise Uncertain(f"{type(error).__name__}: {error}"[:300]) from error
    if not 200 <= code < 600 or 300 <= code < 400:  # nothing that means yes or no: a line that came broken
        connections.drop()
        raise Uncertain(_words(code, text))
    connections.used(connection)
    if code < 300:
        return Accepted(answer=_words(code, text))
    raise _refused(connection, code, text, TEXT)


def _refused(connection: Connection, code: int, text: bytes, step: str) -> DeliveryError:
    """What the answer means. The connection is made ready for the next mail; 421 has ended it (RFC 5321, 3.8)."""
    if code == 421:
        connections.drop()
    elif step != TEXT:
        connections.used(connection)
        _begin_again(connection)
    return refusal(code, _decoded(text), step)


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
