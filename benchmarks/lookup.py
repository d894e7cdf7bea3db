"""How long one lookup takes of ours: DNS, https on a kept connection, the signature, the chain, the meaning.

    python -m benchmarks.lookup [--times 1000]

The Peppol is that of the tests, on this machine, in a process beside the one that asks; an answer is signed once.
`median_ms` and `p95_ms` are of single lookups one after the other; `first_ms` is the first, with the handshake of TLS.
`cpu_ms` is the median of what the asking thread alone computes. `a_second` is what a chunk of 50 asked side by side comes to.
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from multiprocessing import Pipe, get_context
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import common

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

GOAL_MS = 5.0
CHUNK = 50
NUMBERS = range(900_000_000, 900_000_000 + CHUNK)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--times", type=int, default=1000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="autoinvoice-lookup-") as folder:
        common.set_up(f"sqlite:///{folder}/database.sqlite3", Path(folder))
        sys.exit(measured(Path(folder), asked.times))


def measured(folder: Path, times: int) -> int:
    from django.conf import settings

    from tests import fake_peppol

    with fake_peppol.running(folder, settings) as peppol:
        for number in NUMBERS:
            peppol.register(f"0192:{number}")
        ours, theirs = Pipe()
        asking = get_context("fork").Process(target=_ask, args=(theirs, times))
        asking.start()
        facts = ours.recv()
        asking.join()
    common.finish(**facts, goal_ms=GOAL_MS)
    return 0 if facts["median_ms"] <= GOAL_MS else 1


def _ask(answer_to: "Connection", times: int) -> None:
    """In a child of its own: the settings are those of the fake, whose threads stay in the parent."""
    from distribution import lookups
    from distribution.registers.base import Query, RegisterName
    from distribution.registers.peppol.register import PeppolRegister
    from distribution.states import Answer

    register = PeppolRegister()
    queries = [Query(RegisterName.EINVOICE, f"0192:{number}", "invoice") for number in NUMBERS]
    first = _milliseconds(partial(register.ask, queries[0]))
    for query in queries:  # signed once
        assert register.ask(query).answer == Answer.REGISTERED
    each = [_milliseconds(partial(register.ask, queries[at % CHUNK])) for at in range(times)]
    cpu = [_milliseconds(partial(register.ask, queries[at % CHUNK]), time.thread_time) for at in range(times)]
    chunk = _milliseconds(partial(lookups.ask, queries))
    answer_to.send(
        {
            "median_ms": round(statistics.median(each), 2),
            "p95_ms": round(statistics.quantiles(each, n=20)[-1], 2),
            "cpu_ms": round(statistics.median(cpu), 2),
            "first_ms": round(first, 1),
            "a_second": round(CHUNK / chunk * 1000),
        }
    )


def _milliseconds(work: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> float:
    started = clock()
    work()
    return (clock() - started) * 1000


if __name__ == "__main__":
    main()
