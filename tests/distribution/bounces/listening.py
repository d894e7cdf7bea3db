"""The listener on a free port: `manage.py bounces --listen` as a process of its own, or a thread of the test."""

import asyncio
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from autoinvoice_site.environment import BASE_DIR
from autoinvoice_site.lifeline import end_with
from distribution.bounces.listener import Handler, open_door, port_of


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


@contextmanager
def open_here(*, lmtp: bool = False) -> Iterator[int]:
    """The port. It must see what the test commits."""
    loop, handler = asyncio.new_event_loop(), Handler(lambda run: None)
    server = loop.run_until_complete(open_door("127.0.0.1", 0, handler, lmtp=lmtp))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield port_of(server)
    finally:
        loop.call_soon_threadsafe(server.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        handler.threads.shutdown()
        loop.close()
