"""Processes that end with their parent, even where the parent was killed outright."""

import ctypes
import os
import signal
import threading
import time
from typing import Any

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None)
# Read in the process that forks: in its children it is still the parent's.
_FORKED_BY = os.getpid()


def end_with(parent: int, by: signal.Signals = signal.SIGKILL) -> None:
    """Between fork and exec (`preexec_fn`): the kernel sends `by` when the thread that forked ends. Linux only."""
    if not hasattr(_LIBC, "prctl"):
        return
    _LIBC.prctl(_PR_SET_PDEATHSIG, int(by), 0, 0, 0)
    if os.getppid() != parent:  # it ended before the kernel knew
        os._exit(1)


def die_with_parent(**_: Any) -> None:
    """In a forked child; a receiver of Celery's `worker_process_init` and `beat_embedded_init`.

    A thread asks, not the kernel: Celery forks from threads that end before their children do, amid a delivery.
    """
    parent = os.getppid() if os.getpid() == _FORKED_BY else _FORKED_BY
    threading.Thread(target=_end_after, args=(parent,), name="lifeline", daemon=True).start()


def post_fork(_arbiter: Any, _worker: Any) -> None:
    """Gunicorn reads this module as its configuration; its workers otherwise first finish what they are at."""
    die_with_parent()


def _end_after(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os.kill(os.getpid(), signal.SIGKILL)
