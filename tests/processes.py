"""Real processes of the product, on the test's own database and data folder."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

from autoinvoice_site.environment import BASE_DIR
from autoinvoice_site.lifeline import end_with

PATIENCE = 150  # a shared machine can be five times slower than a quiet one


def environment(data_dir: Path, database_url: str, **more: str) -> dict[str, str]:
    quick = {"SWEEP_SECONDS": "1", "LOG_LEVEL": "WARNING"}
    return {**os.environ, "DATA_DIR": str(data_dir), "DATABASE_URL": database_url, **quick, **more}


def manage(*words: str, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(BASE_DIR / "manage.py"), *words]
    return subprocess.run(command, env=env, cwd=BASE_DIR, capture_output=True, text=True, timeout=PATIENCE)


@contextmanager
def worker(env: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """`celery worker -B` with one child; ended with its children when the block ends."""
    command = [
        sys.executable,
        "-m",
        "celery",
        "-A",
        "autoinvoice_site",
        "worker",
        "-B",
        "--concurrency",
        "1",
        "-l",
        "WARNING",
    ]
    me = os.getpid()
    process = subprocess.Popen(
        command,
        env=env,
        cwd=BASE_DIR,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=lambda: end_with(me),
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


class KeptWorker:
    """`celery worker -B` with two hands; where its main process is gone, `keep` starts the next one, as a supervisor does."""

    def __init__(self, env: dict[str, str]) -> None:
        self._env = env
        self.log = Path(env["DATA_DIR"]) / f"worker-{uuid4().hex}.log"
        self.process = self._start()

    def keep(self) -> None:
        if self.process.poll() is not None:
            self.process = self._start()

    def children(self) -> list[str]:
        path = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [pid for pid in path.read_text().split() if _alive(pid)] if path.exists() else []

    def tell(self) -> None:
        """For the report of a test that failed: how it stands, and its last words."""
        words = self.log.read_text(errors="replace")[-3000:]
        print(f"worker {self.process.pid}: exit {self.process.poll()}, children {self.children()}\n{words}")

    def stop(self) -> None:
        with suppress(ProcessLookupError):  # it may have ended by itself
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def _start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "celery", "-A", "autoinvoice_site", "worker", "-B", "-c", "2", "-l", "ERROR"]
        me = os.getpid()
        with self.log.open("ab") as log:
            return subprocess.Popen(
                command, env=self._env, cwd=BASE_DIR, stdout=log, stderr=log, start_new_session=True,
                preexec_fn=lambda: end_with(me),
            )  # fmt: skip


@contextmanager
def kept_worker(env: dict[str, str]) -> Iterator[KeptWorker]:
    worker = KeptWorker(env)
    try:
        yield worker
    except AssertionError:
        worker.tell()
        raise
    finally:
        worker.stop()


def _alive(pid: str) -> bool:
    """Neither gone nor a zombie that waits to be reaped."""
    status = Path(f"/proc/{pid}/stat")
    return status.exists() and status.read_text().rpartition(")")[2].split()[0] != "Z"


def until(holds: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, f"never came: {what}"
        time.sleep(0.1)
