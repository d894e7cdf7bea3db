"""kill -9, again and again, under load: is anything lost, does anything go twice, how long does it take to go on?

    python -m benchmarks.crash [--kills 500] [--invoices 10000] [--on sqlite|postgres] [--faults]

Real workers (`celery worker -B`, two hands): SQLite with the embedded broker, then PostgreSQL with Redis. The provider is
tests/fake_provider.py. The kills are spread evenly over the invoices and fall on any process of the worker: its main process,
a child that delivers, or the one that keeps the time. `--faults` lets the provider fail at random too.
"""

import argparse
import json
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

from autoinvoice_site.environment import BASE_DIR
from benchmarks import common
from tests.fake_provider import Remote, running
from tests.fake_transport import URL
from tests.processes import KeptWorker, kept_worker
from tests.redis_server import redis_server

LEASE_SECONDS, SWEEP_SECONDS = 4, 2
FAULTS = {"temporary": 0.02, "accept_then_cut": 0.02, "reset_before": 0.02, "reset_after": 0.02, "wrong_answer": 0.02}
PATIENCE = 60  # seconds without any progress: lost


def main() -> None:
    asked = arguments()
    if asked.on:
        measure(asked)
        return
    said = {kind: in_a_process(kind, asked) for kind in common.KINDS}
    sums = {name: sum(one[name] for one in said.values()) for name in ("kills", "invoices", "lost", "twice")}
    common.finish(**sums, recover_s={kind: one["recover_s"] for kind, one in said.items()})
    sys.exit(bool(sums["lost"] or sums["twice"]))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--invoices", type=int, default=10_000)
    parser.add_argument("--on", choices=common.KINDS)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--faults", action="store_true")
    return parser.parse_args()


def in_a_process(kind: str, asked: argparse.Namespace) -> dict[str, Any]:
    """Django has one database a process."""
    words = ["--kills", asked.kills, "--invoices", asked.invoices, "--seed", asked.seed, "--on", kind]
    command = [sys.executable, "-m", "benchmarks.crash", *map(str, words), *(["--faults"] if asked.faults else [])]
    done = subprocess.run(command, cwd=BASE_DIR, stdout=subprocess.PIPE, text=True, check=False)
    print(done.stdout, end="", flush=True)
    facts: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return facts


def measure(asked: argparse.Namespace) -> None:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="autoinvoice-crash-")))
        url = stack.enter_context(common.database(asked.on, folder))
        extra = {} if asked.on == common.SQLITE else {"CELERY_BROKER_URL": stack.enter_context(redis_server())}
        provider = stack.enter_context(running())
        common.set_up(url, folder, LEASE_SECONDS=str(LEASE_SECONDS), SWEEP_SECONDS=str(SWEEP_SECONDS), **extra)
        os.environ[URL] = provider.url
        common.queue_invoices(common.make_company(), asked.invoices)
        provider.fail(seed=asked.seed, **(FAULTS if asked.faults else {}))
        pauses, to_the_end = kill_and_kill(asked, provider)
        lost, twice = account(provider)
    common.finish(
        on=asked.on,
        kills=len(pauses),
        invoices=asked.invoices,
        lost=lost,
        twice=twice,
        recover_s={
            "median": round(statistics.median(pauses), 2),
            "longest": round(max(pauses), 2),
            "all_ended_after_last_kill": round(to_the_end, 2),
        },
    )
    sys.exit(bool(lost or twice))


def kill_and_kill(asked: argparse.Namespace, provider: Remote) -> tuple[list[float], float]:
    """By kill, the seconds to the next acceptance; and from the last kill until every invoice has ended."""
    from distribution.models import Delivery

    dice, pauses, progress = random.Random(asked.seed), list[float](), Progress(provider)
    with kept_worker(dict(os.environ)) as started:
        for number in range(1, asked.kills + 1):
            # What is left when the provider has refused some does not depend on how many it has accepted.
            progress.wait_for(lambda seen, due=number * asked.invoices // (asked.kills + 1): seen >= due, started)
            killed_at, before = time.monotonic(), progress.seen
            kill_one(started, dice)
            progress.wait_for(lambda seen, before=before: seen > before, started)
            pauses.append(time.monotonic() - killed_at)
            if number % 25 == 0:
                common.say(
                    f"{asked.on}: {number} kills, {progress.seen} accepted, median {statistics.median(pauses):.2f} s"
                )
        last = time.monotonic()
        while Delivery.objects.not_ended().exists():
            started.keep()
            time.sleep(0.2)
            if time.monotonic() - last > PATIENCE:
                break
        return pauses, time.monotonic() - last


class Progress:
    def __init__(self, provider: Remote) -> None:
        self._provider, self.seen = provider, 0

    def wait_for(self, holds: Any, started: KeptWorker) -> None:
        moved = time.monotonic()
        while not holds(self.seen):
            started.keep()
            time.sleep(0.02)
            seen, _again = self._provider.totals()
            if seen != self.seen:
                self.seen, moved = seen, time.monotonic()
            if time.monotonic() - moved > PATIENCE:
                raise SystemExit(f"nothing has moved for {PATIENCE} s at {seen} accepted")


def kill_one(started: KeptWorker, dice: random.Random) -> None:
    time.sleep(dice.random() * 0.05)  # so that it does not always fall just after an acceptance
    pid = dice.choice([str(started.process.pid), *started.children()])
    with suppress(ProcessLookupError):  # it had ended by itself
        os.kill(int(pid), signal.SIGKILL)


def account(provider: Remote) -> tuple[int, int]:
    """Lost: not ended, or the two sides don't agree on what arrived. Twice: more than once for one invoice, or offered again
    after it had been taken in, which a provider less strict than this one would have sent on."""
    from distribution.models import Delivery
    from distribution.states import SENT, Status

    accepted, (_total, again) = provider.accepted(), provider.totals()
    rows = {
        str(key): (invoice, status) for key, invoice, status in Delivery.objects.values_list("key", "invoice", "status")
    }
    here = {key for key, (_invoice, status) in rows.items() if status in SENT}
    open_doubts = {key for key, (_invoice, status) in rows.items() if status == Status.UNCERTAIN}
    lost = Delivery.objects.not_ended().count() + len(here ^ (accepted.keys() - open_doubts))
    invoices = [rows[key][0] for key in accepted]
    twice = len(invoices) - len(set(invoices)) + again
    held = sum(status == Status.HELD for _invoice, status in rows.values())
    common.say(f"accepted here {len(here)}, there {len(accepted)}; held {held}; offered again {again}")
    return lost, twice


if __name__ == "__main__":
    main()
