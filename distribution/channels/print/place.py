"""Where the print house is, who we are there, and by which key we know it."""

from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

import asyncssh
from django.conf import settings

PORT = 22
SETTINGS = ("PRINT_SFTP_URL", "PRINT_SFTP_KEY", "PRINT_SFTP_HOST_KEY")


class Malformed(ValueError):
    """A setting that leads nowhere. Its words never repeat the setting: one of them is a secret."""


@dataclass(frozen=True, slots=True)
class Place:
    host: str
    port: int
    user: str
    folder: str
    key: asyncssh.SSHKey = field(repr=False)
    host_keys: tuple[asyncssh.SSHKey, ...] = field(repr=False)

    @classmethod
    def of_settings(cls) -> "Place":
        """Raises Malformed, with the name of the setting."""
        host, port, user, folder = _address(settings.PRINT_SFTP_URL)
        key, host_keys = _own_key(settings.PRINT_SFTP_KEY), _host_keys(settings.PRINT_SFTP_HOST_KEY)
        return cls(host, port, user, folder, key, host_keys)

    def path(self, name: str) -> str:
        return f"{self.folder}/{name}"


def given() -> tuple[object, ...]:
    """The settings as they are now: a connection is kept while they stay the same."""
    return tuple(getattr(settings, name) for name in SETTINGS)


def _address(url: str) -> tuple[str, int, str, str]:
    wanted = "PRINT_SFTP_URL: sftp://user@host:port/folder, without a password"
    try:
        parts = urlsplit(url)
        port = parts.port or PORT
    except ValueError as error:
        raise Malformed(wanted) from error
    more = parts.password or parts.query or parts.fragment
    if parts.scheme != "sftp" or not parts.hostname or not parts.username or more:
        raise Malformed(wanted)
    return parts.hostname, port, unquote(parts.username), unquote(parts.path).rstrip("/")


def _own_key(text: str) -> asyncssh.SSHKey:
    try:
        return asyncssh.import_private_key(text)
    except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError, UnicodeError):
        raise Malformed("PRINT_SFTP_KEY: a private key as PEM, without a passphrase") from None


def _host_keys(text: str) -> tuple[asyncssh.SSHKey, ...]:
    """A key a line, as in a host's .pub file or as `ssh-keyscan` prints it; two while the print house changes its own."""
    lines = [line.strip() for line in text.splitlines()]
    found = tuple(_host_key(line) for line in lines if line and not line.startswith("#"))
    if not found:
        raise Malformed("PRINT_SFTP_HOST_KEY: is empty")
    return found


def _host_key(line: str) -> asyncssh.SSHKey:
    _host, _space, without_host = line.partition(" ")
    for text in (line, without_host):
        try:
            return asyncssh.import_public_key(text)
        except asyncssh.KeyImportError:
            continue
    raise Malformed("PRINT_SFTP_HOST_KEY: a line is no host key (ssh-ed25519 AAAA…)")
