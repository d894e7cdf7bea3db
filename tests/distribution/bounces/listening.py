"""`manage.py bounces --listen` as a process of its own, on a free port."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from autoinvoice_site.environment import BASE_DIR
from autoinvoice_site.lifeline import end_with


@dataclass
class Listening:
    process: subprocess.Popen[str]
    port: int


@contextmanager
def listening(env: dict[str, str], *words: str) -> Iterator[Listening]:
    """Its SECRET_KEY must be the test's, or each return path is forged."""
    me = os.getpid()
    process = subprocess.Popen(
        [sys.executable, str(BASE_DIR / "manage.py"), "bounces", "--listen", "127.0.0.1:0", *words],
        env=env, cwd=BASE_DIR, stderr=subprocess.PIPE, text=True, preexec_fn=lambda: end_with(me),
    )  # fmt: skip
    try:
        yield Listening(process, _port_of(process))
    finally:
        process.terminate()
        process.communicate(timeout=30)


def _port_of(process: subprocess.Popen[str]) -> int:
    assert process.stderr is not None
    told = ""
    for line in process.stderr:
        told += line
        if found := re.search(r"127\.0\.0\.1:(\d+)", line):
            return int(found[1])
    raise AssertionError(f"never listened: {told}")
