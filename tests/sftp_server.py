"""A print house: a real SFTP server on a socket, rooted in a folder, that fails on command.

    with Server(tmp_path / "house") as server:
        server.house.full = True

Before it stands a line that can be cut after any number of bytes.
"""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import asyncssh

Made = TypeVar("Made")
FOLDER, USER = "inn", "faktura"
OWN_KEY, HOST_KEY, OTHER_KEY = (asyncssh.generate_private_key("ssh-ed25519") for _ in range(3))


def private(key: asyncssh.SSHKey) -> str:
    return key.export_private_key("pkcs8-pem").decode()


def public(key: asyncssh.SSHKey) -> str:
    return key.export_public_key().decode().strip()


@dataclass
class House:
    """`cuts` is asked «before …» and «after …» each request whether the line is cut there, `bytes_left` at each connection
    after how many bytes. `denied` and `missing` are requests that it refuses and does not know; of names that end as
    `spoils` it keeps a byte too few. `handed` are the names of the manifests that got their final name, in order, each time they did."""

    root: Path
    cuts: Callable[[str], bool] = lambda _step: False
    bytes_left: Callable[[], int | None] = lambda: None
    denied: frozenset[str] = frozenset()
    missing: frozenset[str] = frozenset()
    full: bool = False
    spoils: str = ""
    slow: float = 0.0
    requests: list[str] = field(default_factory=list)
    handed: list[str] = field(default_factory=list)
    connections: int = 0
    cut: int = 0

    @property
    def folder(self) -> Path:
        return self.root / FOLDER

    def names(self) -> list[str]:
        return sorted(path.name for path in self.folder.iterdir())


class _Files(asyncssh.SFTPServer):
    def __init__(self, chan: Any, house: House) -> None:
        super().__init__(chan, chroot=str(house.root).encode())
        self._house = house

    async def _step(self, request: str, act: Callable[[], Any]) -> Any:
        house = self._house
        house.requests.append(request)
        await asyncio.sleep(house.slow)
        if request in house.denied:
            raise asyncssh.SFTPPermissionDenied("not here")
        if request in house.missing:
            raise asyncssh.SFTPOpUnsupported("not known here")
        self._maybe_cut(f"before {request}")
        done = act()
        self._maybe_cut(f"after {request}")
        return done

    def _maybe_cut(self, step: str) -> None:
        if self._house.cuts(step):
            self._house.cut += 1
            self.channel.get_connection().abort()
            raise asyncssh.SFTPConnectionLost("cut")

    async def open(self, path: bytes, pflags: int, attrs: asyncssh.SFTPAttrs) -> Any:
        return await self._step("open", partial(super().open, path, pflags, attrs))

    async def close(self, file_obj: object) -> None:
        await self._step("close", partial(super().close, file_obj))

    async def read(self, file_obj: object, offset: int, size: int) -> Any:
        return await self._step("read", partial(super().read, file_obj, offset, size))

    async def write(self, file_obj: Any, offset: int, data: bytes) -> Any:
        if self._house.full:
            raise asyncssh.SFTPNoSpaceOnFilesystem("no space left")
        spoils = self._house.spoils.encode()
        kept = data[:-1] if spoils and file_obj.name.endswith(spoils) else data
        return await self._step("write", partial(super().write, file_obj, offset, kept))

    async def fsync(self, file_obj: object) -> None:
        await self._step("fsync", partial(super().fsync, file_obj))

    async def remove(self, path: bytes) -> None:
        await self._step("remove", partial(super().remove, path))

    async def posix_rename(self, oldpath: bytes, newpath: bytes) -> None:
        await self._step("posix_rename", partial(self._renamed, super().posix_rename, oldpath, newpath))

    async def rename(self, oldpath: bytes, newpath: bytes) -> None:
        await self._step("rename", partial(self._renamed, super().rename, oldpath, newpath))

    def _renamed(self, rename: Callable[[bytes, bytes], Any], old: bytes, new: bytes) -> None:
        rename(old, new)
        name = Path(new.decode()).name
        if name.endswith(".json"):
            self._house.handed.append(name.removesuffix(".json"))


class Server:
    def __init__(self, root: Path) -> None:
        self.house = House(root)
        self.house.folder.mkdir(parents=True)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> "Server":
        self._thread.start()
        self._run(self._listen())
        return self

    def __exit__(self, *_: object) -> None:
        self._run(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def settings(self, *, key: asyncssh.SSHKey = OWN_KEY, host_key: asyncssh.SSHKey = HOST_KEY) -> dict[str, str]:
        """As one gives them in the environment."""
        return {
            "PRINT_TRANSPORT": "sftp",
            "PRINT_SFTP_URL": f"sftp://{USER}@127.0.0.1:{self.port}/{FOLDER}",
            "PRINT_SFTP_KEY": private(key),
            "PRINT_SFTP_HOST_KEY": public(host_key),
        }

    def hang_up(self) -> None:
        """On all who are connected; the server goes on."""
        self._loop.call_soon_threadsafe(self._abort_all)

    def _run(self, coroutine: Coroutine[Any, Any, Made]) -> Made:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(10)

    async def _listen(self) -> None:
        self._behind = await asyncssh.listen(
            "127.0.0.1",
            0,
            server_host_keys=[HOST_KEY],
            authorized_client_keys=asyncssh.import_authorized_keys(public(OWN_KEY)),
            sftp_factory=partial(_Files, house=self.house),
        )
        self._writers: set[asyncio.StreamWriter] = set()
        self._front = await asyncio.start_server(self._answer, "127.0.0.1", 0)
        self.port: int = self._front.sockets[0].getsockname()[1]

    async def _stop(self) -> None:
        self._front.close()
        self._abort_all()
        self._behind.close()
        await self._behind.wait_closed()
        await asyncio.sleep(0.02)  # for the sockets, which are closed in a later turn of the loop

    def _abort_all(self) -> None:
        for writer in list(self._writers):
            writer.transport.abort()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, carried on to the server behind until so many bytes have gone either way."""
        self.house.connections += 1
        line = _Line(self.house)
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", self._behind.get_port())
        both = {writer, inner_writer}
        self._writers |= both
        with suppress(ConnectionError):
            await asyncio.gather(line.carry(reader, inner_writer, both), line.carry(inner_reader, writer, both))
        self._writers -= both
        for one in both:
            one.transport.abort()


class _Line:
    def __init__(self, house: House) -> None:
        self._house, self._left = house, house.bytes_left()

    async def carry(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, both: set[asyncio.StreamWriter]
    ) -> None:
        while data := await reader.read(65536):
            if self._left is not None and len(data) >= self._left:
                writer.write(data[: self._left])
                self._left = None
                self._house.cut += 1
                break
            if self._left is not None:
                self._left -= len(data)
            writer.write(data)
            await writer.drain()
        await asyncio.sleep(0)
        for one in both:
            one.transport.abort()
