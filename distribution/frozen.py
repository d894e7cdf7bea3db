"""Bytes that must never change: named by their SHA-256, on the disk before any row says so (R34)."""

import hashlib
import os
import secrets
from pathlib import Path
from typing import IO

from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, Storage, storages


class Damaged(Exception):
    """What lies under a SHA-256 is not what was frozen there."""


class SyncedFolder(FileSystemStorage):
    """A folder whose files are whole and synced when `save` returns: written aside, synced, renamed, the folder synced."""

    def _save(self, name: str, content: IO[bytes]) -> str:
        path = Path(self.path(name))
        make_folder(path.parent)
        draft = path.with_name(f".{secrets.token_hex(8)}")
        with draft.open("wb") as file:
            file.write(content.read())
            file.flush()
            os.fsync(file.fileno())
        draft.rename(path)
        sync_folder(path.parent)
        return name


def make_folder(folder: Path) -> None:
    """With all above it, for this user alone (invoices are nobody else's business), each on the disk before the next."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(mode=0o700, exist_ok=True)
    sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """A rename is on the disk only when its folder is."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sha256_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def keep(content: bytes) -> str:
    """Returns the SHA-256 under which `read` gives the bytes back. The same bytes twice are kept once."""
    sha256 = sha256_of(content)
    name = _name(sha256)
    if not _storage().exists(name):
        _storage().save(name, ContentFile(content))
    return sha256


def read(sha256: str) -> bytes:
    """Raises FileNotFoundError, and Damaged when the bytes are not those that were kept."""
    with _storage().open(_name(sha256)) as file:
        content: bytes = file.read()
    if sha256_of(content) != sha256:
        raise Damaged(sha256)
    return content


def _storage() -> Storage:
    return storages["frozen"]


def _name(sha256: str) -> str:
    return f"{sha256[:2]}/{sha256[2:4]}/{sha256}"
