"""A mail server on a real socket that keeps what it accepts, and fails on command at each step."""

import asyncio
import email
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

STEPS = ("connect", "EHLO", "MAIL", "RCPT", "DATA", "lost", "kept")


@dataclass
class Sink:
    """`mail`, `rcpt` and `data` are answers to give instead of 250, `of` those to one address.

    `cuts` is asked at each of STEPS whether the line is cut there: before an answer to that command, after the text came and
    was thrown away («lost»), or after it was kept («kept»). `hang_up` always cuts at the last. `silent` names commands that
    are never answered.
    """

    mail: str = ""
    rcpt: str = ""
    data: str = ""
    of: dict[str, str] = field(default_factory=dict)
    hang_up: bool = False
    cuts: Callable[[str], bool] = lambda step: False
    silent: frozenset[str] = frozenset()
    pipelining: bool = True
    accepted: list[bytes] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)
    senders: list[str] = field(default_factory=list)
    connections: int = 0
    seen: int = 0

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return [*responses[:-1], *(["250-PIPELINING"] if self.pipelining else []), responses[-1]]

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.mail:
            return self.mail
        envelope.mail_from = address
        return "250 2.1.0 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if answer := self.of.get(address) or self.rcpt:
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.seen += 1
        if self.data:
            return self.data
        if self.cuts("lost"):
            await _cut(server)
            return "451 4.3.0 nobody hears this"
        content = envelope.content
        assert isinstance(content, bytes)
        self.accepted.append(content)
        self.recipients.append(list(envelope.rcpt_tos))
        self.senders.append(envelope.mail_from or "")
        if self.hang_up or self.cuts("kept"):
            await _cut(server)
        return "250 2.0.0 queued as 4711"

    def message(self) -> EmailMessage:
        """The only one that was accepted."""
        (content,) = self.accepted
        return parsed(content)


def parsed(content: bytes) -> EmailMessage:
    message = email.message_from_bytes(content, policy=default)
    assert isinstance(message, EmailMessage)
    return message


async def _cut(server: SMTP) -> None:
    assert server.transport is not None
    server.transport.close()
    await asyncio.sleep(0.01)


class _Faulty(SMTP):
    """Cuts the line, or says nothing, where the sink wants it."""

    @property
    def sink(self) -> Sink:
        sink = self.event_handler
        assert isinstance(sink, Sink)
        return sink

    def connection_made(self, transport: Any) -> None:
        self.sink.connections += 1
        super().connection_made(transport)
        if self.sink.cuts("connect"):
            transport.close()

    async def push(self, status: Any) -> None:
        if self.transport is None or self.transport.is_closing():
            return
        await super().push(status)

    async def _stopped(self, step: str) -> bool:
        if step in self.sink.silent:
            await asyncio.sleep(60)
            return True
        if self.sink.cuts(step):
            await _cut(self)
            return True
        return False

    async def smtp_EHLO(self, hostname: str) -> None:
        if not await self._stopped("EHLO"):
            await super().smtp_EHLO(hostname)

    async def smtp_MAIL(self, arg: str) -> None:
        if not await self._stopped("MAIL"):
            await super().smtp_MAIL(arg)

    async def smtp_RCPT(self, arg: str) -> None:
        if not await self._stopped("RCPT"):
            await super().smtp_RCPT(arg)

    async def smtp_DATA(self, arg: str) -> None:
        if not await self._stopped("DATA"):
            await super().smtp_DATA(arg)


class _OnAFreePort(Controller):
    """The library knocks on the port that it was given; 0 becomes a real one only when the server listens. Its knock is not
    to be cut."""

    def __init__(self, sink: Sink, **options: Any) -> None:
        super().__init__(sink, hostname="127.0.0.1", port=0, **options)

    def factory(self) -> SMTP:
        return _Faulty(self.handler, **self.SMTP_kwargs)

    def _trigger_server(self) -> None:
        self.port = port_of(self)
        super()._trigger_server()  # type: ignore[no-untyped-call]


def port_of(controller: Controller) -> int:
    assert isinstance(controller.server, asyncio.Server)
    port = controller.server.sockets[0].getsockname()[1]
    assert isinstance(port, int)
    return port


class Server:
    """`with Server() as server`: `server.sink` keeps and fails, `server.url` is an EMAIL_URL. With `tls` it offers STARTTLS."""

    def __init__(self, sink: Sink | None = None, *, tls: ssl.SSLContext | None = None, **options: Any) -> None:
        self.sink = sink or Sink()
        self._controller = _OnAFreePort(self.sink, tls_context=tls, **options)

    def __enter__(self) -> "Server":
        self._controller.start()
        self.sink.connections = 0  # the library's own knock
        return self

    def __exit__(self, *_: Any) -> None:
        self._controller.stop()

    @property
    def port(self) -> int:
        return port_of(self._controller)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"
