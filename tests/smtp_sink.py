"""A mail server on a real socket that keeps what it accepts, and fails on command at each step."""

import asyncio
import email
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass
class Sink:
    """`rcpt` and `data` are answers to give instead of 250; `hang_up` cuts the line after the text came, before any answer."""

    rcpt: str = ""
    data: str = ""
    hang_up: bool = False
    accepted: list[bytes] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)
    seen: int = 0

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.rcpt:
            return self.rcpt
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.seen += 1
        if self.data:
            return self.data
        content = envelope.content
        assert isinstance(content, bytes)
        self.accepted.append(content)
        self.recipients.append(list(envelope.rcpt_tos))
        if self.hang_up:
            assert server.transport is not None
            server.transport.close()
            await asyncio.sleep(0.01)
        return "250 2.0.0 queued as 4711"

    def message(self) -> EmailMessage:
        """The only one that was accepted."""
        (content,) = self.accepted
        return parsed(content)


def parsed(content: bytes) -> EmailMessage:
    message = email.message_from_bytes(content, policy=default)
    assert isinstance(message, EmailMessage)
    return message


class _OnAFreePort(Controller):
    """The library knocks on the port that it was given; 0 becomes a real one only when the server listens."""

    def _trigger_server(self) -> None:
        self.port = port_of(self)
        super()._trigger_server()  # type: ignore[no-untyped-call]


def port_of(controller: Controller) -> int:
    assert isinstance(controller.server, asyncio.Server)
    port = controller.server.sockets[0].getsockname()[1]
    assert isinstance(port, int)
    return port


class Server:
    """`with Server() as server`: `server.sink` keeps and fails, `server.url` is an EMAIL_URL."""

    def __init__(self) -> None:
        self.sink = Sink()
        self._controller = _OnAFreePort(self.sink, hostname="127.0.0.1", port=0)

    def __enter__(self) -> "Server":
        self._controller.start()
        return self

    def __exit__(self, *_: Any) -> None:
        self._controller.stop()

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{port_of(self._controller)}"
