"""An HTTP server of which the test decides every byte: whole answers, halves, silence. On a real socket, with or without TLS."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Request:
    method: str
    target: str
    headers: dict[str, str]  # by lower-case name
    body: bytes


Answering = Callable[[Request, socket.socket], bytes | None]  # None cuts the line


@dataclass
class Server:
    port: int
    scheme: str
    requests: list[Request] = field(default_factory=list)
    connections: int = 0
    stopping: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"{self.scheme}://localhost:{self.port}"


def answer(status: int = 200, body: bytes = b"", **headers: str) -> bytes:
    """With underscores for the dashes of names."""
    fields = {"Content-Length": str(len(body)), **{name.replace("_", "-"): value for name, value in headers.items()}}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"HTTP/1.1 {status} X\r\n{head}\r\n".encode("latin-1") + body


@contextmanager
def serving(answering: Answering, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1") -> Iterator[Server]:
    with socket.create_server((host, 0), backlog=64) as listening:
        server = Server(listening.getsockname()[1], "https" if tls else "http")
        threading.Thread(target=_accept, args=(listening, server, answering, tls), daemon=True).start()
        try:
            yield server
        finally:
            server.stopping.set()
            with suppress(OSError):
                listening.shutdown(socket.SHUT_RDWR)


def _accept(listening: socket.socket, server: Server, answering: Answering, tls: ssl.SSLContext | None) -> None:
    while not server.stopping.is_set():
        try:
            connection, _address = listening.accept()
        except OSError:
            return
        server.connections += 1
        threading.Thread(target=_serve, args=(connection, server, answering, tls), daemon=True).start()


def _serve(raw: socket.socket, server: Server, answering: Answering, tls: ssl.SSLContext | None) -> None:
    raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with suppress(OSError), raw, tls.wrap_socket(raw, server_side=True) if tls else raw as connection:
        while request := _read(connection):
            server.requests.append(request)
            said = answering(request, connection)
            if said is None:
                return
            connection.sendall(said)


def _read(connection: socket.socket) -> Request | None:
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        byte = connection.recv(1)
        if not byte:
            return None
        head += byte
    first, *fields = head.decode("latin-1").rstrip("\r\n").split("\r\n")
    method, target, _version = first.split(" ")
    headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in fields)}
    body, size = b"", int(headers.get("content-length", 0))
    while len(body) < size and (part := connection.recv(size - len(body))):
        body += part
    return Request(method, target, headers, body)
