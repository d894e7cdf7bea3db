"""The transport of an installation that reaches nothing real: exactly what would have left, one folder per key.

    DATA_DIR/out/<channel>/<key>/<file>, manifest.json

It is also the model for every other transport: a key that is there with the same hash is AlreadySent, with another one
DocumentRefused, and it can be asked by key.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from distribution.channels.base import Accepted, AlreadySent, DocumentRefused, Outgoing, Temporary, Transport
from distribution.channels.manifest import SHA256, facts_of
from distribution.frozen import make_folder, sync_folder

MANIFEST = "manifest.json"


class Folder(Transport):
    can_ask = True

    def send(self, outgoing: Outgoing) -> Accepted:
        final = _final(outgoing)
        try:
            with _draft_of_our_own(final) as draft:
                _refuse_if_there(final, outgoing)
                _write(draft / outgoing.filename, outgoing.data)
                _write(draft / MANIFEST, _manifest(outgoing))
                sync_folder(draft)
                outgoing.seconds_left()
                draft.rename(final)
                sync_folder(final.parent)
        except OSError as error:
            raise Temporary(f"{type(error).__name__}: {error.strerror}") from error
        return Accepted(reference=outgoing.key)

    def ask(self, outgoing: Outgoing) -> Accepted | None:
        try:
            _refuse_if_there(_final(outgoing), outgoing)
        except AlreadySent:
            return Accepted(reference=outgoing.key)
        except OSError as error:
            raise Temporary(f"{type(error).__name__}: {error.strerror}") from error
        return None


def _final(outgoing: Outgoing) -> Path:
    return Path(settings.DATA_DIR) / "out" / outgoing.channel / outgoing.key


def _refuse_if_there(final: Path, outgoing: Outgoing) -> None:
    try:
        there = json.loads((final / MANIFEST).read_bytes())[SHA256]
    except FileNotFoundError:
        return
    except (ValueError, KeyError) as error:
        raise Temporary(f"{MANIFEST}: {type(error).__name__}") from error
    if there != outgoing.sha256:
        raise DocumentRefused(f"{outgoing.key}: {there}")
    raise AlreadySent(outgoing.key)


@contextmanager
def _draft_of_our_own(final: Path) -> Iterator[Path]:
    """`.tmp-<key>`, empty and locked. A dead worker's draft is taken over; a living one's is left alone.

    The lock is on the folder itself: after waiting for it the name may stand for another folder, or for none.
    """
    draft = final.with_name(f".tmp-{final.name}")
    make_folder(draft)
    handle = os.open(draft, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.fstat(handle).st_ino != draft.stat().st_ino:
            raise BlockingIOError(0, "draft")
        for left in draft.iterdir():
            left.unlink()
        yield draft
    finally:
        os.close(handle)
        if draft.exists() and final.exists():
            draft.rmdir()


def _write(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _manifest(outgoing: Outgoing) -> bytes:
    return json.dumps(facts_of(outgoing), ensure_ascii=False, indent=2).encode()
