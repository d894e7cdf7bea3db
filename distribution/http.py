"""The only outbound HTTP. Whatever a stranger's register or a setting names as address, nothing inside our network is reached.

- Connections go through the guard of `network`: only to public addresses, but for the hosts in OUTBOUND_PRIVATE_HOSTS, and
  those only where a setting named the URL: what a NAPTR record or a redirect names is a stranger's word.
- `seconds` is a total for the call. A server that sends a byte now and then does not lengthen it.
- Nothing is followed, decoded or remembered: no redirects, no compression (a small body can unfold to gigabytes), no cookies,
  and no proxy out of the environment, which would connect past the guard.
"""

import os
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import httpcore
import httpx

from distribution.network import Call, GuardedNetwork, allowed_private, current

MAX_BYTES = 5_000_000
KEPT_OPEN_SECONDS = 15  # servers close what idles; most wait longer than this
REPEATABLE = ("GET", "HEAD")
LONGEST_PAUSE = timedelta(hours=1)


class CallFailed(Exception):
    """No answer. The text names the host and the cause, nothing of what was sent."""


class NotSent(CallFailed):
    """Surely nothing arrived: no such name, refused, TLS, a guarded address, or out of time before a byte of it was written."""


class Unanswered(CallFailed):
    """It may have arrived: cut or out of time after writing began, or an answer that is too large or broken."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]  # in any case
    body: bytes


def call(
    method: str,
    url: str,
    *,
    seconds: float,
    max_bytes: int = MAX_BYTES,
    headers: Mapping[str, str] | None = None,
    content: bytes | None = None,
    data: Mapping[str, Any] | None = None,
    files: Any = None,
    stranger: bool = False,
) -> Answer:
    """Any answer, of whatever status. `stranger`: the URL is what somebody else told us. Raises NotSent and Unanswered.

    A GET whose kept connection was closed under it is made once more: that the other end tired of waiting says nothing.
    """
    try:
        request = httpx.Request(
            method, url, headers=_headers(headers), content=content, data=dict(data) if data else None, files=files
        )
    except (httpx.InvalidURL, UnicodeError) as error:
        raise NotSent(f"URL: {error}") from error
    _refuse_unsafe(request.url, stranger=stranger)
    ends = time.monotonic() + seconds
    state = Call(ends)
    try:
        return _call(request, state, max_bytes)
    except Unanswered:
        if method not in REPEATABLE or state.connected or state.heard or state.left() <= 0:
            raise
    return _call(request, Call(ends), max_bytes)


def retry_after(answer: Answer) -> timedelta | None:
    """The pause that the other end asks for, as seconds or as a date (RFC 9110, 10.2.3): an hour at most, whatever it says.
    None for what is neither."""
    value = answer.headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdigit():
        return min(timedelta(seconds=int(value[:9])), LONGEST_PAUSE)
    try:
        when = parsedate_to_datetime(value)
    except (ValueError, OverflowError):  # the second for a year or a zone of twenty digits
        return None
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    return min(max(timedelta(0), when - datetime.now(UTC)), LONGEST_PAUSE)


def _headers(given: Mapping[str, str] | None) -> dict[str, str]:
    return {"User-Agent": "AutoInvoice", "Accept": "*/*", **(given or {}), "Accept-Encoding": "identity"}


def _refuse_unsafe(url: httpx.URL, *, stranger: bool) -> None:
    """A listed host is no stranger's to name: not by a new connection, nor over one that a call of ours has left open."""
    if url.scheme not in ("http", "https") or not url.host or url.userinfo:
        raise NotSent("URL: not http(s)://host/…")
    listed = allowed_private(url.host)
    if listed and stranger:
        raise NotSent(f"{url.host}: address on a private network")
    if url.scheme == "http" and not listed:
        raise NotSent(f"{url.host}: not https")


def _call(request: httpx.Request, state: Call, max_bytes: int) -> Answer:
    current.set(state)
    request.extensions = {"timeout": {"pool": state.left()}}  # the rest is kept by the streams
    response = None
    try:
        response = _transport().handle_request(request)
        state.heard = True
        return Answer(response.status_code, response.headers, _body(response, max_bytes))
    except (httpx.TransportError, httpx.StreamError, _Broken) as error:
        kind = Unanswered if state.wrote else NotSent
        raise kind(f"{request.url.host}: {str(error) or type(error).__name__}"[:200]) from error
    finally:
        if response is not None:
            response.close()


class _Broken(Exception):
    """An answer that can't be used, whatever its status says."""


def _body(response: httpx.Response, max_bytes: int) -> bytes:
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise _Broken("Content-Encoding was not asked for")
    size, parts = 0, []
    assert isinstance(response.stream, Iterable)
    for part in response.stream:
        size += len(part)
        if size > max_bytes:
            raise _Broken(f"answer of more than {max_bytes} bytes")
        parts.append(part)
    return b"".join(parts)


class _GuardedTransport(httpx.HTTPTransport):
    """httpx's, with a pool that connects through the guard. `SSL_CERT_FILE` names other CAs than those of certifi."""

    def __init__(self) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=httpx.create_ssl_context(),
            max_connections=100,
            max_keepalive_connections=20,
            keepalive_expiry=KEPT_OPEN_SECONDS,
            network_backend=GuardedNetwork(),
        )


_pool: dict[str, _GuardedTransport] = {}
os.register_at_fork(after_in_child=_pool.clear)  # or it would mix its words into its parent's sockets


def _transport() -> _GuardedTransport:
    """One for all threads of a process. Threads that are first at once may make two; `setdefault` lets one of them be used."""
    return _pool.get("one") or _pool.setdefault("one", _GuardedTransport())
