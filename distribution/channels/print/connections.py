"""Lines to the print house, kept from one letter to the next: one for each thread of each worker.

asyncssh wants an event loop, and the engine has none: the lines live in a loop with a thread of its own, one for each process.
That loop also notices at once when the print house hangs up, so that no letter is begun on a dead line.
"""

import asyncio
import os
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

import asyncssh

from distribution.channels.print.place import Place, given

Found = TypeVar("Found")
Act = Callable[[asyncssh.SFTPClient, Place], Awaitable[Found]]
IDLE_SECONDS = 20.0  # longer than the pause within a chunk; then the line is hung up
KEEPALIVE_SECONDS = 10  # a print house that says nothing twice as long is gone
CONNECT_SECONDS = 20.0
GRACE_SECONDS = 2.0  # for a loop that is busy: the deadline itself is kept by it


@dataclass(slots=True)
class Line:
    ssh: asyncssh.SSHClientConnection
    sftp: asyncssh.SFTPClient
    place: Place
    of: tuple[object, ...]
    ending: asyncio.TimerHandle | None = None


@dataclass(slots=True)
class _Keeper:
    """A thread's; touched in the loop alone, so that hanging up an idle line and taking it can't cross."""

    line: Line | None = None


class _Ours:
    """Of this process."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.loop: asyncio.AbstractEventLoop | None = None
        self.threads = threading.local()


_ours = _Ours()
_parents: list[_Ours] = []


def _leave_to_parent() -> None:
    """After a fork its loop has no thread here, and its lines are not ours to close: kept, so that nothing closes them."""
    global _ours
    _parents.append(_ours)
    _ours = _Ours()


os.register_at_fork(after_in_child=_leave_to_parent)


def on_line(act: Act[Found], seconds: float) -> Found:
    """What `act` finds, within so many seconds; where it does not, the line is dropped.

    Raises what it raises, Malformed, and of the line OSError (a TimeoutError too) and asyncssh.Error.
    """
    future = asyncio.run_coroutine_threadsafe(_within(seconds, act, _keeper(), given()), _loop())
    try:
        return future.result(seconds + GRACE_SECONDS)
    except BaseException:
        future.cancel()
        raise


def _loop() -> asyncio.AbstractEventLoop:
    with _ours.lock:
        if _ours.loop is None:
            _ours.loop = asyncio.new_event_loop()
            threading.Thread(target=_ours.loop.run_forever, name="print-sftp", daemon=True).start()
        return _ours.loop


def _keeper() -> _Keeper:
    if not hasattr(_ours.threads, "keeper"):
        _ours.threads.keeper = _Keeper()
    keeper: _Keeper = _ours.threads.keeper
    return keeper


async def _within(seconds: float, act: Act[Found], keeper: _Keeper, of: tuple[object, ...]) -> Found:
    try:
        async with asyncio.timeout(seconds):
            line = await _line(keeper, of)
            found = await act(line.sftp, line.place)
    except BaseException:
        _drop(keeper)  # it stands in the middle of something
        raise
    line.ending = asyncio.get_running_loop().call_later(IDLE_SECONDS, _drop, keeper)
    return found


async def _line(keeper: _Keeper, of: tuple[object, ...]) -> Line:
    kept = keeper.line
    if kept is not None and kept.ending is not None:
        kept.ending.cancel()
    if kept is not None and kept.of == of and not kept.ssh.is_closed():
        return kept
    _drop(keeper)
    place = Place.of_settings()
    ssh = await _connect(place)
    try:
        keeper.line = Line(ssh, await ssh.start_sftp_client(), place, of)
    except BaseException:
        ssh.abort()
        raise
    return keeper.line


async def _connect(place: Place) -> asyncssh.SSHClientConnection:
    """By our key and to theirs, and nothing else that this machine may have: no agent, no configuration, no known_hosts."""
    return await asyncssh.connect(
        place.host,
        place.port,
        username=place.user,
        client_keys=[place.key],
        known_hosts=(list(place.host_keys), [], []),
        config=None,
        agent_path=None,
        preferred_auth="publickey",
        connect_timeout=CONNECT_SECONDS,
        login_timeout=CONNECT_SECONDS,
        keepalive_interval=KEEPALIVE_SECONDS,
        keepalive_count_max=2,
    )


def _drop(keeper: _Keeper) -> None:
    if keeper.line is not None:
        keeper.line.ssh.abort()
        keeper.line = None
