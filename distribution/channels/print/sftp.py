"""Letters to the print house by SFTP, two files each, and the manifest last: only a letter whose manifest is there is handed over.

    folder/<key>.pdf    written as .tmp-<key>.pdf, synced, renamed, read back by size and SHA-256
    folder/<key>.json   written as .tmp-<key>.json, synced, read back, renamed

Until the request for the manifest's rename has gone out, the letter is surely not handed over. From there until the answer only
the print house knows, and it can be asked: the manifest is there, or it is not. `.tmp-` does not count.
"""

import hashlib
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import asyncssh
from asyncssh import SFTPClient
from django.utils.translation import gettext as _

from distribution.channels.base import Accepted, AlreadySent, DocumentRefused, Outgoing, Temporary, Transport, Uncertain
from distribution.channels.manifest import SHA256
from distribution.channels.print import connections
from distribution.channels.print.manifest import manifest_name, manifest_of, pdf_name
from distribution.channels.print.place import Malformed, Place

logger = logging.getLogger(__name__)
MODE = 0o640  # letters are nobody's business on their machine but the print house's
MOST_MANIFEST = 100_000
NOT_THE_SAME = "read back, it is not the same"


@dataclass(slots=True)
class _Moment:
    """`passed`: the request that makes the print house accept may have gone out."""

    passed: bool = False


class Sftp(Transport):
    can_ask = True

    def send(self, outgoing: Outgoing) -> Accepted:
        manifest, moment = manifest_of(outgoing), _Moment()

        async def hand_over(sftp: SFTPClient, place: Place) -> bool:
            return await _hand_over(sftp, place, outgoing, manifest, moment)

        with _sorted(moment):
            new = connections.on_line(hand_over, outgoing.seconds_left())
        if not new:
            raise AlreadySent(outgoing.key)
        return Accepted(reference=outgoing.key)

    def ask(self, outgoing: Outgoing) -> Accepted | None:
        async def look(sftp: SFTPClient, place: Place) -> bool:
            return await _is_there(sftp, place, outgoing)

        with _sorted(_Moment()):
            there = connections.on_line(look, outgoing.seconds_left())
        return Accepted(reference=outgoing.key) if there else None


@contextmanager
def _sorted(moment: _Moment) -> Iterator[None]:
    """What the line and the server say, in the classes of errors that the engine knows."""
    try:
        yield
    except Malformed as error:
        logger.error("print house: %s", error)
        raise Temporary(str(error)) from error
    except (OSError, asyncssh.Error) as error:
        if _is_about_host_key(error):
            logger.error("print house: the host key is not PRINT_SFTP_HOST_KEY, nothing was sent: %s", error)
            raise Temporary(
                _("Trykkeriet har en annen vertsnøkkel enn den vi kjenner (PRINT_SFTP_HOST_KEY). Ingenting er sendt.")
            ) from error
        kind = Uncertain if moment.passed else Temporary
        raise kind(f"{type(error).__name__}: {error}"[:300]) from error


def _is_about_host_key(error: Exception) -> bool:
    """Also where the host has no key of the kind that we know, which asyncssh tells by its words alone."""
    if isinstance(error, asyncssh.KeyExchangeFailed):
        return "host key" in error.reason
    return isinstance(error, asyncssh.HostKeyNotVerifiable)


async def _hand_over(sftp: SFTPClient, place: Place, outgoing: Outgoing, manifest: bytes, moment: _Moment) -> bool:
    """Whether it was this call that did it. Whatever an attempt before has left half done is done again."""
    if await _is_there(sftp, place, outgoing):
        return False
    await _put_pdf(sftp, place, outgoing)
    name = manifest_name(outgoing.key)
    draft = await _draft(sftp, place, name, manifest)
    if await _read(sftp, draft, len(manifest)) != manifest:
        await _remove(sftp, draft)
        raise Temporary(f"{name}: {NOT_THE_SAME}")
    return await _commit(sftp, place, outgoing, draft, moment)


async def _put_pdf(sftp: SFTPClient, place: Place, outgoing: Outgoing) -> None:
    """What a cut attempt has left whole is not written again; what it left half is replaced."""
    name = pdf_name(outgoing.key)
    if await _hash(sftp, place, outgoing) == outgoing.sha256:
        return
    draft = await _draft(sftp, place, name, outgoing.data)
    outgoing.seconds_left()
    try:
        await sftp.posix_rename(draft, place.path(name))
    except asyncssh.SFTPOpUnsupported:
        await _remove(sftp, place.path(name))
        await sftp.rename(draft, place.path(name))
    except asyncssh.SFTPNoSuchFile:
        logger.info("print house: another worker was faster with %s", name)
    if await _hash(sftp, place, outgoing) != outgoing.sha256:
        raise Temporary(f"{name}: {NOT_THE_SAME}")


async def _commit(sftp: SFTPClient, place: Place, outgoing: Outgoing, draft: str, moment: _Moment) -> bool:
    """The plain rename replaces nothing: of two workers that come here with one letter, only the first has handed it over."""
    outgoing.seconds_left()
    moment.passed = True
    try:
        await sftp.rename(draft, place.path(manifest_name(outgoing.key)))
    except (asyncssh.SFTPConnectionLost, asyncssh.SFTPNoConnection, asyncssh.SFTPBadMessage):
        raise
    except asyncssh.SFTPError:
        if await _is_there(sftp, place, outgoing):
            await _remove(sftp, draft)
            return False
        moment.passed = False  # it said no, and has not done it
        raise
    return True


async def _is_there(sftp: SFTPClient, place: Place, outgoing: Outgoing) -> bool:
    """Whether it is handed over. The PDF may be gone by then, where the print house has begun with it.

    Raises DocumentRefused where another letter has this key.
    """
    manifest = await _read(sftp, place.path(manifest_name(outgoing.key)), MOST_MANIFEST)
    if manifest is None:
        await sftp.stat(place.folder or "/")  # a folder that is gone proves nothing
        return False
    try:
        said = json.loads(manifest)[SHA256]
    except (ValueError, KeyError, TypeError) as error:
        raise Temporary(f"{manifest_name(outgoing.key)}: {type(error).__name__}") from error
    lies_there = await _hash(sftp, place, outgoing) or outgoing.sha256
    if {said, lies_there} != {outgoing.sha256}:
        raise DocumentRefused(f"{outgoing.key}: {said}")
    return True


async def _hash(sftp: SFTPClient, place: Place, outgoing: Outgoing) -> str | None:
    """Of the PDF under its final name; of another size it is never ours, whatever its beginning says."""
    data = await _read(sftp, place.path(pdf_name(outgoing.key)), len(outgoing.data))
    return None if data is None else hashlib.sha256(data).hexdigest()


async def _read(sftp: SFTPClient, path: str, most: int) -> bytes | None:
    """At most one byte more than `most`: enough to see that it is another file. None where there is none."""
    try:
        file = await sftp.open(path, "rb")
    except asyncssh.SFTPNoSuchFile:
        return None
    size = (await file.stat()).size
    data = await file.read(most + 1 if size is None else min(size, most + 1))
    await file.close()
    assert isinstance(data, bytes)
    return data


async def _draft(sftp: SFTPClient, place: Place, name: str, data: bytes) -> str:
    """`.tmp-…` with these bytes, written over what is there. The bytes of a key are the same on every attempt: a worker that
    stood still and writes into this file too changes nothing, nor does it if the file has its final name by then."""
    path = place.path(f".tmp-{name}")
    file = await sftp.open(path, asyncssh.FXF_WRITE | asyncssh.FXF_CREAT, asyncssh.SFTPAttrs(permissions=MODE), None)
    await file.write(data)
    try:
        await file.fsync()
    except asyncssh.SFTPOpUnsupported:
        logger.debug("print house: offers no fsync")
    await file.close()
    return path


async def _remove(sftp: SFTPClient, path: str) -> None:
    try:
        await sftp.remove(path)
    except asyncssh.SFTPNoSuchFile:
        return
