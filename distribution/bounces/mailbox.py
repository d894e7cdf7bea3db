"""The door for who has no mail server of his own: a mailbox, read by IMAP every few minutes.

A mail to a return path of ours is marked as read when it told something and that is committed. All else is left unread, for
people, with a keyword by which it is not fetched again; a server that keeps no keywords has it marked as read instead.
"""

import imaplib
import logging
import re
import ssl
from dataclasses import dataclass
from email.parser import BytesHeaderParser
from email.utils import getaddresses
from typing import Any
from urllib.parse import unquote, urlsplit

from distribution.bounces.apply import Ring, take_in
from distribution.bounces.counting import count
from distribution.bounces.report import READ
from distribution.channels.email.verp import Forged, read_return_path
from distribution.delivery import NotYet
from distribution.states import Door, Verdict

logger = logging.getLogger(__name__)
SECONDS = 20.0  # for each step of the conversation
AT_ONCE = 200
SEEN, LOOKED_AT = r"\Seen", "$AutoInvoiceRead"
PORTS = {"imaps": 993, "imap+tls": 143, "imap": 143}
# Where servers write whom a mail came to, the surest first.
TO = ("Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "X-Delivered-To", "To", "Resent-To")
COMPLAINT = re.compile(rb"^Content-Type:\s*message/feedback-report\b", re.IGNORECASE | re.MULTILINE)
IN_A_COMPLAINT = re.compile(rb"^(?:Original-Mail-From|Return-Path):\s*<?([^\s>]{1,254})", re.IGNORECASE | re.MULTILINE)
Trouble = (OSError, imaplib.IMAP4.error)


class Malformed(ValueError):
    """No address of a mailbox. Its words never repeat the address: it holds a password."""


@dataclass(frozen=True, slots=True)
class Place:
    scheme: str
    host: str
    port: int
    user: str
    password: str
    folder: str

    @classmethod
    def of(cls, url: str) -> "Place":
        """`imaps://user:password@host:993/folder`, `imap+tls://` for STARTTLS, `imap://` for neither. Raises Malformed."""
        try:
            parts = urlsplit(url)
            port = parts.port or PORTS.get(parts.scheme, 0)
        except ValueError as error:
            raise Malformed("the port is no number") from error
        if parts.scheme not in PORTS or not parts.hostname or not parts.username or not parts.password:
            raise Malformed("imaps://user:password@host/folder, or imap+tls:// for STARTTLS")
        folder = unquote(parts.path.lstrip("/")) or "INBOX"
        return cls(parts.scheme, parts.hostname, port, unquote(parts.username), unquote(parts.password), folder)


def read_mailbox(url: str, ring: Ring) -> int:
    """One pass; how many mails it has looked at. Raises OSError or imaplib.IMAP4.error where the server is away or says no."""
    place = Place.of(url)
    with _connect(place) as server:
        if place.scheme == "imap+tls":
            server.starttls(ssl.create_default_context())
        server.login(place.user, place.password)
        _expect(server.select(_quoted(place.folder)))
        foreign = LOOKED_AT if _keeps_keywords(server) else SEEN
        uids = _not_looked_at(server)[:AT_ONCE]
        for uid in uids:
            _look_at(server, uid, foreign, ring)
    return len(uids)


def _connect(place: Place) -> imaplib.IMAP4:
    if place.scheme == "imaps":
        context = ssl.create_default_context()
        return imaplib.IMAP4_SSL(place.host, place.port, ssl_context=context, timeout=SECONDS)
    return imaplib.IMAP4(place.host, place.port, timeout=SECONDS)


def _keeps_keywords(server: imaplib.IMAP4) -> bool:
    _type, flags = server.response("PERMANENTFLAGS")
    return any(b"\\*" in one for one in flags if isinstance(one, bytes))


def _not_looked_at(server: imaplib.IMAP4) -> list[str]:
    (found,) = _expect(server.uid("SEARCH", "UNSEEN", "UNKEYWORD", LOOKED_AT))
    return found.decode().split() if isinstance(found, bytes) else []


def _look_at(server: imaplib.IMAP4, uid: str, foreign: str, ring: Ring) -> None:
    raw = _fetched(server, uid)
    if raw is None:  # somebody deleted it meanwhile
        return
    try:
        flag = SEEN if _take_in(raw, ring) else foreign
    except NotYet:  # the next pass finds it as it is
        return
    _expect(server.uid("STORE", uid, "+FLAGS.SILENT", f"({flag})"))


def _take_in(raw: bytes, ring: Ring) -> bool:
    """Whether it was ours, and told something new. Raises NotYet."""
    forged = False
    for address in _addresses(raw):
        try:
            ours = read_return_path(address) is not None
        except Forged:
            forged = True
            continue
        if ours:
            return take_in(address, raw, Door.MAILBOX, ring) == Verdict.APPLIED
    count(Door.MAILBOX, Verdict.FORGED if forged else Verdict.FOREIGN)
    return False


def _addresses(raw: bytes) -> list[str]:
    """Whom it came to; of a complaint, which comes to an address agreed with the provider, whom the mail was from."""
    message = BytesHeaderParser().parsebytes(raw)
    headers = [str(value) for name in TO for value in message.get_all(name, [])]
    found = [address for _name, address in getaddresses(headers)]
    if message.get_content_type() == "multipart/report" and COMPLAINT.search(raw):
        found += [match.decode("ascii", "replace") for match in IN_A_COMPLAINT.findall(raw)[:20]]
    return [address for address in found if address.isascii()]


def _fetched(server: imaplib.IMAP4, uid: str) -> bytes | None:
    """Without marking it as read, and not more than is read of it: what it returns may be as large as it likes."""
    parts = _expect(server.uid("FETCH", uid, f"(BODY.PEEK[]<0.{READ}>)"))
    return next((part[1] for part in parts if isinstance(part, tuple)), None)


def _expect(answer: tuple[str, list[Any]]) -> list[Any]:
    kind, parts = answer
    if kind != "OK":
        raise imaplib.IMAP4.error("the server said no")
    return parts


def _quoted(folder: str) -> str:
    return '"' + folder.replace("\\", "\\\\").replace('"', '\\"') + '"'
