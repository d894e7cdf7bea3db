"""The product's settings with the fake provider, for a worker that kills or stops itself at one of the six points, once.

DIE_AT      the point
DIE_BY      KILL or STOP
DIE_NOTE    a file that does not exist yet: whoever makes it is the one, and leaves its pid there
"""

import os
import signal
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any
from unittest import mock

from celery.signals import worker_process_init

from tests.fake_settings import *  # noqa: F403

# By point: the function, and whether it dies before it or after.
POINTS = {
    "before the claim": ("distribution.delivery.running.claim_due", "before"),
    "after the claim": ("distribution.delivery.running.cases_of", "before"),
    "before the call": ("distribution.delivery.sending._transmit", "before"),
    "in the call": ("http.client.HTTPConnection.getresponse", "before"),
    "after the call": ("distribution.delivery.sending.printable", "before"),
    "after the outcome": ("distribution.delivery.sending._in_one_commit", "after an outcome"),
}


@worker_process_init.connect(weak=False)
def install(**_: Any) -> None:
    target, when = POINTS[os.environ["DIE_AT"]]
    module, _dot, name = target.rpartition(".")
    mock.patch(target, dying(_resolve(module, name), when)).start()


def dying(real: Callable[..., Any], when: str) -> Callable[..., Any]:
    def function(*args: Any, **facts: Any) -> Any:
        if when == "before":
            die()
        result = real(*args, **facts)
        if when == "after an outcome" and args[0] is not None:  # it was committed with the attempt of the next
            die()
        return result

    return function


def die() -> None:
    with suppress(FileExistsError), Path(os.environ["DIE_NOTE"]).open("x") as note:
        note.write(str(os.getpid()))
        note.flush()
        os.kill(os.getpid(), signal.Signals[f"SIG{os.environ['DIE_BY']}"])


def _resolve(module: str, name: str) -> Callable[..., Any]:
    import importlib

    try:
        found: Callable[..., Any] = getattr(importlib.import_module(module), name)
    except ModuleNotFoundError:
        package, _dot, kind = module.rpartition(".")
        found = getattr(getattr(importlib.import_module(package), kind), name)
    return found
