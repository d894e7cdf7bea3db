"""How many invoices a second the engine takes from the claim to `accepted`, each with an attempt that is committed first.

    python -m benchmarks.e2e [--invoices 5000] [--on sqlite|postgres]

E-invoices, whose document is ready, so that the engine is what is measured: on PostgreSQL by two processes, on SQLite by one.
The provider is tests/fake_provider.py on a real socket; what it can do at best is measured beside it, by as many clients.
"""

import argparse
import os
import sys
import tempfile
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from benchmarks import common
from benchmarks.hands import hands, wait_for_the_word
from tests.fake_provider import Remote, running
from tests.fake_transport import URL

if TYPE_CHECKING:
    from distribution.channels.base import Outgoing

HANDS = {common.POSTGRES: 2, common.SQLITE: 1}
GOALS = {common.POSTGRES: 500, common.SQLITE: 300}
BARE_BYTES = 4000  # as the invoices


def main() -> None:
    asked = arguments()
    if asked.hand:
        work(asked.hand, asked.invoices)
    elif asked.on:
        common.finish(**measure(asked.on, asked.invoices))
    else:
        both(asked.invoices)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--invoices", type=int, default=5000)
    parser.add_argument("--on", choices=common.KINDS)
    parser.add_argument("--hand", choices=("engine", "bare"), help=argparse.SUPPRESS)
    return parser.parse_args()


def both(invoices: int) -> None:
    said = {
        kind: common.in_a_process("benchmarks.e2e", "--on", kind, "--invoices", str(invoices)) for kind in common.KINDS
    }
    reached = {kind: one["per_second"] for kind, one in said.items()}
    common.finish(
        engine_per_second=reached[common.POSTGRES],
        engine_per_second_sqlite=reached[common.SQLITE],
        provider_per_second=said[common.POSTGRES]["provider_per_second"],
    )
    sys.exit(any(reached[kind] < goal for kind, goal in GOALS.items()))


def measure(kind: str, invoices: int) -> dict[str, Any]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="autoinvoice-e2e-")))
        url = stack.enter_context(common.database(kind, folder))
        common.set_up(url, folder)
        with running() as provider:
            bare = seconds_of("bare", HANDS[kind], invoices, provider)
        provider = stack.enter_context(running())
        common.queue_invoices(common.make_company(), invoices)
        engine = seconds_of("engine", HANDS[kind], invoices, provider)
        check(provider, invoices)
    return {"per_second": round(invoices / engine), "provider_per_second": round(invoices / bare), "on": kind}


def seconds_of(what: str, number: int, invoices: int, provider: Remote) -> float:
    os.environ[URL] = provider.url
    with hands(number, "benchmarks.e2e", "--hand", what, "--invoices", str(invoices // number)) as ready:
        return ready.go()


def check(provider: Remote, invoices: int) -> None:
    """All have ended as they should, or the figure is worth nothing."""
    from distribution.models import Attempt, Delivery
    from distribution.states import Outcome, Status

    keys = {str(key) for key in Delivery.objects.filter(status=Status.ACCEPTED).values_list("key", flat=True)}
    attempts = Attempt.objects.filter(outcome=Outcome.ACCEPTED).count()
    if provider.accepted() != dict.fromkeys(keys, 1) or not len(keys) == attempts == invoices:
        raise RuntimeError(f"{len(keys)} accepted here by {attempts} attempts, {provider.totals()} there")


def work(what: str, invoices: int) -> None:
    """In a hand of its own. The databases are what the parent made, by the environment."""
    import django

    django.setup()
    if what == "bare":
        offer(invoices)
    else:
        deliver()


def offer(invoices: int) -> None:
    """What the transport and the provider take, without the engine."""
    from distribution.frozen import sha256_of
    from tests.fake_transport import FakeTransport

    data, transport = b"x" * BARE_BYTES, FakeTransport()
    sha256 = sha256_of(data)
    wait_for_the_word()
    for _ in range(invoices):
        transport.send(bare_outgoing(data, sha256))


def bare_outgoing(data: bytes, sha256: str) -> "Outgoing":
    from distribution.channels.base import Outgoing
    from distribution.states import ChannelName

    return Outgoing(
        key=str(uuid4()), channel=ChannelName.EINVOICE, company="", invoice="", to=("0192:987654325",), filename="x.xml",
        data=data, sha256=sha256, created=datetime.now(UTC), ends=time.monotonic() + 30, test=False,
    )  # fmt: skip


def deliver() -> None:
    from django.db import connection

    from distribution import delivery

    connection.ensure_connection()
    wait_for_the_word()
    while delivery.run():
        pass


if __name__ == "__main__":
    main()
