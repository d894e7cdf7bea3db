"""A mail provider's API on a real socket, as Postmark describes its own; it can fail on command."""

import json
import os
import ssl
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOKEN = "server-token"  # of the fake


@dataclass
class Postmark:
    """`answer` is a status and a body to give instead; `hang_up` accepts and then cuts the line; `garble` accepts and answers
    what is no TLS, where it speaks TLS with `tls`."""

    answer: tuple[int, dict[str, Any]] | None = None
    headers: dict[str, str] = field(default_factory=dict)
    hang_up: bool = False
    garble: bool = False
    tls: ssl.SSLContext | None = None
    accepted: list[dict[str, Any]] = field(default_factory=list)
    url: str = ""

    def __enter__(self) -> "Postmark":
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                status, said = fake.take(self.headers.get("X-Postmark-Server-Token", ""), body)
                if fake.hang_up:
                    self.connection.close()
                    return
                if fake.garble:
                    os.write(self.connection.fileno(), b"beside the encrypted line")
                    return
                answer = json.dumps(said).encode()
                self.send_response(status)
                for name, value in {**fake.headers, "Content-Length": str(len(answer))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: Any) -> None:
                """Says nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        if self.tls:
            self._server.socket = self.tls.wrap_socket(self._server.socket, server_side=True)
        self.url = f"{'https' if self.tls else 'http'}://127.0.0.1:{self._server.server_address[1]}/"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: Any) -> None:
        self._server.shutdown()
        self._server.server_close()

    def take(self, token: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if token != TOKEN:
            return 401, {"ErrorCode": 10, "Message": "Bad or missing server token"}
        if self.answer:
            return self.answer
        self.accepted.append(body)
        return 200, {"ErrorCode": 0, "Message": "OK", "MessageID": f"pm-{len(self.accepted)}", "To": body["To"]}
