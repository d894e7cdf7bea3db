"""PostgreSQL itself goes away under working workers, and comes back: nothing lost, nothing twice."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from autoinvoice_site.environment import BASE_DIR
from tests.fake_provider import Remote, running
from tests.fake_transport import URL
from tests.postgres import Server, server
from tests.processes import environment, kept_worker, manage, until
from tests.redis_server import redis_server

NUMBER = 60


@pytest.fixture
def database() -> Iterator[Server]:
    with server() as own:
        yield own


@pytest.fixture
def provider() -> Iterator[Remote]:
    with running() as remote:
        yield remote


def queueing(env: dict[str, str], *words: str) -> str:
    command = [sys.executable, "-m", "tests.queueing", *words]
    return subprocess.run(command, env=env, cwd=BASE_DIR, check=True, capture_output=True, text=True).stdout


def told(env: dict[str, str]) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(queueing(env))
    return said


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT], ids=["stopped", "crashed"])
def test_a_database_that_restarts_in_between_costs_time_and_nothing_else(
    data_dir: Path, database: Server, provider: Remote, how: signal.Signals
) -> None:
    provider.fail(slow=0.3, seed=3)
    with redis_server() as broker:
        quick = {"LEASE_SECONDS": "4", "SWEEP_SECONDS": "1", URL: provider.url, "CELERY_BROKER_URL": broker}
        env = environment(data_dir, database.url, DJANGO_SETTINGS_MODULE="tests.fake_settings", **quick)
        assert manage("migrate", env=env).returncode == 0
        queueing(env, str(NUMBER))
        with kept_worker(env) as worker:
            for taken in (5, 25):
                until(lambda enough=taken: provider.totals()[0] > enough, f"{taken} of them")  # type: ignore[misc]
                database.stop(how)
                time.sleep(1)
                worker.keep()
                database.start()

            def all_there() -> bool:
                worker.keep()
                return provider.totals()[0] == NUMBER and told(env)["statuses"] == {"accepted": NUMBER}

            until(all_there, "all of them")

    assert provider.totals() == (NUMBER, 0)
    assert set(told(env)["accepted"]) == provider.accepted().keys()
