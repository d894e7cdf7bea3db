"""The door for a local mail server: it hands over, by SMTP or LMTP, what comes to our return paths.

An address that we did not sign is refused at RCPT. A mail is answered with 250 when what it tells is committed, and with 451
where it must be brought again: news of a mail whose sending is not recorded yet, or a database that is away.
"""

import asyncio
import logging
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.conf import settings
from django.db import Error as DatabaseTrouble
from django.db import close_old_connections

from distribution.bounces.apply import Ring, take_in
from distribution.bounces.counting import count
from distribution.channels.email.verp import Forged, read_return_path
from distribution.delivery import NotYet
from distribution.states import Door, Verdict

logger = logging.getLogger(__name__)
THREADS = 4
LINE_SECONDS = 60.0
LONGEST_LINE = (
    100_000  # the mail that comes back may have lines that no server may send, and brought them here all the same
)
OK, LATER = "250 2.0.0 OK", "451 4.3.0 Try again later"
NOT_OURS = "550 5.1.1 No such return path"
ONE_AT_A_TIME = "452 4.5.3 One recipient at a time"  # LMTP answers each of them, and a bounce has one anyway


class _Smtp(SMTP):
    line_length_limit = LONGEST_LINE


class _Lmtp(LMTP):
    line_length_limit = LONGEST_LINE


class Handler:
    """The database is asked in threads of its own, each with its connection."""

    def __init__(self, ring: Ring) -> None:
        self._ring = ring
        self.threads = ThreadPoolExecutor(THREADS, "bounces")

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if envelope.rcpt_tos:
            return ONE_AT_A_TIME
        verdict = _stranger(address)
        if verdict is not None:
            return await self._in_a_thread(_count, verdict)
        envelope.rcpt_tos.append(address)
        return OK

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        return await self._in_a_thread(_take_in, envelope.rcpt_tos[0], content, self._ring)

    async def handle_exception(self, error: Exception) -> str:
        """What nobody foresaw of one mail: it stays with the mail server, and the next one is served."""
        logger.error("stumbled over a bounce", exc_info=error)
        return LATER

    async def _in_a_thread(self, work: Callable[..., str], *facts: object) -> str:
        return await asyncio.get_running_loop().run_in_executor(self.threads, _connected, work, *facts)


async def listen(host: str, port: int, ring: Ring, started: Callable[[int], None], *, lmtp: bool = False) -> None:
    """Until SIGTERM or SIGINT; what is being taken in then is ended first. `started` is told the port; 0 takes a free one."""
    handler, loop, stop = Handler(ring), asyncio.get_running_loop(), asyncio.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sign, stop.set)
    server = await open_door(host, port, handler, lmtp=lmtp)
    started(port_of(server))
    await stop.wait()
    server.close()
    await asyncio.to_thread(handler.threads.shutdown)


async def open_door(host: str, port: int, handler: Handler, *, lmtp: bool = False) -> asyncio.Server:
    name, kind = settings.BOUNCE_ADDRESS.rpartition("@")[2], _Lmtp if lmtp else _Smtp
    limits = {"data_size_limit": 2 * settings.EMAIL_MAX_BYTES, "timeout": LINE_SECONDS}  # what came back is no larger
    return await asyncio.get_running_loop().create_server(lambda: kind(handler, hostname=name, **limits), host, port)


def port_of(server: asyncio.Server) -> int:
    port: int = server.sockets[0].getsockname()[1]
    return port


def _stranger(address: str) -> Verdict | None:
    try:
        return None if read_return_path(address) else Verdict.FOREIGN
    except Forged:
        return Verdict.FORGED


def _count(verdict: Verdict) -> str:
    count(Door.LISTENER, verdict)
    return NOT_OURS


def _take_in(recipient: str, content: bytes, ring: Ring) -> str:
    try:
        take_in(recipient, content, Door.LISTENER, ring)
    except NotYet:
        return LATER
    return OK


def _connected(work: Callable[..., str], *facts: object) -> str:
    """A connection that broke is opened anew by the next mail."""
    close_old_connections()
    try:
        return work(*facts)
    except DatabaseTrouble as trouble:
        logger.error("no bounce taken in: %s", type(trouble).__name__)
        return LATER
    finally:
        close_old_connections()
