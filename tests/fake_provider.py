"""A provider that we can't call, as a process of its own on a real socket: plain HTTP, strict, and failing on command.

    PUT /documents/<key>   201 accepted, 200 had it already, 409 has other bytes under this key; X-Sha256 names the bytes
    GET /documents/<key>   200 {"sha256", "times"} or 404
    GET /counts            {"accepted": {key: times}}: how often a document was taken in under each key
    GET /totals            {"accepted": how many keys, "again": how often one was offered that had been taken in}
    PUT /faults            {"chance": {fault: share}, "next": [fault, …], "seed": 1}

`python -m tests.fake_provider` prints its port as the first line.
"""

import asyncio
import hashlib
import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from typing import Any

from autoinvoice_site.environment import BASE_DIR
from autoinvoice_site.lifeline import end_with

FAULTS = (
    "refuse_recipient",
    "refuse_document",
    "temporary",
    "accept_then_hang",
    "accept_then_cut",
    "reset_before",
    "reset_after",
    "wrong_answer",
    "slow",
)
HANG_SECONDS, SLOW_SECONDS = 600.0, 0.3


@dataclass
class Provider:
    """What it has accepted, by key: the hash and how often. A key accepted twice is what must never be."""

    documents: dict[str, str] = field(default_factory=dict)
    times: dict[str, int] = field(default_factory=dict)
    again: int = 0
    chance: dict[str, float] = field(default_factory=dict)
    coming: list[str] = field(default_factory=list)
    dice: random.Random = field(default_factory=lambda: random.Random(1))

    def fault(self) -> str:
        if self.coming:
            return self.coming.pop(0)
        draw = self.dice.random()
        for name, share in self.chance.items():
            if draw < share:
                return name
            draw -= share
        return ""

    def take(self, key: str, sha256: str) -> int:
        """The status of an offer. A strict provider counts each acceptance, and would count a second one."""
        if key in self.documents:
            self.again += 1
            return 200 if self.documents[key] == sha256 else 409
        self.documents[key] = sha256
        self.times[key] = self.times.get(key, 0) + 1
        return 201

    def command(self, wanted: dict[str, Any]) -> None:
        unknown = {*wanted.get("chance", {}), *wanted.get("next", [])} - set(FAULTS) - {""}
        if unknown:
            raise ValueError(f"no such fault: {unknown}")
        self.chance, self.coming = wanted.get("chance", {}), list(wanted.get("next", []))
        self.dice = random.Random(wanted.get("seed", 1))


class Cut(Exception):
    """The line is cut without an answer."""


async def _serve(provider: Provider, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while head := await reader.readuntil(b"\r\n\r\n"):
            request, _rest, fields = head.decode("latin-1").partition("\r\n")
            method, path, _version = request.split(" ")
            headers = dict(line.lower().split(": ", 1) for line in fields.split("\r\n") if line)
            status, body = await _answer(provider, method, path, headers, reader)
            said = f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
            writer.write(said)
            await writer.drain()
    except (Cut, asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.transport.abort()


async def _answer(
    provider: Provider, method: str, path: str, headers: dict[str, str], reader: asyncio.StreamReader
) -> tuple[int, bytes]:
    size = int(headers.get("content-length", 0))
    if method == "PUT" and path.startswith("/documents/"):
        return await _offer(provider, path.rpartition("/")[2], headers["x-sha256"], reader, size)
    body = await reader.readexactly(size)
    if path == "/faults":
        provider.command(json.loads(body))
        return 204, b""
    if path == "/counts":
        return 200, json.dumps({"accepted": provider.times}).encode()
    if path == "/totals":
        return 200, json.dumps({"accepted": len(provider.times), "again": provider.again}).encode()
    key = path.rpartition("/")[2]
    if key not in provider.documents:
        return 404, b"{}"
    return 200, json.dumps({"sha256": provider.documents[key], "times": provider.times[key]}).encode()


async def _offer(
    provider: Provider, key: str, sha256: str, reader: asyncio.StreamReader, size: int
) -> tuple[int, bytes]:
    fault = provider.fault()
    if fault == "reset_before":
        raise Cut
    body = await reader.readexactly(size)
    if fault == "reset_after":
        raise Cut
    if hashlib.sha256(body).hexdigest() != sha256:
        return 422, b'{"refused": "document"}'
    if fault in ("refuse_recipient", "refuse_document"):
        return 422, json.dumps({"refused": fault.removeprefix("refuse_")}).encode()
    if fault == "temporary":
        return 503, b"{}"
    if fault == "slow":
        await asyncio.sleep(SLOW_SECONDS)
    status = provider.take(key, sha256)
    if fault == "accept_then_hang":
        await asyncio.sleep(HANG_SECONDS)
    if fault == "accept_then_cut":
        raise Cut
    if fault == "wrong_answer":
        return 200, b"<html>gateway</html>"
    return status, json.dumps({"key": key}).encode()


async def _main() -> None:
    provider = Provider()
    server = await asyncio.start_server(lambda reader, writer: _serve(provider, reader, writer), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, server.close)
    async with server:
        await server.serve_forever()


@dataclass(frozen=True)
class Remote:
    """The provider as a test speaks to it."""

    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def fail(self, *coming: str, seed: int = 1, **chance: float) -> None:
        """`coming` are the faults of the next offers, "" for none; `chance` the shares of the ones after them."""
        self._call("PUT", "/faults", {"next": coming, "chance": chance, "seed": seed})

    def accepted(self) -> dict[str, int]:
        times: dict[str, int] = self._call("GET", "/counts")["accepted"]
        return times

    def totals(self) -> tuple[int, int]:
        """How many keys it has accepted, and how often one of them was offered once more."""
        said = self._call("GET", "/totals")
        return said["accepted"], said["again"]

    def _call(self, method: str, path: str, body: object = None) -> Any:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, json.dumps(body) if body is not None else None)
            said = connection.getresponse().read()
        finally:
            connection.close()
        return json.loads(said) if said else None


@contextmanager
def running() -> Iterator[Remote]:
    me = os.getpid()
    with subprocess.Popen(
        [sys.executable, "-m", "tests.fake_provider"],
        cwd=BASE_DIR, stdout=subprocess.PIPE, text=True, preexec_fn=lambda: end_with(me),
    ) as process:  # fmt: skip
        try:
            assert process.stdout is not None
            yield Remote(int(process.stdout.readline()))
        finally:
            process.kill()


if __name__ == "__main__":
    asyncio.run(_main())
