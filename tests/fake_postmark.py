"""A mail provider's API on a real socket, as Postmark describes its own; it can fail on command."""

import json
import os
import ssl
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from django.conf import LazySettings

from autoinvoice_site.environment import email_settings

TOKEN = "server-token"  # of the fake
INACTIVE = (
    "You tried to send to recipient(s) that have been marked as inactive.\nFound inactive addresses: anna@firma.test.\n"
    "Inactive recipients are ones that have generated a hard bounce, a spam complaint, or a manual suppression."
)


def configure(settings: LazySettings, url: str, token: str = TOKEN) -> None:
    settings.EMAIL_URL = "anymail://postmark"
    settings.ANYMAIL = {"POSTMARK_SERVER_TOKEN": token, "POSTMARK_API_URL": url, "REQUESTS_TIMEOUT": 2}
    for name, value in email_settings(settings.EMAIL_URL, Path("unused")).items():
        setattr(settings, name, value)


@dataclass
class Postmark:
    """`answer` is a status and a body to give instead; `hang_up` accepts and then cuts the line; `garble` accepts and answers
    what is no TLS, where it speaks TLS with `tls`; `inactive` recipients have bounced there before, all of them."""

    answer: tuple[int, dict[str, Any]] | None = None
    headers: dict[str, str] = field(default_factory=dict)
    hang_up: bool = False
    garble: bool = False
    tls: ssl.SSLContext | None = None
    inactive: bool = False
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
        if self.inactive:
            return 422, {"ErrorCode": 406, "Message": INACTIVE.replace("anna@firma.test", body["To"])}
        self.accepted.append(body)
        return 200, {"ErrorCode": 0, "Message": "OK", "MessageID": f"pm-{len(self.accepted)}", "To": body["To"]}
