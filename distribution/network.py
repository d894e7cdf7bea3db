"""Connections out of the house: names are resolved here, each address is checked, and the connection goes to what was checked.

A second resolution could answer otherwise (DNS rebinding). SNI, certificate and Host still go by the name.
"""

import ipaddress
import socket
import threading
import time
from collections.abc import Iterable
from contextvars import ContextVar
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any

import httpcore
from django.conf import settings

NAT64 = ipaddress.ip_network("64:ff9b::/96")  # the last four bytes are the IPv4 address that is reached
SLICE = 16_384  # one record of TLS, and with it one look at the clock


@dataclass(slots=True)
class Call:
    """What the streams below must know of the call that they serve."""

    ends: float
    connected: bool = False
    wrote: bool = False
    heard: bool = False

    def left(self) -> float:
        return self.ends - time.monotonic()


current: ContextVar[Call] = ContextVar("call")


def allowed_private(host: str) -> bool:
    """On a private network, and listed by the operator as one that may be called."""
    return host.strip("[]").rstrip(".").lower() in {
        listed.strip().strip("[]").lower() for listed in settings.OUTBOUND_PRIVATE_HOSTS
    }


def is_public(address: str) -> bool:
    """Only what is routed on the internet. IPv6 that stands for IPv4 is judged by the IPv4 inside (::ffff:, 6to4, NAT64)."""
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address):
        inside = ip.ipv4_mapped or ip.sixtofour
        if ip in NAT64:
            inside = ipaddress.IPv4Address(ip.packed[-4:])
        if inside is not None:
            return is_public(str(inside))
        if ip.is_site_local:
            return False
    return ip.is_global and not (ip.is_multicast or ip.is_reserved)


class GuardedNetwork(httpcore.NetworkBackend):
    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """The addresses in the order of the resolver; one that swallows packets leaves time for the others."""
        call = current.get()
        addresses = _checked(host, port, call.left())
        last: Exception = httpcore.ConnectError("no address")
        for tried, address in enumerate(addresses):
            share = call.left() / (len(addresses) - tried)
            if share <= 0:
                raise httpcore.ConnectTimeout("out of time")
            try:
                stream = httpcore.SyncBackend().connect_tcp(address, port, share, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                last = error
                continue
            call.connected = True
            return _Stream(stream)
        raise last


def _checked(host: str, port: int, seconds: float) -> list[str]:
    """One forbidden address among them condemns the name: an honest one has no such neighbours."""
    addresses = list(dict.fromkeys(_resolve(host, port, seconds)))
    if not allowed_private(host) and not all(map(is_public, addresses)):
        raise httpcore.ConnectError("address on a private network")
    return addresses


def _resolve(host: str, port: int, seconds: float) -> list[str]:
    """The system's resolver, on a thread that is left behind when it is slower than the call may be."""
    heard: SimpleQueue[list[str] | OSError | UnicodeError] = SimpleQueue()

    def resolve() -> None:
        try:
            heard.put([str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)])
        except (OSError, UnicodeError) as error:
            heard.put(error)

    threading.Thread(target=resolve, daemon=True).start()
    try:
        found = heard.get(timeout=max(0.0, seconds))
    except Empty:
        raise httpcore.ConnectTimeout("DNS: out of time") from None
    if isinstance(found, Exception):
        raise httpcore.ConnectError(f"DNS: {found}") from found
    return found


class _Stream(httpcore.NetworkStream):
    """A connection may serve many calls, one at a time; each brings its own deadline, the only time-out there is."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _in_time(httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), SLICE):
            left = _in_time(httpcore.WriteTimeout)
            current.get().wrote = True
            self._stream.write(buffer[start : start + SLICE], left)

    def start_tls(
        self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None
    ) -> "_Stream":
        left = _in_time(httpcore.ConnectTimeout)
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, left))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)

    def close(self) -> None:
        self._stream.close()


def _in_time(late: type[httpcore.TimeoutException]) -> float:
    left = current.get().left()
    if left <= 0:
        raise late("out of time")
    return left
