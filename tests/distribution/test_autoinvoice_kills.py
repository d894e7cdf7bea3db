"""Real workers against the fake AutoInvoice, killed while it fails at random and its webhooks come in any order and number:
each invoice is accepted exactly once, and what we say has become of it is what the provider says (T42, T43, P1, P2, P6).

25 invoices; `--long` 2,000.
"""

import json
import os
import random
import signal
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from django.conf import settings as ours
from django.test import Client
from django.utils import timezone

from customers.models import Company
from distribution import accounts
from distribution.delivery import OpenRun
from distribution.models import Delivery, Invoice, ProviderAccount, ProviderNews
from distribution.report import balances, report
from distribution.states import Status
from tests.autoinvoice import company_with_keys, reachable
from tests.distribution.test_kills import broker
from tests.factories import out, take_in
from tests.fake_autoinvoice import VENDOR, Remote, running
from tests.processes import KeptWorker, environment, kept_worker

pytestmark = pytest.mark.database
FAULTS = {
    "accept_then_hang": 0.10, "accept_then_cut": 0.05, "reset_before": 0.04, "reset_after": 0.04, "server_error": 0.04,
    "wrong_json": 0.03, "slow": 0.10,
}  # fmt: skip
FEW = 5
FATES = {"delivered": 0.7, "lost_recipient": 0.15, "bad_document": 0.1, "unknown_failure": 0.05}
# What each fate there is here: all the deliveries of the invoice, in order.
ENDS = {
    "delivered": [("einvoice", Status.DELIVERED)],
    "lost_recipient": [("einvoice", Status.FAILED), ("email", Status.ACCEPTED)],
    "bad_document": [("einvoice", Status.HELD)],
    "unknown_failure": [("einvoice", Status.HELD)],
}


@pytest.fixture
def provider() -> Iterator[Remote]:
    with running() as remote:
        yield remote


def test_P1_P6_kills_faults_and_shuffled_webhooks(
    committed: str, data_dir: Path, provider: Remote, request: pytest.FixtureRequest
) -> None:
    number = 2000 if request.config.getoption("--long") else 25
    company = queue_up(number)
    provider.fail(seed=5, fates=FATES, **FAULTS)
    with broker() as extra, kept_worker(surroundings(data_dir, committed, provider, **extra)) as worker:
        play(company, provider, worker, patience=60 + number * 2)

    truth, rows = provider.truth()["invoices"], list(Delivery.objects.order_by("pk"))
    print(f"{number} invoices: {Counter(one['status'] for one in truth.values())}, {report(Invoice.objects.all())}")
    assert Invoice.objects.count() == number == len(truth)
    assert {one["times"] for one in truth.values()} == {1}
    stories = told(rows)
    by_key = {str(row.key): stories[row.invoice_id] for row in rows if str(row.key) in truth}
    assert by_key == {key: ENDS[one["fate"]] for key, one in truth.items()}
    fates = Counter(one["fate"] for one in truth.values())
    assert len(fates) == len(FATES) or number < 100, fates
    assert len(out("email")) == fates["lost_recipient"]
    assert balances(report(Invoice.objects.all()))
    assert not ProviderNews.objects.filter(settled_at__isnull=True).exists()


def told(rows: list[Delivery]) -> dict[int, list[tuple[str, str]]]:
    """By invoice, each delivery's channel and status in order."""
    stories: defaultdict[int, list[tuple[str, str]]] = defaultdict(list)
    for row in rows:
        stories[row.invoice_id].append((row.channel, row.status))
    return stories


def queue_up(number: int) -> Company:
    customer, run = reachable(company_with_keys()), OpenRun(None, "test")
    for _ in range(number):
        take_in(customer, run=run)
    return customer.company


def surroundings(data_dir: Path, url: str, provider: Remote, **more: str) -> dict[str, str]:
    return environment(
        data_dir, url, LEASE_SECONDS="4", EINVOICE_TRANSPORT="autoinvoice", AUTOINVOICE_URL=provider.url,
        AUTOINVOICE_VENDOR_KEY=VENDOR, OUTBOUND_PRIVATE_HOSTS="127.0.0.1",
        FIELD_ENCRYPTION_KEYS=",".join(ours.FIELD_ENCRYPTION_KEYS), **more,
    )  # fmt: skip


def play(company: Company, provider: Remote, worker: KeptWorker, patience: float) -> None:
    """Kills five times; calls us as the provider would, in any order, some of it twice. When few are left the provider is well
    again, and what it had refused again and again need not wait for its turn of the growing pauses."""
    dice, calls = random.Random(11), Hooks(company)
    until, kills = time.monotonic() + patience, 5
    while not (all_over() and calls.done(provider)):
        assert time.monotonic() < until, f"never ended: {Counter(Delivery.objects.values_list('status', flat=True))}"
        time.sleep(dice.uniform(0.3, 1.5))
        calls.some(provider, dice)
        worker.keep()
        if kills and dice.random() < 0.4:
            kills -= 1
            with suppress(ProcessLookupError):
                os.kill(int(dice.choice([str(worker.process.pid), *worker.children()])), signal.SIGKILL)
        elif not kills and Delivery.objects.not_ended().count() < FEW:
            provider.fail(fates=FATES)
            Delivery.objects.filter(status=Status.QUEUED, lease_until=None).update(due_at=timezone.now())


def all_over() -> bool:
    """No e-invoice is only accepted any more, and nothing is on its way."""
    pending = Delivery.objects.filter(status=Status.ACCEPTED, channel="einvoice")
    return not pending.exists() and not Delivery.objects.not_ended().exists()


class Hooks:
    def __init__(self, company: Company) -> None:
        token = accounts.hook_token_of(ProviderAccount.objects.get(company=company))
        self._address, self._client = f"/hooks/autoinvoice/{token}", Client()
        self._called: set[int] = set()

    def some(self, provider: Remote, dice: random.Random) -> None:
        """Half of what has not been called yet, in any order, and a few once more."""
        hooks = provider.hooks()
        fresh = [number for number in range(len(hooks)) if number not in self._called]
        chosen = dice.sample(fresh, (len(fresh) + 1) // 2)
        again = dice.sample(sorted(self._called), min(3, len(self._called)))
        for number in chosen + again:
            body = json.dumps(hooks[number])
            answer = self._client.post(self._address, body, content_type="application/json")
            if answer.status_code == 204:  # 429 and the like: again, as it would
                self._called.add(number)

    def done(self, provider: Remote) -> bool:
        return len(self._called) == len(provider.hooks())
