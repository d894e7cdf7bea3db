"""Real workers against a mail server that drops the line at random at every step, killed meanwhile: whatever is called accepted
was accepted once, what nobody knows is uncertain, and when a person has told what became of those, everybody has his invoice
once (T42, T65, P1, P2, R32).

30 invoices; `--long` 2,000.
"""

import os
import random
import signal
import time
from collections import Counter
from contextlib import suppress
from email import message_from_bytes
from pathlib import Path

import pytest
from django.utils import timezone

from distribution.delivery import OpenRun, settle
from distribution.models import Delivery, Invoice
from distribution.report import balances, report
from distribution.states import Status
from tests.distribution.test_kills import broker
from tests.factories import ADDRESS, make_company, make_customer, make_user, out, take_in
from tests.pdfs import small_pdf
from tests.processes import KeptWorker, environment, kept_worker
from tests.smtp_sink import Server, Sink

pytestmark = pytest.mark.database
CUT = 0.03  # at each step
REFUSALS = ("421 4.3.2 going down", "451 4.3.0 later", "450 4.2.0 greylisted")


def test_T42_kills_and_dropped_lines(committed: str, data_dir: Path, request: pytest.FixtureRequest) -> None:
    number = 2000 if request.config.getoption("--long") else 30
    queue_up(number)
    dice = random.Random(7)
    with Server(Sink(cuts=lambda _step: dice.random() < CUT)) as server:
        sink = server.sink
        with broker() as extra:
            env = environment(data_dir, committed, LEASE_SECONDS="4", EMAIL_URL=server.url, **extra)
            with kept_worker(env) as worker:
                play(sink, worker, patience=90 + number)
                uncertain = check(sink, number)
                print(f"{number}: {len(uncertain)} uncertain, {report(Invoice.objects.all())}")
                sink.cuts = lambda _step: False
                people_settle(uncertain, sink)
                play(sink, worker, patience=90 + number, kills=0)

    assert check(sink, number) == []
    assert Counter(keys(sink)).most_common(1)[0][1] == 1
    assert len(sink.accepted) == number
    assert report(Invoice.objects.all())["email"] == number


def queue_up(number: int) -> None:
    run = OpenRun(None, "test")
    customer = make_customer(make_company(), email="kunde@firma.test", **ADDRESS)
    for _ in range(number):
        take_in(customer, run=run, own_pdf=small_pdf())


def play(sink: Sink, worker: KeptWorker, patience: float, kills: int = 3) -> None:
    """Kills the worker or its child, makes the server refuse for a while, and does not wait for growing pauses."""
    dice, until = random.Random(11), time.monotonic() + patience
    while Delivery.objects.not_ended().exists():
        assert time.monotonic() < until, f"never ended: {Counter(Delivery.objects.values_list('status', flat=True))}"
        time.sleep(dice.uniform(0.3, 1.0))
        worker.keep()
        sink.rcpt = dice.choice(REFUSALS) if kills and dice.random() < 0.2 else ""
        if kills and dice.random() < 0.4:
            kills -= 1
            with suppress(ProcessLookupError):
                os.kill(int(dice.choice([str(worker.process.pid), *worker.children()])), signal.SIGKILL)
        Delivery.objects.filter(status=Status.QUEUED, lease_until=None).update(due_at=timezone.now())


def check(sink: Sink, number: int) -> list[Delivery]:
    """Every row against what lies at the server; the uncertain ones."""
    lies_there = Counter(keys(sink))
    rows = list(Delivery.objects.order_by("pk"))
    assert len(rows) == number
    assert {row.channel for row in rows} == {"email"}
    assert out("print") == []
    assert {row.status for row in rows} <= {Status.ACCEPTED, Status.UNCERTAIN}
    assert {lies_there[str(row.key)] for row in rows if row.status == Status.ACCEPTED} <= {1}
    assert {lies_there[str(row.key)] for row in rows if row.status == Status.UNCERTAIN} <= {0, 1}
    assert balances(report(Invoice.objects.all()))
    return [row for row in rows if row.status == Status.UNCERTAIN]


def people_settle(uncertain: list[Delivery], sink: Sink) -> None:
    lies_there, user = set(keys(sink)), make_user()
    for row in uncertain:
        settle(row.invoice, user, arrived=str(row.key) in lies_there)


def keys(sink: Sink) -> list[str]:
    """Of the mails that were accepted, by their Message-ID."""
    return [str(message_from_bytes(one)["Message-ID"]).strip("<>").partition("@")[0] for one in sink.accepted]
