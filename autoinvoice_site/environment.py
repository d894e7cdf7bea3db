"""Reads the environment: every setting by its NAME, or from the file that NAME_FILE points at."""

import base64
import fcntl
import json
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import ParseResult, unquote, urlparse

import environ
from django.core.exceptions import ImproperlyConfigured
from environ.fileaware_mapping import FileAwareMapping

BASE_DIR = Path(__file__).resolve().parent.parent
ANYMAIL = "ANYMAIL_"
_SMTP_TLS = {"smtp": (False, False), "smtp+tls": (True, False), "smtps": (False, True), "smtp+ssl": (False, True)}


class _Environment(FileAwareMapping):  # type: ignore[misc]  # the library has no types
    def __getitem__(self, key: str) -> str:
        value = super().__getitem__(key)
        # Editors and `echo` end a file with a newline that is no part of the secret.
        return str(value).rstrip("\r\n") if self.env.get(f"{key}_FILE") else str(value)


class FileAwareEnvironment(environ.FileAwareEnv):  # type: ignore[misc]
    ENVIRON = _Environment()


def kept_secrets(data_dir: Path) -> dict[str, str]:
    """Secrets of an installation that was given none: made once, readable by its owner alone.

    Several processes may start at once, and an older release knew fewer of them: what is missing is added under a lock, into
    a draft that takes the file's name when it is whole.
    """
    path = data_dir / "secrets"
    kept = _read_secrets(path)
    if MADE.keys() <= kept.keys():
        return kept
    data_dir.mkdir(parents=True, exist_ok=True)
    folder = os.open(data_dir, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        kept = _read_secrets(path)  # another process may have been first; its secrets count
        kept = {name: make() for name, make in MADE.items()} | kept
        _write_secrets(path, kept)
    finally:
        os.close(folder)
    return kept


def _field_key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


MADE: dict[str, Callable[[], str]] = {
    "SECRET_KEY": lambda: secrets.token_urlsafe(50),
    "FIELD_ENCRYPTION_KEY": _field_key,
}


def _read_secrets(path: Path) -> dict[str, str]:
    kept: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    return kept


def _write_secrets(path: Path, kept: dict[str, str]) -> None:
    draft = path.with_name(f".secrets-{os.getpid()}-{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
        json.dump(kept, file)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)


def anymail_settings() -> dict[str, Any]:
    """What django-anymail reads of its provider: each ANYMAIL_<NAME>, or ANYMAIL_<NAME>_FILE, of the environment."""
    read = FileAwareEnvironment()
    names = {name.removesuffix("_FILE") for name in os.environ if name.startswith(ANYMAIL)}
    given: dict[str, Any] = {name.removeprefix(ANYMAIL): read.str(name) for name in sorted(names)}
    return {"REQUESTS_TIMEOUT": 20, **given}


def anymail_providers(url: str) -> list[str]:
    """The one that EMAIL_URL names, if it does."""
    parts = urlparse(url)
    return [parts.hostname] if parts.scheme == "anymail" and parts.hostname else []


def email_settings(url: str, site_mail: Path) -> dict[str, Any]:
    """EMAIL_URL as Django's settings: `folder`, `smtp://`, `smtp+tls://` (STARTTLS), `smtps://` or `smtp+ssl://`, or
    `anymail://<provider>`."""
    if url == "folder":
        return {"EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend", "EMAIL_FILE_PATH": str(site_mail)}
    parts: ParseResult = urlparse(url)
    if parts.scheme == "anymail" and parts.hostname:
        return {"EMAIL_BACKEND": f"anymail.backends.{parts.hostname}.EmailBackend"}
    if parts.scheme not in _SMTP_TLS or not parts.hostname:
        raise ImproperlyConfigured(
            "EMAIL_URL must be «folder», smtp://, smtp+tls://, smtps:// or smtp+ssl:// with a host, or anymail://<provider>."
        )
    starttls, tls = _SMTP_TLS[parts.scheme]
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or (465 if tls else 587 if starttls else 25),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_TLS": starttls,
        "EMAIL_USE_SSL": tls,
        "EMAIL_TIMEOUT": 20,
    }
