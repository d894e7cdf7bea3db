"""A MIME message written straight to bytes, the same for the same words.

The email package takes every line of a PDF through Python and reads each header anew: two milliseconds a mail, more than all
the rest of it. What stands here is the little of RFC 2045, 2046, 2047, 2231 and 2392 that our mails need; the tests read it
back with that package.
"""

import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass
from email.header import Header
from urllib.parse import quote

LINE = 76
CRLF = b"\r\n"


@dataclass(frozen=True, slots=True)
class Part:
    """`headers` are whole lines without their ends."""

    headers: tuple[str, ...]
    body: bytes


def written(headers: Iterable[str], part: Part) -> bytes:
    """The message: its own headers, then those of its only part."""
    return _head((*headers, "MIME-Version: 1.0", *part.headers)) + part.body


def text(subtype: str, words: str) -> Part:
    lines = re.sub(r"\r\n?|\n", "\r\n", words).encode()
    headers = (f'Content-Type: text/{subtype}; charset="utf-8"', "Content-Transfer-Encoding: quoted-printable")
    return Part(headers, binascii.b2a_qp(lines))


def attachment(content_type: str, filename: str, content: bytes) -> Part:
    disposition = f"Content-Disposition: attachment;\r\n {_parameter('filename', filename)}"
    return Part((f"Content-Type: {content_type}", "Content-Transfer-Encoding: base64", disposition), _base64(content))


def inline(content_type: str, content_id: str, content: bytes) -> Part:
    """What the HTML beside it shows as `cid:<content_id>`."""
    headers = ("Content-Transfer-Encoding: base64", f"Content-ID: <{content_id}>", "Content-Disposition: inline")
    return Part((f"Content-Type: {content_type}", *headers), _base64(content))


def multipart(kind: str, boundary: str, *parts: Part) -> Part:
    """`kind` is a subtype and its parameters. No body of ours holds «=_», with which a boundary begins."""
    marked = (b"--%b\r\n%b%b\r\n" % (boundary.encode(), _head(part.headers), part.body) for part in parts)
    return Part(
        (f'Content-Type: multipart/{kind};\r\n boundary="{boundary}"',),
        b"".join(marked) + b"--%b--\r\n" % boundary.encode(),
    )


def header(name: str, value: str) -> str:
    """`value` is one line of whatever text."""
    if _is_plain(value) and len(name) + len(value) + 2 <= LINE:
        return f"{name}: {value}"
    return f"{name}: {_encoded(name, value)}"


def mailbox(name: str, display_name: str, address: str) -> str:
    """A header with one address and the name that a reader sees (RFC 5322, 3.4)."""
    if not _is_plain(display_name) or len(display_name) > LINE // 2:
        return f"{name}: {_encoded(name, display_name)}\r\n <{address}>"
    quoted = re.sub(r'(["\\])', r"\\\1", display_name)
    return f'{name}: "{quoted}"\r\n <{address}>'


def _is_plain(value: str) -> bool:
    """A text that looks like an encoded word would be read as what it hides."""
    return value.isascii() and value.isprintable() and "=?" not in value


def _encoded(name: str, value: str) -> str:
    return Header(value, "utf-8", LINE, name).encode(linesep="\r\n")


def _parameter(name: str, value: str) -> str:
    """RFC 2231 where it is not ASCII."""
    return f'{name}="{value}"' if value.isascii() else f"{name}*=utf-8''{quote(value, safe='')}"


def _head(headers: Iterable[str]) -> bytes:
    return "".join(f"{line}\r\n" for line in headers).encode("ascii") + CRLF


def _base64(content: bytes) -> bytes:
    """At once and then in lines: the library's own way encodes line by line, which takes five times as long."""
    encoded = binascii.b2a_base64(content, newline=False)
    return b"".join([encoded[start : start + LINE] + CRLF for start in range(0, len(encoded), LINE)])
