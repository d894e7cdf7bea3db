"""The line to the print house cut after any number of bytes, with the engine and real deliveries: every letter is there exactly
once, and the report balances (R32, R33, P1, P2, P8). 20 cuts; `--long` 200."""

import json
import random
import threading
from collections import Counter
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.db import connection
from django.utils import timezone

from customers.models import Customer
from distribution import delivery, frozen
from distribution.delivery import OpenRun
from distribution.models import Delivery, Invoice
from distribution.report import balances, report
from distribution.states import Status
from tests.factories import ADDRESS, make_company, make_customer, set_choices, take_in
from tests.pdfs import small_pdf
from tests.sftp_server import House, Server

pytestmark = pytest.mark.database
TRAFFIC = 60_000  # bytes: a connection is made and hands over some letters
ONE_IN = 7  # times before or after the manifest's rename, where only the print house knows


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with Server(tmp_path / "house") as server:
        yield server


def test_P1_every_letter_is_there_once_however_the_line_is_cut(
    committed: str, server: Server, settings: LazySettings, request: pytest.FixtureRequest
) -> None:
    cuts = 200 if request.config.getoption("--long") else 20
    for name, value in server.settings().items():
        setattr(settings, name, value)
    house, dice, customer = server.house, random.Random(7), by_letter()
    house.bytes_left = lambda: dice.randrange(1, TRAFFIC) if house.cut < cuts else None
    renames = count(ONE_IN // 2)
    house.cuts = lambda step: step.endswith(" rename") and house.cut < cuts and next(renames) % ONE_IN == 0
    doubts, letters = 0, 0
    while house.cut < cuts or Delivery.objects.not_ended().exists():
        if not Delivery.objects.not_ended().exists():
            letters = queue_up(customer, letters, 5)
        delivery.run()
        doubts += Delivery.objects.filter(status=Status.UNCERTAIN).count()
        at_once()
        delivery.sweep()
        at_once()

    print(f"{letters} letters, {house.cut} cuts, {doubts} in doubt, {house.connections} connections")
    assert house.cut >= cuts
    assert doubts
    each_is_there_once(house, letters)


def test_R33_two_workers_hand_over_each_letter_once(committed: str, server: Server, settings: LazySettings) -> None:
    for name, value in server.settings().items():
        setattr(settings, name, value)
    letters = queue_up(by_letter(), 0, 12)
    server.house.slow = 0.002

    def work() -> None:
        while delivery.run(limit=2):
            pass
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert server.house.connections == 2, "a line for each"
    each_is_there_once(server.house, letters)


def by_letter() -> Customer:
    company = make_company()
    set_choices(company, own_pdf_for_print=True)
    return make_customer(company, org_number="", **ADDRESS)


def queue_up(customer: Customer, before: int, more: int) -> int:
    """Each with a PDF of its own size."""
    run = OpenRun(None, "test")
    for number in range(before, before + more):
        take_in(customer, run=run, own_pdf=small_pdf(number * 100))
    return before + more


def at_once() -> None:
    """Growing pauses need not be waited for."""
    waiting = Delivery.objects.filter(status__in=(Status.QUEUED, Status.UNCERTAIN), lease_until=None)
    waiting.exclude(due_at=None).update(due_at=timezone.now())


def each_is_there_once(house: House, letters: int) -> None:
    rows = {str(row.key): row for row in Delivery.objects.all()}
    assert len(rows) == letters
    assert Counter(row.status for row in rows.values()) == {Status.ACCEPTED: letters}
    assert sorted(house.handed) == sorted(rows), "each once, and nothing else"
    for key, row in rows.items():
        assert frozen.sha256_of((house.folder / f"{key}.pdf").read_bytes()) == row.content_sha256
        assert json.loads((house.folder / f"{key}.json").read_bytes())["sha256"] == row.content_sha256
    assert len(house.names()) == 2 * letters, "nothing half done is left"
    told = report(Invoice.objects.all())
    assert balances(told)
    assert told["print"] == letters
