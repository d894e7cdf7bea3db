"""The transport to the fake provider: what a channel of ours does over HTTP, with every outcome sorted into the error classes.

One connection is kept per process and thread; `FAKE_PROVIDER_URL` names the provider.
"""

import http.client
import json
import os
import threading
from urllib.parse import urlparse

from distribution.channels.base import (
    Accepted,
    AlreadySent,
    DocumentRefused,
    Outgoing,
    RecipientRefused,
    Temporary,
    Transport,
    Uncertain,
)

URL = "FAKE_PROVIDER_URL"
_kept = threading.local()


class _Line(http.client.HTTPConnection):
    """Closes when nobody has it any more: another took its place, or its thread is over. A parent's end of it stays open."""

    def __del__(self) -> None:
        self.close()


class FakeTransport(Transport):
    can_ask = True

    def send(self, outgoing: Outgoing) -> Accepted:
        line = _line(outgoing.seconds_left())
        try:
            line.connect() if line.sock is None else line.sock.settimeout(outgoing.seconds_left())
            line.putrequest("PUT", f"/documents/{outgoing.key}")
            line.putheader("X-Sha256", outgoing.sha256)
            line.putheader("Content-Length", str(len(outgoing.data)))
        except OSError as error:
            _drop()
            raise Temporary(type(error).__name__) from error
        outgoing.seconds_left()
        try:
            line.endheaders(outgoing.data)
            answer = line.getresponse()
            said = answer.read()
        except (OSError, http.client.HTTPException) as error:
            _drop()
            raise Uncertain(type(error).__name__) from error
        return _sorted(answer.status, said)

    def ask(self, outgoing: Outgoing) -> Accepted | None:
        line = _line(outgoing.seconds_left())
        try:
            line.request("GET", f"/documents/{outgoing.key}")
            answer = line.getresponse()
            said = answer.read()
        except (OSError, http.client.HTTPException) as error:
            _drop()
            raise Temporary(type(error).__name__) from error
        if answer.status == 404:
            return None
        if json.loads(said)["sha256"] != outgoing.sha256:
            raise DocumentRefused("another document has this key")
        return Accepted(reference=outgoing.key)


def _sorted(status: int, said: bytes) -> Accepted:
    try:
        facts = json.loads(said)
    except ValueError as error:
        raise Uncertain("wrong answer") from error
    if status == 503:
        raise Temporary("503")
    if status == 422:
        raise RecipientRefused("422") if facts["refused"] == "recipient" else DocumentRefused("422")
    if status == 409:
        raise DocumentRefused("409")
    if status == 200:
        raise AlreadySent(facts["key"])
    return Accepted(reference=facts["key"])


def _line(seconds: float) -> _Line:
    """A forked child makes its own, for two processes on one line would read each other's answers; so does another test."""
    kept: _Line | None = getattr(_kept, "line", None)
    if kept is None or (_kept.pid, _kept.url) != (os.getpid(), os.environ[URL]):
        parts = urlparse(os.environ[URL])
        kept = _kept.line = _Line(parts.hostname or "", parts.port, timeout=seconds)
        _kept.pid, _kept.url = os.getpid(), os.environ[URL]
    return kept


def _drop() -> None:
    line: _Line | None = getattr(_kept, "line", None)
    if line is not None:
        line.close()
    _kept.line = None
