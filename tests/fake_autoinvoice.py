"""AutoInvoice as a process of its own on a real socket: the API as it is described, strict, and failing on command.

Beside the API: PUT /control {"chance", "next", "seed", "fates"}, PUT /company {"keys", "vendor_key", "directory", "settings"},
PUT /fate {"id", "status", "message"}, GET /truth, GET /hooks (the webhooks it has had to send, in order).

`python -m tests.fake_autoinvoice` prints its port as the first line.
"""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any
from urllib.parse import parse_qs, urlsplit

from autoinvoice_site.environment import BASE_DIR
from autoinvoice_site.lifeline import end_with
from tests.fake_autoinvoice_rules import REFUSED, RETRY_AFTER, Answer, Provider, form_of, parts_of, truth_of

HANG_SECONDS, SLOW_SECONDS = 600.0, 0.3
UNAUTHORIZED = {"code": "unauthorized", "message": "Unauthorized", "details": []}
VENDOR = "vendor-key-of-this-software"


class Cut(Exception):
    """The line is cut without an answer."""


async def _serve(provider: Provider, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while head := await reader.readuntil(b"\r\n\r\n"):
            request, _rest, fields = head.decode("latin-1").partition("\r\n")
            method, target, _version = request.split(" ")
            pairs = (line.split(":", 1) for line in fields.split("\r\n") if line)
            headers = {name.lower(): value.strip() for name, value in pairs}
            extra: dict[str, str] = {}
            status, body = await _answer(provider, method, target, headers, reader, extra)
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
            lines = "".join(f"{name}: {value}\r\n" for name, value in extra.items())
            writer.write(f"HTTP/1.1 {status} X\r\n{lines}Content-Length: {len(content)}\r\n\r\n".encode() + content)
            await writer.drain()
    except (Cut, asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.transport.abort()


async def _answer(
    provider: Provider,
    method: str,
    target: str,
    headers: dict[str, str],
    reader: asyncio.StreamReader,
    extra: dict[str, str],
) -> Answer:
    url = urlsplit(target)
    size = int(headers.get("content-length", 0))
    offered = (method, url.path) == ("POST", "/v1/invoices")
    fault = provider.fault() if offered else ""
    if fault == "reset_before":
        raise Cut
    body = await reader.readexactly(size)
    if url.path in ("/control", "/company", "/fate", "/truth", "/hooks"):
        return _told(provider, url.path, body)
    if url.path == "/oauth2/token":
        return provider.token(form_of(body))
    token = headers.get("authorization", "").removeprefix("Bearer ")
    if fault == "expired_token":
        provider.tokens.clear()
    company = provider.tokens.get(token)
    if company is None:
        return 401, UNAUTHORIZED
    if offered:
        return await _offer(provider, company, fault, headers.get("content-type", ""), body, extra)
    return _read(provider, company, method, url.path, parse_qs(url.query), body)


async def _offer(provider: Provider, company: str, fault: str, kind: str, body: bytes, extra: dict[str, str]) -> Answer:
    if fault == "reset_after":
        raise Cut
    if fault in REFUSED:
        status, code, message = REFUSED[fault]
        extra |= {"Retry-After": str(RETRY_AFTER[fault])} if fault in RETRY_AFTER else {}
        return status, {"code": code, "message": message, "details": []}
    if fault == "slow":
        await asyncio.sleep(SLOW_SECONDS)
    answer = provider.offer(company, parts_of(kind, body))
    if fault == "accept_then_hang":
        await asyncio.sleep(HANG_SECONDS)
    if fault == "accept_then_cut":
        raise Cut
    if fault == "wrong_answer":
        return 200, b"<html>gateway</html>"
    return (201, {"surprise": True}) if fault == "wrong_json" else answer


def _read(provider: Provider, company: str, method: str, path: str, query: dict[str, list[str]], body: bytes) -> Answer:
    if path == "/oauth2/current":
        return 200, {
            "company": {"name": "Fjellro hos AutoInvoice", "bid": "987654325", "disabled": False},
            "scopes": [],
        }
    if path.startswith("/v1/lookup/") and "outage" in provider.directory:
        return int(provider.directory["outage"]), {"code": "outage", "message": "Try again", "details": []}
    if path == "/v1/invoices":
        return provider.listed(company, query)
    if path == "/v1/lookup/receivers":
        return provider.receivers(query)
    if path == "/v1/lookup/consumers":
        return provider.consumers(query)
    if path == "/v1/services/b2cno":
        return 200, {"status": provider.directory.get("b2cno", "FREE")}
    if path == "/v1/company/settings":
        return _settings(provider, method, body)
    if path == "/v1/company/notifications" and method == "POST":
        provider.notifications.append(json.loads(body))
        return 201, {"id": str(len(provider.notifications))}
    return _one(provider, company, path)


def _one(provider: Provider, company: str, path: str) -> Answer:
    named = re.fullmatch(r"/v1/invoices/([^/]+)(/files/1)?", path)
    found = provider.seen_by(company, named[1]) if named else None
    if named is None or found is None:
        return 404, {"code": "not_found", "message": "Not found", "details": []}
    return (200, found.content) if named[2] else (200, found.entity(named[1]))


def _settings(provider: Provider, method: str, body: bytes) -> Answer:
    if method == "GET":
        return 200, provider.settings
    provider.settings |= json.loads(body)
    return 204, b""


def _told(provider: Provider, path: str, body: bytes) -> Answer:
    if path == "/truth":
        truth = {"invoices": truth_of(provider), "again": provider.again, "notifications": provider.notifications}
        return 200, {**truth, "settings": provider.settings}
    if path == "/hooks":
        return 200, provider.hooks
    wanted = json.loads(body)
    if path == "/control":
        provider.command(wanted)
    elif path == "/fate":
        provider.settle(wanted["id"], wanted["status"], wanted.get("message", ""))
    else:
        for name, value in wanted.items():
            setattr(provider, name, value)
    return 200, {}


async def _main() -> None:
    provider = Provider(vendor_key=VENDOR)
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

    def fail(self, *coming: str, seed: int = 1, fates: dict[str, float] | None = None, **chance: float) -> None:
        """`coming` are the faults of the next offers, "" for none; `chance` the shares of the ones after them; `fates` those
        of what becomes of what is accepted from now on: PENDING where it names nothing."""
        self._call("PUT", "/control", {"next": coming, "chance": chance, "seed": seed, "fates": fates or {}})

    def company(self, **facts: Any) -> None:
        self._call("PUT", "/company", facts)

    def settle(self, key: object, status: str, message: str = "") -> None:
        self._call("PUT", "/fate", {"id": str(key), "status": status, "message": message})

    def truth(self) -> dict[str, Any]:
        truth: dict[str, Any] = self._call("GET", "/truth")
        return truth

    def invoices(self) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = self.truth()["invoices"]
        return found

    def hooks(self) -> list[dict[str, Any]]:
        hooks: list[dict[str, Any]] = self._call("GET", "/hooks")
        return hooks

    def _call(self, method: str, path: str, body: object = None) -> Any:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, json.dumps(body) if body is not None else None)
            return json.loads(connection.getresponse().read())
        finally:
            connection.close()


@contextmanager
def running() -> Iterator[Remote]:
    me = os.getpid()
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.fake_autoinvoice"],
        cwd=BASE_DIR, stdout=subprocess.PIPE, text=True, preexec_fn=lambda: end_with(me),
    )  # fmt: skip
    try:
        assert process.stdout is not None
        yield Remote(int(process.stdout.readline()))
    finally:
        process.kill()
        process.wait()


if __name__ == "__main__":
    asyncio.run(_main())
