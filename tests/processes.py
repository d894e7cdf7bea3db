"""Real processes of the product, on the test's own database and data folder."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from autoinvoice_site.environment import BASE_DIR
from autoinvoice_site.lifeline import end_with

PATIENCE = 90


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


def until(holds: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, f"never came: {what}"
        time.sleep(0.1)
