"""Secrets in rows: encrypted with FIELD_ENCRYPTION_KEYS (Fernet), so that a copied database alone tells nothing.

The first key writes and all of them read: a new key goes first, and the old one can go when every row has been saved again.
"""

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class CannotOpen(Exception):
    """None of the keys that are set opens it: a key was lost, or the row comes from another installation."""


def seal(text: str) -> bytes:
    return _box().encrypt(text.encode())


def unseal(sealed: bytes | memoryview) -> str:
    """Raises CannotOpen."""
    try:
        return _box().decrypt(bytes(sealed)).decode()
    except InvalidToken as error:
        raise CannotOpen from error


def _box() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.FIELD_ENCRYPTION_KEYS])
