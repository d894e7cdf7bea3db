"""Plain processes that do one thing at once: each is set up first, waits for the word, and all are awaited.

with hands(2, "benchmarks.e2e", "--hand", "engine") as pair:
    seconds = pair.go()
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from autoinvoice_site.environment import BASE_DIR
from autoinvoice_site.lifeline import end_with

READY = "ready"


class Hands:
    def __init__(self, started: list[subprocess.Popen[str]]) -> None:
        self._started = started

    def go(self) -> float:
        """Seconds from the word to the last one's end. Raises RuntimeError when one fails."""
        began = time.perf_counter()
        for one in self._started:
            _told(one, "go")
        ended = [one.wait() for one in self._started]
        if any(ended):
            raise RuntimeError("a process of the benchmark has failed")
        return time.perf_counter() - began


@contextmanager
def hands(number: int, module: str, *words: str) -> Iterator[Hands]:
    """`number` processes of `python -m module words…`, all of them ready."""
    parent, pipe = os.getpid(), subprocess.PIPE
    started = [
        subprocess.Popen(
            [sys.executable, "-m", module, *words],
            cwd=BASE_DIR, stdin=pipe, stdout=pipe, text=True, preexec_fn=lambda: end_with(parent),
        )
        for _ in range(number)
    ]  # fmt: skip
    try:
        for one in started:
            _await_ready(one)
        yield Hands(started)
    finally:
        for one in started:
            one.kill()
            one.communicate()


def wait_for_the_word() -> None:
    """In such a process, when it is set up."""
    print(READY, flush=True)
    sys.stdin.readline()


def _await_ready(one: subprocess.Popen[str]) -> None:
    assert one.stdout is not None
    if one.stdout.readline().strip() != READY:
        raise RuntimeError("a process of the benchmark does not start")


def _told(one: subprocess.Popen[str], word: str) -> None:
    assert one.stdin is not None
    one.stdin.write(f"{word}\n")
    one.stdin.flush()
