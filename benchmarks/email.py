"""Mails a second to a mail server on this machine, over real sockets, from the facts to the server's 250.

    python -m benchmarks.email [--mails 4000] [--memory 20000]

Two processes, each with a thousand different invoices' worth of words and one PDF of 40 KB, which is ready. Ours composes the
mail, hashes it and sends it by the transport of the product; the other one does what Django documents: render, build an
EmailMultiAlternatives, attach, send(). Both once to a server without TLS and once to one that requires STARTTLS, as one on
the net does. The sink is a bare one of our own, in a process of its own on the same two cores.
"""

import argparse
import asyncio
import os
import re
import ssl
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from benchmarks import common
from benchmarks.hands import hands, wait_for_the_word

if TYPE_CHECKING:
    from distribution.channels.base import Brief

PER_SECOND, TIMES_AS_FAST = 600, 5
GROWTH = 20  # MB over --memory mails
PDF = os.urandom(40_000)
HANDS = 2
CAS = Path("/etc/ssl/certs/ca-certificates.crt")  # of Debian
END = re.compile(rb"\r\n\.\r\n\Z")


def main() -> None:
    asked = arguments()
    if asked.hand:
        work(asked.hand, asked.mails)
        return
    with tempfile.TemporaryDirectory(prefix="autoinvoice-email-") as folder:
        measured = measure(Path(folder), asked.mails, asked.memory)
    common.finish(**measured)
    plain = measured["plain_per_second"] >= PER_SECOND
    sys.exit(not (plain and measured["times_as_fast"] >= TIMES_AS_FAST and measured["growth_mb"] <= GROWTH))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--mails", type=int, default=4000)
    parser.add_argument("--memory", type=int, default=20_000)
    parser.add_argument("--hand", choices=("ours", "documented", "sink"), help=argparse.SUPPRESS)
    return parser.parse_args()


def measure(folder: Path, mails: int, memory: int) -> dict[str, Any]:
    figures: dict[str, Any] = {}
    for name, scheme in (("plain", "smtp"), ("starttls", "smtp+tls")):
        with sink(folder, tls=scheme != "smtp") as port:
            os.environ["EMAIL_URL"] = f"{scheme}://localhost:{port}"
            figures[f"{name}_per_second"] = round(mails / seconds_of("ours", mails))
            few = mails // 4
            figures[f"{name}_documented_per_second"] = round(few / seconds_of("documented", few), 1)
    for name in ("plain", "starttls"):
        of = figures[f"{name}_per_second"], figures[f"{name}_documented_per_second"]
        figures[f"times_as_fast_{name}"] = round(of[0] / of[1], 1)
    figures["times_as_fast"] = figures["times_as_fast_starttls"]
    with sink(folder, tls=False) as port:
        os.environ["EMAIL_URL"] = f"smtp://localhost:{port}"
        figures["growth_mb"] = growth(memory)
    return figures


def seconds_of(what: str, mails: int) -> float:
    with hands(HANDS, "benchmarks.email", "--hand", what, "--mails", str(mails // HANDS)) as ready:
        return ready.go()


def growth(mails: int) -> float:
    """Of this process, in MB, after its first thousand."""
    set_up()
    send_ours(1000)
    before = resident()
    send_ours(mails)
    return round(resident() - before, 1)


def resident() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1_000_000


def set_up() -> None:
    import django

    os.environ |= {"DJANGO_SETTINGS_MODULE": "autoinvoice_site.settings", "LOG_LEVEL": "ERROR"}
    django.setup()


def work(what: str, mails: int) -> None:
    if what == "sink":
        asyncio.run(serve())
        return
    set_up()
    send = {"ours": send_ours, "documented": send_as_documented}[what]
    send(20)
    wait_for_the_word()
    send(mails)


@cache
def any_brief() -> "Brief":
    from tests.distribution.channels.contract import brief_for

    return brief_for(("kunde@firma.test",), own_pdf=PDF, link="https://x.test/i/token")


def brief_of(number: int) -> "Brief":
    return replace(any_brief(), key=str(uuid4()), number=str(number), to=(f"kunde{number}@firma.test",))


def send_ours(mails: int) -> None:
    from distribution.channels.email.smtp import Smtp
    from distribution.channels.registry import channel_for
    from distribution.states import ChannelName
    from tests.distribution.channels.contract import outgoing_for

    channel, transport = channel_for(ChannelName.EMAIL), Smtp()
    for number in range(mails):
        brief = brief_of(number)
        content = channel.prepare(brief)
        transport.send(outgoing_for(ChannelName.EMAIL, content, brief.to, key=brief.key))


def send_as_documented(mails: int) -> None:
    """With the same words, made in the same way: what differs is the message and the line."""
    from django.core.mail import EmailMultiAlternatives
    from django.utils import translation

    from distribution.channels.email.letter import html_of, text_of
    from distribution.channels.email.words import to_the_customer

    with translation.override("nb"):
        for number in range(mails):
            brief = brief_of(number)
            letter = to_the_customer(brief, brief.open_document(), attached=True)
            message = EmailMultiAlternatives(letter.subject, text_of(letter), "faktura@autoinvoice.example", brief.to)
            message.attach_alternative(html_of(letter), "text/html")
            message.attach("Faktura.pdf", PDF, "application/pdf")
            message.send()


# --- the sink ----------------------------------------------------------------------------------------------------------
@contextmanager
def sink(folder: Path, *, tls: bool) -> Iterator[int]:
    """Its port. With `tls` a certificate that this machine's processes are told to believe."""
    from tests.ports import free_port

    port = free_port()
    os.environ |= {"SINK_PORT": str(port), "SINK_TLS": ""}
    if tls:
        believe_a_server_of_our_own(folder)
    with hands(1, "benchmarks.email", "--hand", "sink"):
        yield port


def believe_a_server_of_our_own(folder: Path) -> None:
    from tests.certificates import Authority, tls_for

    authority, believed = Authority("benchmark"), folder / "ca.pem"
    tls_for(authority, folder, "localhost")
    authority.write(believed)
    with believed.open("ab") as all_of_them:  # beside those that any machine believes
        all_of_them.write(CAS.read_bytes())
    os.environ |= {"SINK_TLS": str(folder / "localhost.pem"), "SSL_CERT_FILE": str(believed)}


async def serve() -> None:
    context = None
    if os.environ["SINK_TLS"]:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(os.environ["SINK_TLS"])
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Sink(context), "localhost", int(os.environ["SINK_PORT"]))
    print("ready", flush=True)
    await server.serve_forever()


class _Sink(asyncio.Protocol):
    """As little of SMTP as a client needs; each mail is read to its end and forgotten."""

    transport: asyncio.Transport

    def __init__(self, tls: ssl.SSLContext | None) -> None:
        self._tls, self._text, self._left = tls, False, bytearray()
        self._securing, self._early = False, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        greeted = hasattr(self, "transport")
        self.transport = transport
        if not greeted:
            self.transport.write(b"220 sink\r\n")

    def data_received(self, data: bytes) -> None:
        if self._securing:  # answered when there is a way to answer
            self._early += data
            return
        if self._text:
            self._left += data
            if END.search(self._left[-5:]):
                self._text = False
                self._left.clear()
                self.transport.write(b"250 2.0.0 ok\r\n")
            return
        for line in data.splitlines():
            self._answer(line[:4].upper())

    def _answer(self, command: bytes) -> None:
        if command == b"EHLO":
            self.transport.write(
                b"250-sink\r\n" + (b"250-STARTTLS\r\n" if self._tls else b"") + b"250 SIZE 50000000\r\n"
            )
        elif command == b"STAR":
            self._securing = True
            self.transport.pause_reading()  # what comes now is for start_tls
            self.transport.write(b"220 go\r\n")
            asyncio.get_running_loop().create_task(self._secure())
        elif command == b"DATA":
            self._text = True
            self.transport.write(b"354 go\r\n")
        elif command == b"QUIT":
            self.transport.write(b"221 bye\r\n")
            self.transport.close()
        else:
            self.transport.write(b"250 ok\r\n")

    async def _secure(self) -> None:
        assert self._tls is not None
        context, self._tls = self._tls, None
        loop = asyncio.get_running_loop()
        secured = await loop.start_tls(self.transport, self, context, server_side=True)
        assert isinstance(secured, asyncio.Transport)
        self.transport, self._securing = secured, False
        if self._early:
            self.data_received(self._early)


if __name__ == "__main__":
    main()
