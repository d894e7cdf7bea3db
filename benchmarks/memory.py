"""What a worker weighs, and whether it grows: a real `celery worker` over Redis that delivers invoices from PostgreSQL.

    python -m benchmarks.memory [--invoices 20000]

E-invoices whose document is ready, to the fake provider. `worker_mb` is the largest process of the worker at the end (resident),
`bytes_per_invoice` what the child that delivers has grown by after its first tenth of them. `with_validation_mb` is null as long
as no validation is loaded.
"""

import argparse
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from benchmarks import common
from tests.fake_provider import running
from tests.fake_transport import URL
from tests.processes import environment, worker
from tests.redis_server import redis_server

MOST_MB, MOST_BYTES = 150, 1024
PATIENCE = 120  # seconds without progress


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--invoices", type=int, default=20_000)
    asked = parser.parse_args()
    largest, per_invoice = measure(asked.invoices)
    common.finish(worker_mb=largest, with_validation_mb=None, bytes_per_invoice=per_invoice)
    sys.exit(largest > MOST_MB or per_invoice >= MOST_BYTES)


def measure(invoices: int) -> tuple[int, int]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="autoinvoice-memory-")))
        url = stack.enter_context(common.database(common.POSTGRES, folder))
        broker, provider = stack.enter_context(redis_server()), stack.enter_context(running())
        common.set_up(url, folder)
        company = common.make_company()
        common.queue_invoices(company, invoices)
        named = {"DJANGO_SETTINGS_MODULE": "tests.fake_settings", "CELERY_BROKER_URL": broker, URL: provider.url}
        process = stack.enter_context(worker(environment(folder, url, **named)))
        await_accepted(invoices // 10)
        begun, left = delivering(process.pid), not_accepted()
        await_accepted(invoices)
        ended = delivering(process.pid)
        return round(max(resident(pid) for pid in family(process.pid)) / 2**20), round((ended - begun) / left)


def await_accepted(number: int) -> None:
    from distribution.models import Delivery
    from distribution.states import Status

    seen, moved = -1, time.monotonic()
    while seen < number:
        now = Delivery.objects.filter(status=Status.ACCEPTED).count()
        if now > seen:
            seen, moved = now, time.monotonic()
        if time.monotonic() > moved + PATIENCE:
            raise SystemExit(f"only {seen} of {number} were accepted")
        time.sleep(0.2)


def not_accepted() -> int:
    from distribution.models import Delivery
    from distribution.states import Status

    return Delivery.objects.exclude(status=Status.ACCEPTED).count()


def delivering(worker_pid: int) -> int:
    """The memory of the child that delivers: of the worker's children the one that has worked most."""
    return resident(max(family(worker_pid)[1:], key=processor_time))


def family(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(int(child) for child in children)]


def resident(pid: int) -> int:
    """In bytes."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) * 1024


def processor_time(pid: int) -> int:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


if __name__ == "__main__":
    main()
