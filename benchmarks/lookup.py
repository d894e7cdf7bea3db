"""How long one lookup takes of ours: DNS, https on a kept connection, the signature, the chain, the meaning.

    python -m benchmarks.lookup [--times 1000]

The Peppol is that of the tests, on this machine and in this process (its own work is in the figure; an answer is signed once).
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
from pathlib import Path

from benchmarks import common

GOAL_MS = 5.0
CHUNK = 50


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--times", type=int, default=1000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="autoinvoice-lookup-") as folder:
        common.set_up(f"sqlite:///{folder}/database.sqlite3", Path(folder))
        sys.exit(measured(Path(folder), asked.times))


def measured(folder: Path, times: int) -> int:
    from django.conf import settings

    from distribution import lookups
    from distribution.registers.base import Query, RegisterName
    from distribution.registers.peppol.register import PeppolRegister
    from distribution.states import Answer
    from tests import fake_peppol

    with fake_peppol.running(folder, settings) as peppol:
        queries = [
            Query(RegisterName.EINVOICE, f"0192:{number}", "invoice") for number in range(900_000_000, 900_000_050)
        ]
        for query in queries:
            peppol.register(query.identifier)
        register = PeppolRegister()
        first = _milliseconds(lambda: register.ask(queries[0]))
        for query in queries:  # signed once
            assert register.ask(query).answer == Answer.REGISTERED
        each = [_milliseconds(partial(register.ask, queries[at % CHUNK])) for at in range(times)]
        cpu = [_milliseconds(partial(register.ask, queries[at % CHUNK]), time.thread_time) for at in range(times)]
        chunk = _milliseconds(lambda: lookups.ask(queries))
    median = statistics.median(each)
    common.finish(
        median_ms=round(median, 2),
        p95_ms=round(statistics.quantiles(each, n=20)[-1], 2),
        cpu_ms=round(statistics.median(cpu), 2),
        first_ms=round(first, 1),
        a_second=round(CHUNK / chunk * 1000),
        goal_ms=GOAL_MS,
    )
    return 0 if median <= GOAL_MS else 1


def _milliseconds(work: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> float:
    started = clock()
    work()
    return (clock() - started) * 1000


if __name__ == "__main__":
    main()
