"""A mailbox on a real socket that speaks what is needed of IMAP4rev1 (RFC 3501): LOGIN, SELECT, UID SEARCH, FETCH and STORE."""

import re
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

USER, PASSWORD = "retur", "hemmelig nok"
FETCH = re.compile(r"(\d+) \(BODY\.PEEK\[\]<0\.(\d+)>\)")
KEYWORDS = " \\*"
STORE = re.compile(r"(\d+) \+FLAGS\.SILENT \(([^)]*)\)")


@dataclass
class Mailbox:
    """`mails` by UID. `keeps_keywords` as PERMANENTFLAGS tells; `fetched` counts each mail's trips over the line."""

    folder: str = "INBOX"
    keeps_keywords: bool = True
    mails: dict[int, bytes] = field(default_factory=dict)
    flags: dict[int, set[str]] = field(default_factory=dict)
    fetched: list[int] = field(default_factory=list)
    port: int = 0

    def put(self, raw: bytes, to: str = "") -> int:
        """As a mail server leaves it, with the envelope's recipient on top."""
        uid = len(self.mails) + 1
        self.mails[uid] = (f"Delivered-To: {to}\n".encode() if to else b"") + raw
        self.flags[uid] = set()
        return uid

    def url(self, scheme: str = "imap", folder: str = "") -> str:
        password = PASSWORD.replace(" ", "%20")
        return f"{scheme}://{USER}:{password}@127.0.0.1:{self.port}/{folder}"

    def unseen(self, without: str) -> list[int]:
        return [uid for uid, flags in self.flags.items() if not {"\\Seen", without} & flags]


class _Session(socketserver.StreamRequestHandler):
    server: "_Server"

    def handle(self) -> None:
        self._say("* OK IMAP4rev1 ready")
        while line := self.rfile.readline().decode().rstrip("\r\n"):
            tag, _space, command = line.partition(" ")
            word, _space, rest = command.partition(" ")
            if word.upper() == "UID":
                word, _space, rest = rest.partition(" ")
            answer = getattr(self, f"do_{word.lower()}", self._unknown)(rest)
            self._say(f"{tag} {answer} .")
            if word.upper() == "LOGOUT":
                return

    @property
    def box(self) -> Mailbox:
        return self.server.mailbox

    def _say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")

    def _unknown(self, _rest: str) -> str:
        return "BAD unknown command"

    def do_capability(self, _rest: str) -> str:
        self._say("* CAPABILITY IMAP4rev1")
        return "OK"

    def do_login(self, rest: str) -> str:
        return "OK" if rest == f'{USER} "{PASSWORD}"' else "NO [AUTHENTICATIONFAILED] wrong"

    def do_select(self, rest: str) -> str:
        if rest != f'"{self.box.folder}"':
            return "NO no such mailbox"
        self._say(f"* {len(self.box.mails)} EXISTS")
        self._say(f"* OK [PERMANENTFLAGS (\\Seen \\Deleted{KEYWORDS if self.box.keeps_keywords else ''})] flags")
        return "OK [READ-WRITE]"

    def do_search(self, rest: str) -> str:
        found = self.box.unseen(rest.removeprefix("UNSEEN UNKEYWORD "))
        self._say(f"* SEARCH {' '.join(map(str, found))}".rstrip())
        return "OK"

    def do_fetch(self, rest: str) -> str:
        match = FETCH.fullmatch(rest)
        if match is None:
            return "BAD what?"
        uid, octets = int(match[1]), int(match[2])
        self.box.fetched.append(uid)
        part = self.box.mails[uid][:octets]
        self._say(f"* {uid} FETCH (UID {uid} BODY[]<0> {{{len(part)}}}")
        self.wfile.write(part + b")\r\n")
        return "OK"

    def do_store(self, rest: str) -> str:
        match = STORE.fullmatch(rest)
        if match is None:
            return "BAD what?"
        self.box.flags[int(match[1])] |= set(match[2].split())
        return "OK"

    def do_logout(self, _rest: str) -> str:
        self._say("* BYE")
        return "OK"


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True
    mailbox: Mailbox


@contextmanager
def running(tls: ssl.SSLContext | None = None) -> Iterator[Mailbox]:
    with _Server(("127.0.0.1", 0), _Session) as server:
        if tls is not None:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        server.mailbox = Mailbox(port=server.server_address[1])
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server.mailbox
        finally:
            server.shutdown()
            thread.join()
