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


@contextmanager
def postgres(*options: str) -> Iterator[str]:
    """The URL of an empty database. `options` come after ours, as `name=value`."""
    folder = Path(tempfile.mkdtemp(prefix="autoinvoice-postgres-"))
    try:
        _hand_over(folder)
        _initdb(folder / "data")
        with _server(folder, *options) as port:
            _run("createdb", "--host", str(folder), "--port", str(port), "--username", "postgres", "autoinvoice")
            yield f"postgres://postgres@127.0.0.1:{port}/autoinvoice"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _initdb(data: Path) -> None:
    _run("initdb", "--pgdata", str(data), "--username", "postgres", "--auth", "trust", "--encoding", "UTF8",
         "--locale", "C.UTF-8", "--no-sync")  # fmt: skip


@contextmanager
def _server(folder: Path, *more: str) -> Iterator[int]:
    port, parent = free_port(), os.getpid()
    options = [word for option in (*OPTIONS, *more, f"unix_socket_directories={folder}") for word in ("-c", option)]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [_program("postgres"), "-D", str(folder / "data"), "-p", str(port), *options],
            stdout=log, stderr=log, cwd=folder, user=_user(), extra_groups=_no_groups(), start_new_session=True,
            preexec_fn=lambda: end_with(parent, signal.SIGQUIT),  # at once, with all of its children
        )  # fmt: skip
    try:
        _wait_for(server, folder, port)
        yield port
    finally:
        server.send_signal(signal.SIGINT)  # "fast": ends sessions, then itself
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.send_signal(signal.SIGQUIT)
            server.wait()


def _wait_for(server: subprocess.Popen[bytes], folder: Path, port: int) -> None:
    ready = [_program("pg_isready"), "--quiet", "--host", str(folder), "--port", str(port)]
    deadline = time.monotonic() + STARTS_WITHIN
    while subprocess.run(ready, check=False).returncode != 0:
        if server.poll() is not None or time.monotonic() > deadline:
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
