"""How long the server takes for each page, with the demo in an SQLite database.

    python -m benchmarks.pages

The demo's admin asks through Django's test client, all middleware included: fifteen times for each page, after one that pays for
imports and caches and does not count. `median_ms` has each kind of page, those of the company before activation last; the goal is
that none is above 100.
"""

import statistics
import sys
import tempfile
import time
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import common

if TYPE_CHECKING:
    from django.test import Client

    from customers.models import Company

REQUESTS = 15
GOAL = 100.0


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="autoinvoice-pages-") as name:
        folder = Path(name)
        with common.database(common.SQLITE, folder) as url:
            common.set_up(
                url, folder, DJANGO_SETTINGS_MODULE="autoinvoice_site.settings", ALLOWED_HOSTS="testserver", DEBUG="0"
            )
            sys.exit(measured())


def measured() -> bool:
    """True when a page is above the goal."""
    from django.core.management import call_command
    from django.test import Client

    from customers.models import Company, User
    from tests.addresses import activation_pages_of, files_of, pages_of

    with redirect_stdout(sys.stderr):
        call_command("demo")
    client = Client()
    client.force_login(User.objects.get(email="admin@demo.test"))
    active = Company.objects.get(activated_at__isnull=False)
    before = Company.objects.get(activated_at__isnull=True)
    found = medians(client, active, pages_of(active) | files_of(active))
    found |= medians(client, before, activation_pages_of(before))
    slow = {kind: taken for kind, taken in found.items() if taken > GOAL}
    common.finish(median_ms=found, slowest=max(found.values()), above_the_goal=sorted(slow))
    return bool(slow)


def medians(client: "Client", company: "Company", addresses: dict[str, str]) -> dict[str, float]:
    client.post(f"/firma/{company.pk}/velg/")
    state = "active" if company.activated else "before activation"
    return {f"{kind} ({state})": median(client, address) for kind, address in addresses.items()}


def median(client: "Client", address: str) -> float:
    """Milliseconds."""
    taken = []
    for _ in range(REQUESTS + 1):
        began = time.perf_counter()
        answer: Any = client.get(address)
        b"".join(answer)  # a file is written while it is read
        taken.append((time.perf_counter() - began) * 1000)
        if answer.status_code != 200:
            raise RuntimeError(f"{address} answered {answer.status_code}")
    middle = round(statistics.median(taken[1:]), 1)
    common.say(f"{middle:>7} ms  {address}")
    return middle


if __name__ == "__main__":
    main()
