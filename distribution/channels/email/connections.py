"""Connections to the mail server, kept from one mail to the next: one for each thread of each worker."""

import os
import smtplib
import socket
import ssl
import threading
import time
from dataclasses import dataclass

from django.conf import settings

IDLE_SECONDS = 20.0  # longer than the pause within a chunk, shorter than any server waits (RFC 5321, 4.5.3.2.7)
MOST_MAILS = 100  # by one connection; many servers end it soon after


@dataclass(slots=True)
class Connection:
    server: smtplib.SMTP
    of: tuple[object, ...]
    used_at: float
    mails: int = 0

    @property
    def fresh(self) -> bool:
        """Nothing has gone by it: what fails now is the server's own answer, not the end of an old connection."""
        return self.mails == 0

    def limit(self, seconds: float) -> None:
        if self.server.sock is not None:
            self.server.sock.settimeout(seconds)


class _Kept(threading.local):
    connection: Connection | None = None


_kept = _Kept()


def connection(seconds: float) -> Connection:
    """The kept one, or a new one that has said who it is. Raises SMTPException and OSError."""
    now, kept, wanted = time.monotonic(), _kept.connection, _wanted()
    if kept and kept.of == wanted and now - kept.used_at < IDLE_SECONDS and kept.mails < MOST_MAILS:
        kept.limit(seconds)
        return kept
    close()
    _kept.connection = made = Connection(_connect(seconds), wanted, now)
    try:
        _say_who_we_are(made.server)
    except BaseException:
        drop()
        raise
    return made


def used(one: Connection) -> None:
    one.mails += 1
    one.used_at = time.monotonic()


def drop() -> None:
    """Without a word: it is broken, or it stands in the middle of something."""
    if _kept.connection is not None:
        _kept.connection.server.close()
        _kept.connection = None


def close() -> None:
    """With a word, which nobody needs to hear. A connection of the process that we were forked from is not ours to end."""
    kept = _kept.connection
    if kept is not None and kept.of[0] == os.getpid():
        try:
            kept.limit(1)
            kept.server.quit()
        except (smtplib.SMTPException, OSError):
            pass
    drop()


def _wanted() -> tuple[object, ...]:
    return (os.getpid(), settings.EMAIL_URL, settings.EMAIL_HOST, settings.EMAIL_PORT)


def _connect(seconds: float) -> smtplib.SMTP:
    """The last dot goes as a packet of its own: with Nagle's algorithm it would wait 40 ms for the other end's delayed ACK."""
    host, port = settings.EMAIL_HOST, settings.EMAIL_PORT
    if settings.EMAIL_USE_SSL:
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=seconds, context=ssl.create_default_context())
    else:
        server = smtplib.SMTP(host, port, timeout=seconds)
    if server.sock is not None:
        server.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return server


def _say_who_we_are(server: smtplib.SMTP) -> None:
    """With `smtp+tls://` a server that offers no STARTTLS, or has it stripped on the way, is none of ours."""
    server.ehlo_or_helo_if_needed()
    if settings.EMAIL_USE_TLS:
        server.starttls(context=ssl.create_default_context())
        server.ehlo()
    if settings.EMAIL_HOST_USER:
        server.login(settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD)
