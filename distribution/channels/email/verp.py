"""The return path of a mail: it names the delivery and the address, and nobody else can make one (VERP, RFC 5233 subaddress).

    local+<key, 26 characters><address, 4><signature, 16>@domain

in base32, which survives a server that writes addresses in lower case; 46 characters, so that the local part stays within the
64 of RFC 5321, 4.5.3.1.1.
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings

from distribution.channels.email.addresses import mailbox_of

KEY, MARK, SIGNATURE = 26, 4, 16


@dataclass(frozen=True, slots=True)
class Tag:
    """Whose mail came back: the delivery's key, and the mark of one of its addresses (`mark_of`)."""

    key: UUID
    mark: str


class Forged(Exception):
    """It looks like a return path of ours, and is not signed by us."""


def return_path(key: str, address: str) -> str:
    """The envelope's sender for this delivery to this address."""
    local, _at, domain = settings.BOUNCE_ADDRESS.rpartition("@")
    said = _base32(UUID(key).bytes)[:KEY] + mark_of(address)
    return f"{local}+{said}{_sign(said)}@{domain}"


def mark_of(address: str) -> str:
    """The same for the address as a person wrote it and as it goes over the line."""
    return _base32(hashlib.sha256(mailbox_of(address).encode()).digest())[:MARK]


def read_return_path(recipient: str) -> Tag | None:
    """None for an address that is no return path. Raises Forged."""
    local, _at, domain = recipient.strip("<> ").lower().rpartition("@")
    own, _plus, tag = local.rpartition("+")
    if f"{own}@{domain}" != settings.BOUNCE_ADDRESS.lower() or not _plus:
        return None
    said, signature = tag[: KEY + MARK], tag[KEY + MARK :]
    if not hmac.compare_digest(signature.encode(), _sign(said).encode()):
        raise Forged(recipient)
    return Tag(UUID(bytes=base64.b32decode(said[:KEY].upper() + "======")), said[KEY:])


def _sign(said: str) -> str:
    digest = hmac.digest(settings.SECRET_KEY.encode(), b"bounce:" + said.encode(), hashlib.sha256)
    return _base32(digest)[:SIGNATURE]


def _base32(value: bytes) -> str:
    return base64.b32encode(value).decode().lower().rstrip("=")
