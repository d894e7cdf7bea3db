"""The fields of a machine-readable part, and the text of a readable one, as broken as they come. Pure."""

import base64
import binascii
import quopri
import re
from email.message import Message

STARTS_A_RECIPIENT = "final-recipient"
LONGEST = 100_000  # characters of a part, or of all that is to be read, that are looked at


def text_of(part: Message) -> str:
    """Markup is taken out; a charset that nobody knows is read as latin-1."""
    payload = part.get_payload(decode=True)
    text = _decoded(payload if isinstance(payload, bytes) else b"", str(part.get_param("charset", "utf-8")))
    if part.get_content_subtype() == "html":
        text = re.sub(r"<(?:style|script)\b.{0,5000}?</|<[^>]{0,500}>", " ", text, flags=re.DOTALL | re.IGNORECASE)
    return text


def blocks_of(part: Message) -> list[dict[str, str]]:
    """Groups of fields by lower-case name, unfolded. A recipient whose blank line is missing begins a group of its own."""
    blocks: list[dict[str, str]] = [{}]
    last = ""
    for line in _plain(part).splitlines():
        name, colon, value = line.partition(":")
        if not line.strip():
            blocks.append({})
            last = ""
        elif line[0] in " \t" and last:
            blocks[-1][last] += " " + line.strip()
        elif colon and " " not in name.strip():
            last = name.strip().lower()
            if last == STARTS_A_RECIPIENT and last in blocks[-1]:
                blocks.append({})
            blocks[-1].setdefault(last, value.strip())
    return [block for block in blocks if block]


def _plain(part: Message) -> str:
    """The library reads such a part as messages; what was encoded against the rules (RFC 3464, 2.1) is decoded here."""
    inside = part.get_payload()
    blocks = [block for block in inside if isinstance(block, Message)] if isinstance(inside, list) else []
    text = "\n".join(map(_as_it_came, blocks)) if blocks else text_of(part)
    return _transferred(text[:LONGEST], str(part.get("Content-Transfer-Encoding", "")).strip().lower())


def _as_it_came(block: Message) -> str:
    fields = "".join(f"{name}: {value}\n" for name, value in block.items())
    body = block.get_payload()
    return f"{fields}\n{body if isinstance(body, str) else ''}"


def _transferred(text: str, encoding: str) -> str:
    data = text.encode("utf-8", "surrogateescape")
    if encoding == "base64" and ":" not in text:
        try:
            return _decoded(base64.b64decode(data), "utf-8")
        except binascii.Error:
            return text
    return _decoded(quopri.decodestring(data), "utf-8") if encoding == "quoted-printable" else text


def _decoded(data: bytes, charset: str) -> str:
    try:
        return data.decode(charset, "replace")[:LONGEST]
    except (LookupError, ValueError):  # a charset that nobody knows, or a name that is none
        return data.decode("latin-1")[:LONGEST]
