"""The worker alone does it: started before or after, over the embedded broker and over Redis, rung or not rung."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from customers.models import Company
from distribution.models import Delivery, Invoice, Worker
from distribution.report import report
from distribution.states import Status
from tests.factories import ADDRESS, make_company, make_customer, out, ubl
from tests.processes import environment, manage, until, worker
from tests.redis_server import redis_server

pytestmark = pytest.mark.database
NUMBER = 6


@contextmanager
def broker(name: str) -> Iterator[dict[str, str]]:
    if name == "embedded":
        yield {}
        return
    with redis_server() as url:
        yield {"CELERY_BROKER_URL": url}


def write_folder(folder: Path) -> Company:
    """Invoices to customers of three channels."""
    company = make_company()
    folder.mkdir()
    for number in range(NUMBER):
        facts = [{"email": f"kunde{number}@firma.test"}, ADDRESS, {"method": "self"}][number % 3]
        (folder / f"{number}.xml").write_bytes(ubl(make_customer(company, **facts)))
    return company


def all_sent() -> bool:
    figures = report(Invoice.objects.all())
    return figures["in"] == NUMBER == figures["email"] + figures["print"] + figures["to_user"]


@pytest.mark.parametrize("started", ["before", "after"])
@pytest.mark.parametrize("name", ["embedded", "redis"])
def test_a_running_worker_delivers_what_was_sent_without_waiting(
    committed: str, data_dir: Path, tmp_path: Path, name: str, started: str
) -> None:
    company = write_folder(tmp_path / "in")
    with broker(name) as extra:
        env = environment(data_dir, committed, **extra)
        command = ("send", str(tmp_path / "in"), "--company", company.org_number)
        if started == "after":
            assert manage(*command, env=env).returncode == 0
            assert Delivery.objects.filter(status=Status.QUEUED).count() == NUMBER
        with worker(env):
            if started == "before":
                until(Worker.objects.exists, "a sign of life")
                assert manage(*command, env=env).returncode == 0
            until(all_sent, "all sent")
    assert len(out()) == NUMBER


def test_T48_a_broker_that_is_down_refuses_nothing_and_the_sweep_sends_all(
    committed: str, data_dir: Path, tmp_path: Path
) -> None:
    company = write_folder(tmp_path / "in")
    env = environment(data_dir, committed, CELERY_BROKER_URL="redis://127.0.0.1:1/0")

    taken = manage("send", str(tmp_path / "in"), "--company", company.org_number, env=env)
    swept = manage("sweep", "--json", env=env)

    assert (taken.returncode, swept.returncode) == (0, 0), taken.stderr + swept.stderr
    assert all_sent()
