"""What `bin/start` runs: migrates, starts web and worker, loads the demo into an empty database, ends all of it together.

It never loads Django: every step is a process of its own, tied to this one so that none outlives it.
stdout has the report, the address and the sign-ins; everything else goes to stderr and DATA_DIR/log.
"""

import argparse
import fcntl
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from autoinvoice_site.environment import BASE_DIR, FileAwareEnvironment
from autoinvoice_site.lifeline import end_with

TICK = 0.1
GRACE_SECONDS = 7  # then KILL; all must be gone within 10
LONGEST_PAUSE = 10.0
STEADY_SECONDS = 30  # a service that lived so long starts again without a pause
WEB_STARTS_WITHIN = 60
LOG_BYTES = 5_000_000

MANAGE = (sys.executable, "manage.py")
WEB = (
    sys.executable, "-m", "gunicorn", "autoinvoice_site.wsgi", "--config", "python:autoinvoice_site.lifeline",
    "--workers", "2", "--threads", "4", "--graceful-timeout", "5", "--log-level", "warning", "--no-control-socket",
)  # fmt: skip
# Workers are seen by their heartbeat row, so they need not talk to each other.
WORKER = (
    sys.executable, "-m", "celery", "--quiet", "-A", "autoinvoice_site", "worker", "-B", "--loglevel", "INFO",
    "--without-gossip", "--without-mingle", "--without-heartbeat",
)  # fmt: skip
HAS_DEMO = (
    "import django; django.setup(); from customers.models import User; "
    "raise SystemExit(not User.objects.filter(email='drift@demo.test', is_demo=True).exists())"
)
SIGN_INS = """\
Sign-ins (password: demo)
  regnskap@demo.test   accountant of both companies
  admin@demo.test      company admin of both
  drift@demo.test      ops"""


class Failed(Exception):
    """A step did not work; the text is for the person who started it."""


class Stopped(Exception):
    """Ctrl-C or SIGTERM."""


@dataclass
class Service:
    """A process that is started again when it ends by itself."""

    name: str
    command: tuple[str, ...]
    log: Path
    fds: tuple[int, ...] = ()
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    pause: float = 0.0
    deaths: int = 0

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = spawn(self.command, stdout=log, stderr=log, pass_fds=self.fds)
        self.started = time.monotonic()

    def tend(self) -> None:
        """Says that it ended, and starts it again after a pause that grows."""
        if self.process is not None and self.process.poll() is not None:
            self._bury(self.process)
        if self.process is None and time.monotonic() >= self.started + self.pause:
            self.start()

    def _bury(self, process: subprocess.Popen[bytes]) -> None:
        kill_group(process)  # its own children may have been left behind
        steady = time.monotonic() - self.started >= STEADY_SECONDS
        self.pause = 1.0 if steady else min(LONGEST_PAUSE, self.pause * 2 or 1.0)
        self.deaths = 1 if steady else self.deaths + 1
        self.process, self.started = None, time.monotonic()
        say(f"{self.name} ended with status {process.returncode}; starting it again in {self.pause:.0f} s ({self.log})")


@dataclass
class Supervisor:
    data_dir: Path
    listener: socket.socket
    services: list[Service] = field(default_factory=list)
    step_process: subprocess.Popen[bytes] | None = None
    asked_to_stop: bool = False

    def ask_to_stop(self, *_: Any) -> None:
        self.asked_to_stop = True

    def run(self, once: bool) -> None:
        """Raises Failed, or Stopped where it was asked to stop."""
        self.step("migrate", *MANAGE, "migrate", "--no-input", "--verbosity", "0")
        self.start_services()
        self.wait_for_web()
        self.step("demo", *MANAGE, "demo", "--if-empty")
        self.report(must_work=once)
        self.tell_where()
        while not once:
            self.tick()

    def step(self, name: str, *command: str, stdout: IO[Any] | int = subprocess.DEVNULL) -> None:
        began = time.monotonic()
        status = self.status_of(command, stdout)
        if status != 0:
            raise Failed(f"{name} ended with status {status}; what it said stands above.")
        say(f"{name}: {time.monotonic() - began:.1f} s")

    def status_of(self, command: tuple[str, ...], stdout: IO[Any] | int = subprocess.DEVNULL) -> int:
        process = self.step_process = spawn(command, stdout=stdout)
        while (status := process.poll()) is None:
            self.tick()
        self.step_process = None
        return status

    def tick(self) -> None:
        if self.asked_to_stop:
            raise Stopped
        for service in self.services:
            service.tend()
        time.sleep(TICK)

    def start_services(self) -> None:
        logs, fd = self.data_dir / "log", self.listener.fileno()
        self.services = [
            Service("web", (*WEB, "--bind", f"fd://{fd}"), fresh_log(logs / "web.log"), fds=(fd,)),
            Service("worker", WORKER, fresh_log(logs / "worker.log")),
        ]
        for service in self.services:
            service.start()

    def wait_for_web(self) -> None:
        """Before the address is told: it must answer there."""
        web, deadline = self.services[0], time.monotonic() + WEB_STARTS_WITHIN
        while not answers(self.listener.getsockname()[1]):
            if web.deaths >= 3 or time.monotonic() > deadline:
                raise Failed(f"the web server does not start. The end of {web.log}:\n{end_of(web.log)}")
            self.tick()

    def report(self, must_work: bool) -> None:
        """A database with companies and no run has none, which stops nobody from working in it."""
        try:
            self.step("report", *MANAGE, "report", stdout=sys.stdout)
        except Failed as failed:
            if must_work:
                raise
            say(str(failed))

    def tell_where(self) -> None:
        has_demo = self.status_of((sys.executable, "-c", HAS_DEMO)) == 0
        words = f"\nhttp://127.0.0.1:{self.listener.getsockname()[1]}/\n" + (f"\n{SIGN_INS}\n" if has_demo else "")
        print(words, end="", flush=True)

    def stop(self) -> None:
        """TERM, and KILL of the process groups for what is left after GRACE_SECONDS."""
        running = [service.process for service in self.services if service.process]
        running += [self.step_process] if self.step_process else []
        for process in running:
            process.terminate()
        deadline = time.monotonic() + GRACE_SECONDS
        while time.monotonic() < deadline and any(process.poll() is None for process in running):
            time.sleep(TICK)
        for process in running:
            kill_group(process)
            process.wait()


def spawn(
    command: tuple[str, ...], stdout: IO[Any] | int, stderr: IO[Any] | None = None, pass_fds: tuple[int, ...] = ()
) -> subprocess.Popen[bytes]:
    """In a process group of its own, so that Ctrl-C reaches us alone, and tied to us."""
    parent = os.getpid()
    return subprocess.Popen(
        command,
        cwd=BASE_DIR,
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=stderr,
        pass_fds=pass_fds,
        start_new_session=True,
        preexec_fn=lambda: end_with(parent),  # there are no threads here
    )


def kill_group(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):  # nobody is left in it
        os.killpg(process.pid, signal.SIGKILL)


def answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/livez")
        connection.getresponse()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True


def fresh_log(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > LOG_BYTES:
        path.replace(path.with_suffix(".log.1"))
    return path


def end_of(path: Path, lines: int = 15) -> str:
    return "\n".join(path.read_text(errors="replace").splitlines()[-lines:])


def listen(port: int) -> socket.socket:
    """Ours from here on: nobody else can take the port before gunicorn has it, or while gunicorn starts again."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
        listener.listen(512)
    except (OSError, OverflowError) as error:
        raise Failed(f"port {port} can't be used ({error}). PORT=0 takes a free one.") from error
    return listener


@contextmanager
def only_one(data_dir: Path) -> Iterator[None]:
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        lock = (data_dir / ".lock").open("w")
    except OSError as error:
        raise Failed(f"DATA_DIR can't be used: {error}") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Failed(
                f"bin/start is running on {data_dir} already. Another DATA_DIR and PORT run beside it."
            ) from error
        yield


def environment() -> tuple[Path, int]:
    """DATA_DIR and PORT as settings.py will read them."""
    env = FileAwareEnvironment()
    if (BASE_DIR / ".env").is_file():
        env.read_env(BASE_DIR / ".env")
    port = env.str("PORT", default="8000")
    if not port.isdecimal():
        raise Failed(f"PORT is «{port}»; it must be a number.")
    return (BASE_DIR / env.str("DATA_DIR", default="var")).resolve(), int(port)


def supervise(once: bool) -> int:
    data_dir, port = environment()
    with only_one(data_dir), listen(port) as listener:
        # Before any Django process starts: SITE_URL is made of it.
        os.environ["PORT"] = str(listener.getsockname()[1])
        os.environ.pop("PORT_FILE", None)
        supervisor = Supervisor(data_dir, listener)
        for name in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(name, supervisor.ask_to_stop)
        try:
            supervisor.run(once)
        except Stopped:
            say("stopping")
            return 1 if once else 0
        finally:
            supervisor.stop()
            say("all of it has stopped")
    return 0


def say(words: str) -> None:
    print(f"start: {words}", file=sys.stderr, flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(prog="bin/start")
    parser.add_argument("--once", action="store_true", help="stop after the report")
    try:
        return supervise(parser.parse_args().once)
    except Failed as failed:
        say(str(failed))
        return 1


if __name__ == "__main__":
    sys.exit(main())
