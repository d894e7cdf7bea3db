"""What the programs share: a database of their own, invoices in bulk, the machine, and one JSON object as the last line."""

import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autoinvoice_site.environment import BASE_DIR
from tests.postgres import postgres

if TYPE_CHECKING:
    from customers.models import Company
    from distribution.models import Run

SQLITE, POSTGRES = "sqlite", "postgres"
KINDS = (SQLITE, POSTGRES)
PART = 2000
# As a deployment has it: every commit is on the disk before it is said to be.
DURABLE = ("fsync=on", "synchronous_commit=on")


@contextmanager
def database(kind: str, folder: Path) -> Iterator[str]:
    """The URL of an empty database that goes when the block ends."""
    if kind == SQLITE:
        yield f"sqlite:///{folder / 'database.sqlite3'}"
        return
    with postgres(*DURABLE) as url:
        yield url


def set_up(url: str, folder: Path, **environment: str) -> None:
    """Django in this process, on that database, with its tables; the fake provider stands for everybody outside."""
    import django
    from django.core.management import call_command

    os.environ.update(
        {
            "DATABASE_URL": url,
            "DATA_DIR": str(folder),
            "DJANGO_SETTINGS_MODULE": "tests.fake_settings",
            "LOG_LEVEL": "ERROR",
            **environment,
        }
    )
    django.setup()
    call_command("migrate", verbosity=0)


def make_company(name: str = "Fjellro Kaffebrenneri AS") -> "Company":
    """Activated, with one customer who is registered for e-invoices."""
    from tests import factories

    company = factories.make_company(name=name)
    customer = factories.make_customer(company, email="kunde@firma.test", **factories.ADDRESS)
    factories.register_customer(customer)
    return company


def queue_invoices(company: "Company", number: int, first: int = 1) -> "Run":
    """`number` e-invoices to the company's customer, due now, as `intake` leaves them, but written in bulk."""
    from django.conf import settings
    from django.utils import timezone

    from distribution import frozen
    from distribution.models import Delivery, Event, Invoice, Run
    from distribution.states import EventKind, Status
    from tests import factories

    customer = company.customers.select_related("company").get()
    content = factories.ubl(customer, number="NUMMER")
    run, now = Run.objects.create(source="benchmark"), timezone.now()
    folder = Path(settings.DATA_DIR) / "frozen"
    for start in range(first, first + number, PART):
        invoices = []
        for one in range(start, min(start + PART, first + number)):
            own = content.replace(b"NUMMER", b"%d" % one)
            sha256 = frozen.sha256_of(own)
            path = folder / sha256[:2] / sha256[2:4] / sha256
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(own)
            invoices.append(
                Invoice(
                    company=company, customer=customer, run=run, document_type="invoice", number=str(one),
                    buyer_name=customer.name, issue_date=now.date(), due_date=now.date(), currency="NOK", payable=1250,
                    sha256=sha256, size=len(own),
                )
            )  # fmt: skip
        Invoice.objects.bulk_create(invoices)
        deliveries = Delivery.objects.bulk_create(
            Delivery(invoice=invoice, company=company, due_at=now, created_at=now) for invoice in invoices
        )
        for invoice, delivery in zip(invoices, deliveries, strict=True):
            invoice.last_delivery = delivery
        Invoice.objects.bulk_update(invoices, ["last_delivery"], batch_size=400)
        Event.objects.bulk_create(
            Event(invoice=invoice, delivery=invoice.last_delivery, kind=EventKind.QUEUED, status=Status.QUEUED)
            for invoice in invoices
        )
    return run


def in_a_process(module: str, *words: str) -> dict[str, Any]:
    """What `python -m module words…` says in its last line: Django has one database a process. Ends with it when it fails."""
    done = subprocess.run([sys.executable, "-m", module, *words], cwd=BASE_DIR, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        raise SystemExit(f"{module} ended with status {done.returncode}")
    facts: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    say(json.dumps(facts))
    return facts


def machine() -> str:
    model = next(
        (line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")), "?"
    )
    return f"{os.cpu_count()} cores, {model}, {platform.system()}, Python {platform.python_version()}"


def say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


def finish(**facts: Any) -> None:
    """The last line."""
    print(json.dumps({**facts, "machine": machine()}), flush=True)


def _lines(path: str) -> list[str]:
    return Path(path).read_text().splitlines() if Path(path).exists() else []
