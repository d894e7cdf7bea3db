"""Three doors, one end: as real processes and requests on a database whose commits are real (T67, P6)."""

import json
import smtplib
import threading
import urllib.request
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from django.conf import settings as of_the_site
from django.db import close_old_connections, connection

from distribution.models import BouncedAddress, Delivery, Event
from distribution.states import Status, Verdict
from distribution.timeline import timeline
from tests import fake_imap
from tests.distribution.bounces.listening import listening
from tests.distribution.bounces.mails import KUNDE, report
from tests.distribution.bounces.world import come, counted, last, mailed, path_of, reachable
from tests.factories import kinds, out
from tests.processes import environment, manage
from tests.site import site

pytestmark = pytest.mark.database
SECRET = "post:hemmelig"
Doors = dict[str, Callable[[Delivery], None]]


@pytest.fixture
def doors(committed: str, data_dir: Path) -> Iterator[Doors]:
    """By name, what brings the same bounce of a delivery through it."""
    hook = {"ANYMAIL_WEBHOOK_SECRET": SECRET, "ANYMAIL_WEBHOOK_PROVIDERS": "postmark"}
    env = environment(data_dir, committed, SECRET_KEY=of_the_site.SECRET_KEY, **hook)
    with ExitStack() as open_doors:
        listener = open_doors.enter_context(listening(env))
        box = open_doors.enter_context(fake_imap.running())
        address = open_doors.enter_context(site(env))

        def by_listener(row: Delivery) -> None:
            with smtplib.SMTP("127.0.0.1", listener.port) as server:
                assert server.sendmail("", path_of(row), report().replace(b"\n", b"\r\n")) == {}

        def by_mailbox(row: Delivery) -> None:
            box.put(report(headers="Received: from mx by box\n"), path_of(row))
            done = manage("bounces", "--imap", env={**env, "BOUNCE_IMAP_URL": box.url()})
            assert done.returncode == 0, done.stderr

        def by_webhook(row: Delivery) -> None:
            body = {
                "RecordType": "Bounce", "Type": "HardBounce", "ID": 1, "Email": KUNDE, "Details": "smtp;550 5.1.1 no",
                "Metadata": {"delivery": str(row.key)},
            }  # fmt: skip
            headers = {
                "Authorization": f"Basic {b64encode(SECRET.encode()).decode()}",
                "Content-Type": "application/json",
            }
            asked = urllib.request.Request(  # noqa: S310  # an address of ours
                f"{address}/hooks/anymail/postmark/", json.dumps(body).encode(), headers
            )
            with urllib.request.urlopen(asked, timeout=60) as answer:  # noqa: S310
                assert answer.status == 200

        yield {"listener": by_listener, "mailbox": by_mailbox, "webhook": by_webhook}


def test_T67_a_bounce_fed_through_each_of_the_three_doors_moves_the_invoice_to_print_exactly_once(doors: Doors) -> None:
    for first in doors:
        row = mailed(reachable())
        for _ in range(2):
            doors[first](row)
        for other in doors:
            doors[other](row)

        assert (last(row).channel, last(row).status) == ("print", Status.ACCEPTED)
        assert Delivery.objects.filter(invoice=row.invoice).count() == 2
        assert kinds(row.invoice).count("came_back") == 1
        told = [moment.text for leg in timeline(row.invoice) for moment in leg.moments]
        assert f"E-posten til {KUNDE} kom i retur." in told
    assert len(out("print")) == 3
    assert counted() == {Verdict.APPLIED: 3, Verdict.NOTHING: 12}


def at_once(*works: Callable[[], object]) -> None:
    ready = threading.Barrier(len(works))
    trouble: list[Exception] = []

    def run(work: Callable[[], object]) -> None:
        try:
            ready.wait()
            work()
        except Exception as error:
            trouble.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    close_old_connections()
    assert trouble == []


def test_the_same_bounce_by_two_threads_at_once_is_one(committed: str) -> None:
    for _ in range(5):
        row = mailed(reachable())
        at_once(*[lambda row=row: come(report(), path_of(row))] * 4)
        assert Event.objects.filter(invoice=row.invoice, kind="came_back").count() == 1
        assert Delivery.objects.filter(invoice=row.invoice).count() == 2
    assert counted() == {Verdict.APPLIED: 5, Verdict.NOTHING: 15}


def test_T70_the_last_two_addresses_that_bounce_at_once_open_one_next_channel(committed: str) -> None:
    a, b = "a@firma.test", "b@firma.test"
    for _ in range(5):
        row = mailed(reachable(f"{a}, {b}"))
        at_once(
            lambda row=row: come(report(to=a), path_of(row, a)),  # type: ignore[misc]
            lambda row=row: come(report(to=b), path_of(row, b)),  # type: ignore[misc]
        )
        row.refresh_from_db()
        assert (row.status, Delivery.objects.filter(invoice=row.invoice).count()) == (Status.FAILED, 2)


def test_two_invoices_of_one_customer_that_bounce_at_once_leave_one_mark(committed: str) -> None:
    for _ in range(5):
        customer = reachable()
        rows = [mailed(customer), mailed(customer)]
        at_once(*[lambda row=row: come(report(), path_of(row)) for row in rows])
        assert BouncedAddress.objects.filter(customer=customer).count() == 1
        assert [Delivery.objects.get(pk=row.pk).status for row in rows] == [Status.FAILED, Status.FAILED]
