"""How fast «Aktivering» answers: the server's time of its pages, filters, search and totals, by number of customers.

    python -m benchmarks.preview [--customers 1000000] [--on postgres|sqlite]

One database holds three companies, of 1,000, 100,000 and `--customers`, with stored predictions and edits; an accountant of each
asks through Django's test client, all middleware included. `p95_ms` is of the unfiltered page: the first, one in the middle, the
last, and whichever is slowest counts. `filter_p95_ms` is the slowest of the filters, searches and totals at 100,000: the page and
the part of it that counts are timed apart, as the browser asks for them apart, and `kinds` has each. Nothing is kept between
requests. `median_ms`, at the size that was asked for last (filters: 100,000), says what the machine does when nobody takes it away.
`ratio` is the page at the largest by the page at 1,000, both without the part that counts; `inline_p95_ms` is the page
at 1,000 as it is, with the numbers in it.
"""

import argparse
import statistics
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import activate, common

if TYPE_CHECKING:
    from django.test import Client

    from customers.models import Company

SMALL, MIDDLE = 1000, 100_000
REQUESTS = 30
HERE = "/mitt-firma/elektronisk-faktura/aktivering/"
NUMBERS, FOUND = f"{HERE}tall/", f"{HERE}antall/"
FILTERS = {
    "method": "?na=self",
    "proposal": "?ny=self",
    "channel": "?kanal=print",
    "held": "?kanal=held",
    "mine": "?utvalg=mine",
    "moves": "?utvalg=moves",
    "missing": "?utvalg=missing",
    "common words": "?q=kunde",
    "rare words": "?q=4711",
    "unknown words": "?q=finnes+ikke",
}
MEDIANS = dict[str, float]()  # by address, of the size that was asked for last
GOALS = {"page": 25.0, "filter": 50.0, "ratio": 1.5}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--on", choices=common.KINDS, default=common.POSTGRES)
    asked = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="autoinvoice-preview-")))
        common.set_up(
            stack.enter_context(common.database(asked.on, folder)), folder, ALLOWED_HOSTS="testserver", DEBUG="0"
        )
        sys.exit(measured(asked.on, asked.customers))


def measured(kind: str, customers: int) -> bool:
    """True when a goal is missed."""
    from distribution.views import predicted

    sizes = sorted({SMALL, MIDDLE, customers})
    companies = {number: filled(number) for number in sizes}
    activate.settle()
    analyse()
    inline = max(pages(*companies[SMALL]).values())
    predicted.COUNTED_AT_ONCE = 0  # the same work at every size
    kinds = {number: pages(*companies[number]) | counted(companies[number][1]) for number in sizes}
    filters = filtered(companies[MIDDLE][1]) | {"totals": kinds[MIDDLE]["numbers"]}
    page = {number: max(kinds[number][name] for name in ("first", "middle", "last")) for number in sizes}
    ratio = round(page[customers] / page[SMALL], 2)
    common.finish(
        on=kind,
        p95_ms={str(number): p95 for number, p95 in page.items()},
        filter_p95_ms=max(filters.values()),
        ratio=ratio,
        inline_p95_ms=inline,
        median_ms=MEDIANS,
        kinds={**{str(number): each for number, each in kinds.items()}, "filters": filters},
    )
    return page[customers] > GOALS["page"] or max(filters.values()) > GOALS["filter"] or ratio > GOALS["ratio"]


def filled(customers: int) -> "tuple[Company, Client]":
    """A company with a prediction for each customer, an edit of the user for one of fifty, and the user, signed in."""
    from django.db import connection
    from django.test import Client

    from customers.models import Membership, Role
    from tests.factories import make_user

    company, user = activate.company_with(customers), make_user()
    Membership.objects.create(user=user, company=company, role=Role.ADMIN)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO distribution_proposaledit (customer_id, method, user_id, at, batch, before)
            SELECT id, 'self', %s, CURRENT_TIMESTAMP, NULL, '' FROM customers_customer
             WHERE company_id = %s AND CAST(number AS integer) %% 50 = 7
            """,
            [user.pk, company.pk],
        )
        time.sleep(1.1)  # SQLite's clock of statements counts whole seconds
        cursor.execute(PREDICTIONS[connection.vendor], [company.pk])
    common.say(f"{customers} customers are there")
    client = Client()
    client.force_login(user)
    return company, client


def _predictions(json: str, now: str) -> str:
    return f"""
        INSERT INTO distribution_prediction (customer_id, company_id, channel_now, waits_now, reasons_now, channel_after,
            waits_after, reasons_after, missing, asked_register, asked_identifier, made_at)
        SELECT id, company_id,
               CASE WHEN n %% 6 = 0 THEN 'to_user' WHEN n %% 20 = 1 THEN '' WHEN n %% 6 < 3 THEN 'einvoice' ELSE 'email' END,
               n = -1, '[]'{json},
               CASE WHEN n %% 6 = 0 THEN 'to_user' WHEN n %% 40 = 1 THEN '' WHEN n %% 10 = 3 THEN 'print'
                    WHEN n %% 6 < 4 THEN 'einvoice' ELSE 'email' END,
               n = -1, '[{{"code": "has_address", "facts": {{}}}}, {{"code": "method_email", "facts": {{}}}}]'{json},
               CASE WHEN n %% 40 = 1 THEN '["email", "address"]'{json} WHEN n %% 25 = 2 THEN '["email"]'{json} ELSE '[]'{json} END,
               CASE WHEN n %% 6 < 4 THEN 'elma' ELSE '' END, CASE WHEN n %% 6 < 4 THEN CAST(900000000 + n AS text) ELSE '' END,
               {now}
          FROM (SELECT id, company_id, CAST(number AS integer) AS n FROM customers_customer WHERE company_id = %s) numbered
        """  # noqa: S608  # words of ours


PREDICTIONS = {
    "postgresql": _predictions("::jsonb", "clock_timestamp()"),
    "sqlite": _predictions("", "datetime('now')"),
}


def analyse() -> None:
    """As autovacuum leaves a table that has been there for a while."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def pages(company: "Company", client: "Client") -> dict[str, float]:
    last = company.customers.order_by("-name", "-pk")[10:11].get()
    middle = company.customers.order_by("pk")[company.customers.count() // 2 :][:1].get()
    return {
        "first": p95(client, HERE),
        "middle": p95(client, f"{HERE}?etter={middle.pk}"),
        "last": p95(client, f"{HERE}?etter={last.pk}"),
        "back": p95(client, f"{HERE}?for={middle.pk}"),
    }


def counted(client: "Client") -> dict[str, float]:
    return {"numbers": p95(client, NUMBERS)}


def filtered(client: "Client") -> dict[str, float]:
    taken = {}
    for name, query in FILTERS.items():
        taken[name] = p95(client, HERE + query)
        taken[f"{name}, number"] = p95(client, FOUND + query)
    return taken


def p95(client: "Client", address: str) -> float:
    """Milliseconds; the first request pays for imports and caches and does not count."""
    taken = []
    for _ in range(REQUESTS + 1):
        began = time.perf_counter()
        answer: Any = client.get(address)
        taken.append((time.perf_counter() - began) * 1000)
        if answer.status_code != 200:
            raise RuntimeError(f"{address} answered {answer.status_code}")
        if taken[-1] > 3000:  # one is enough to know
            break
    p = round(taken[-1] if len(taken) < REQUESTS else statistics.quantiles(taken[1:], n=20)[-1], 1)
    MEDIANS[address] = round(statistics.median(taken[1:] or taken), 1)
    common.say(f"{address} {p} ms, median {MEDIANS[address]} ms")
    return p


if __name__ == "__main__":
    main()
