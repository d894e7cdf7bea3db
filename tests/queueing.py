"""For a database that is not the test's own: `python -m tests.queueing <number>` queues e-invoices there.

Without a number it writes {"statuses": {status: rows}, "accepted": [key]} as JSON.
"""

import json
import sys
from collections import Counter


def main(words: list[str]) -> None:
    import django

    django.setup()
    if words:
        queue_some(int(words[0]))
    else:
        tell()


def queue_some(number: int) -> None:
    from distribution.delivery import OpenRun
    from tests.factories import make_company, make_customer, queue, register_customer

    customer, run = make_customer(make_company(), email="kunde@firma.test"), OpenRun(None, "test")
    register_customer(customer)
    for _ in range(number):
        queue(customer, run=run)


def tell() -> None:
    from distribution.models import Delivery
    from distribution.states import SENT

    rows = list(Delivery.objects.values_list("status", "key"))
    accepted = [str(key) for status, key in rows if status in SENT]
    print(json.dumps({"statuses": Counter(status for status, _key in rows), "accepted": accepted}))


if __name__ == "__main__":
    main(sys.argv[1:])
