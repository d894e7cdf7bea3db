"""A private PostgreSQL server: `python -m tests.postgres COMMAND…`, or `with postgres() as url`.

The command finds it in DATABASE_URL. Nothing of it is left afterwards.
"""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from autoinvoice_site.lifeline import end_with
from tests.ports import free_port

# tests.environment takes DATABASE_URL away from every test run; this one it gives back.
KEPT_DATABASE_URL = "AUTOINVOICE_TESTS_DATABASE_URL"
STARTS_WITHIN = 30
# Nothing of this outlives the tests, so a crash of the machine may take it: no fsync. All else as a deployment has it.
OPTIONS = ("fsync=off", "shared_buffers=128MB", "max_connections=100", "listen_addresses=127.0.0.1")


class Server:
    """One server on a port and in a folder of its own."""

    def __init__(self, folder: Path, *options: str) -> None:
        self._folder, self._port = folder, free_port()
        own = (*OPTIONS, *options, f"unix_socket_directories={folder}")
        self._options = [word for option in own for word in ("-c", option)]
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"postgres://postgres@127.0.0.1:{self._port}/autoinvoice"

    def start(self) -> None:
        parent = os.getpid()
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [_program("postgres"), "-D", str(self._folder / "data"), "-p", str(self._port), *self._options],
                stdout=log, stderr=log, cwd=self._folder, user=_user(), extra_groups=_no_groups(),
                start_new_session=True,
                preexec_fn=lambda: end_with(parent, signal.SIGQUIT),  # at once, with all of its children
            )  # fmt: skip
        _wait_for(self._process, self._folder, self._port)

    def create_database(self) -> None:
        there = ("--host", str(self._folder), "--port", str(self._port), "--username", "postgres")
        _run("createdb", *there, "autoinvoice")

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """SIGINT is "fast": it ends sessions, then itself. SIGQUIT is at once, as a crash."""
        if self._process is None:
            return
        self._process.send_signal(how)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait()


@contextmanager
def server(*options: str) -> Iterator[Server]:
    """Running, with an empty database. `options` come after ours, as `name=value`."""
    folder = Path(tempfile.mkdtemp(prefix="autoinvoice-postgres-"))
    try:
        _hand_over(folder)
        _initdb(folder / "data")
        own = Server(folder, *options)
        try:
            own.start()
            own.create_database()
            yield own
        finally:
            own.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def postgres(*options: str) -> Iterator[str]:
    """The URL of an empty database."""
    with server(*options) as own:
        yield own.url


def _initdb(data: Path) -> None:
    _run("initdb", "--pgdata", str(data), "--username", "postgres", "--auth", "trust", "--encoding", "UTF8",
         "--locale", "C.UTF-8", "--no-sync")  # fmt: skip


def _wait_for(process: subprocess.Popen[bytes], folder: Path, port: int) -> None:
    ready = [_program("pg_isready"), "--quiet", "--host", str(folder), "--port", str(port)]
    deadline = time.monotonic() + STARTS_WITHIN
    while subprocess.run(ready, check=False).returncode != 0:
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"PostgreSQL does not start:\n{(folder / 'log').read_text()}")
        time.sleep(0.05)


def _program(name: str) -> str:
    """Of the newest server: Debian keeps them out of PATH; elsewhere they are in it."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: float(path.parts[4]))
    path = str(found[-1]) if found else shutil.which(name)
    if path is None:
        raise RuntimeError(f"{name} is not here; bin/setup test installs PostgreSQL.")
    return path


def _run(name: str, *words: str) -> None:
    done = subprocess.run(
        [_program(name), *words],
        cwd="/",
        user=_user(),
        extra_groups=_no_groups(),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"{name} ended with status {done.returncode}:\n{done.stderr}")


def _user() -> str | None:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


def _no_groups() -> list[int] | None:
    return [] if _user() else None


def _hand_over(folder: Path) -> None:
    if user := _user():
        shutil.chown(folder, user)


def _run_command(words: list[str], url: str) -> int:
    """With our signals passed on; its status, or 128 + signal as a shell has it."""
    parent = os.getpid()
    environment = {**os.environ, "DATABASE_URL": url, KEPT_DATABASE_URL: url}
    command = subprocess.Popen(words, env=environment, preexec_fn=lambda: end_with(parent, signal.SIGTERM))

    def pass_on(number: int, _frame: FrameType | None) -> None:
        command.send_signal(number)

    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, pass_on)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal sends Ctrl-C to both
    status = command.wait()
    return status if status >= 0 else 128 - status


def _interrupted(number: int, _frame: FrameType | None) -> None:
    """While the server starts: ends by way of every `finally`."""
    sys.exit(128 + number)


def main() -> int:
    if len(sys.argv) < 2:
        print("usage: python -m tests.postgres COMMAND…", file=sys.stderr)
        return 2
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, _interrupted)
    with postgres() as url:
        return _run_command(sys.argv[1:], url)


if __name__ == "__main__":
    sys.exit(main())
