"""Real workers, killed and stopped for real (R32, R33, P1, P2): nothing lost, nothing twice, whatever dies and when."""

import os
import random
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from django.db import connection

from distribution.models import Delivery
from distribution.states import SENT, Status
from tests.dying_settings import POINTS
from tests.fake_provider import Remote, running
from tests.fake_transport import URL
from tests.processes import KeptWorker, environment, kept_worker, manage, until
from tests.queueing import queue_some
from tests.redis_server import redis_server

pytestmark = pytest.mark.database
NUMBER = 12


@pytest.fixture
def provider() -> Iterator[Remote]:
    with running() as remote:
        yield remote


@contextmanager
def broker() -> Iterator[dict[str, str]]:
    """Embedded beside SQLite, Redis beside PostgreSQL: the two set-ups there are."""
    if connection.vendor == "sqlite":
        yield {}
        return
    with redis_server() as url:
        yield {"CELERY_BROKER_URL": url}


def surroundings(data_dir: Path, url: str, provider: Remote, **more: str) -> dict[str, str]:
    quick = {"LEASE_SECONDS": "4", "SWEEP_SECONDS": "1", URL: provider.url}
    return environment(data_dir, url, **{"DJANGO_SETTINGS_MODULE": "tests.fake_settings", **quick, **more})


def all_ended() -> bool:
    return not Delivery.objects.not_ended().exists()


def until_all_ended(worker: KeptWorker) -> None:
    def ended() -> bool:
        worker.keep()
        return all_ended()

    until(ended, "the end of every invoice")


def nothing_lost_and_nothing_twice(provider: Remote) -> None:
    """What the rows say was accepted is what the provider accepted, each once, and it was offered nothing once more."""
    rows = list(Delivery.objects.all())
    accepted = {str(row.key) for row in rows if row.status in SENT}
    assert all_ended()
    assert accepted == provider.accepted().keys()
    assert len({row.invoice_id for row in rows}) == len(accepted) == len(rows)
    assert provider.totals() == (len(accepted), 0)


@pytest.mark.parametrize("point", POINTS)
def test_T42_a_worker_killed_at_each_of_the_six_points(
    committed: str, data_dir: Path, tmp_path: Path, provider: Remote, point: str
) -> None:
    queue_some(NUMBER)
    note = tmp_path / "note"
    with broker() as extra:
        env = surroundings(
            data_dir, committed, provider, DJANGO_SETTINGS_MODULE="tests.dying_settings",
            DIE_AT=point, DIE_BY="KILL", DIE_NOTE=str(note), **extra,
        )  # fmt: skip
        with kept_worker(env) as worker:
            until_all_ended(worker)

    assert note.exists(), "nobody died"
    nothing_lost_and_nothing_twice(provider)


@pytest.mark.parametrize("point", ["before the call", "in the call", "after the call"])
def test_R32_a_worker_that_stood_still_past_its_lease_sends_and_writes_nothing_any_more(
    committed: str, data_dir: Path, tmp_path: Path, provider: Remote, point: str
) -> None:
    queue_some(NUMBER)
    note = tmp_path / "note"
    with broker() as extra:
        env = surroundings(
            data_dir, committed, provider, DJANGO_SETTINGS_MODULE="tests.dying_settings",
            DIE_AT=point, DIE_BY="STOP", DIE_NOTE=str(note), **extra,
        )  # fmt: skip
        with kept_worker(env) as worker:

            def stands_still() -> bool:
                worker.keep()  # over the embedded broker one may read a bell that is still being written, and end
                return note.exists() and bool(note.read_text())

            until(stands_still, "a worker that stands still")
            with kept_worker(env) as other:
                until_all_ended(other)
                os.kill(int(note.read_text()), signal.SIGCONT)
                time.sleep(3)  # for what it may still want to do

    nothing_lost_and_nothing_twice(provider)


def test_P1_kills_at_random_under_load(committed: str, data_dir: Path, provider: Remote) -> None:
    queue_some(60)
    provider.fail(slow=0.3, seed=3)
    dice = random.Random(7)
    with broker() as extra, kept_worker(surroundings(data_dir, committed, provider, **extra)) as worker:
        for _ in range(6):
            time.sleep(dice.uniform(0.5, 3))
            worker.keep()
            with suppress(ProcessLookupError):
                os.kill(int(dice.choice([str(worker.process.pid), *worker.children()])), signal.SIGKILL)
        until_all_ended(worker)

    nothing_lost_and_nothing_twice(provider)


def test_T48_with_a_broker_that_was_never_started_the_sweep_alone_ends_all(
    committed: str, data_dir: Path, provider: Remote
) -> None:
    queue_some(NUMBER)
    env = surroundings(data_dir, committed, provider, CELERY_BROKER_URL="redis://127.0.0.1:1/0")

    assert manage("sweep", env=env).returncode == 0

    nothing_lost_and_nothing_twice(provider)


def test_T48_a_broker_flushed_and_then_gone_in_the_middle_loses_nothing(
    committed: str, data_dir: Path, provider: Remote
) -> None:
    import redis

    queue_some(40)
    provider.fail(slow=0.3, seed=3)
    with redis_server() as url:
        env = surroundings(data_dir, committed, provider, CELERY_BROKER_URL=url)
        with kept_worker(env) as worker:
            until(lambda: provider.totals()[0] > 5, "the first ones")
            for _ in range(10):
                redis.Redis.from_url(url).flushall()
                time.sleep(0.1)
            until_all_ended(worker)
            queue_some(5)
    # Redis is gone: the worker's bells reach nobody, the command's sweep needs none. What the killed worker had claimed is
    # due again when its lease ran out.
    until(lambda: manage("sweep", env=env).returncode == 0 and all_ended(), "the end of every invoice")
    nothing_lost_and_nothing_twice(provider)


def test_no_status_is_left_that_nobody_owns(committed: str, data_dir: Path, provider: Remote) -> None:
    """Faults of the provider and a killed worker at once: in = ended, and each open doubt has an owner."""
    queue_some(40)
    provider.fail("temporary", "", "accept_then_cut", "reset_before", "", "reset_after", "wrong_answer")
    with broker() as extra, kept_worker(surroundings(data_dir, committed, provider, **extra)) as worker:
        until(lambda: provider.totals()[0] > 5, "the first ones")
        os.kill(worker.process.pid, signal.SIGKILL)
        until_all_ended(worker)

    nothing_lost_and_nothing_twice(provider)
    assert set(Delivery.objects.values_list("status", flat=True)) == {Status.ACCEPTED}
