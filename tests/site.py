"""The site as a process of its own, on the test's database, for a real browser."""

import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

from autoinvoice_site.environment import BASE_DIR
from autoinvoice_site.lifeline import end_with
from tests.ports import free_port
from tests.processes import until


@contextmanager
def site(env: dict[str, str]) -> Iterator[str]:
    """Its address without a slash at the end."""
    address, me = f"127.0.0.1:{free_port()}", os.getpid()
    command = [sys.executable, "-m", "gunicorn", "autoinvoice_site.wsgi", "--bind", address, "--threads", "4"]
    process = subprocess.Popen(
        [*command, "--no-control-socket", "--log-level", "error"],
        env=env,
        cwd=BASE_DIR,
        preexec_fn=lambda: end_with(me),
    )
    try:
        until(lambda: _alive(f"http://{address}/livez"), "the site")
        yield f"http://{address}"
    finally:
        process.terminate()
        process.wait(15)


def _alive(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310  # an address of ours
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
