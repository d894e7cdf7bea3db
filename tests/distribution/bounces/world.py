"""Invoices that left by e-mail, and what is true of them after news."""

from collections import Counter
from datetime import timedelta
from typing import Any

import time_machine
from django.utils import timezone

from customers.models import Customer
from distribution import delivery
from distribution.bounces.apply import take_in
from distribution.channels.email.verp import return_path
from distribution.models import Delivery, MailNewsCount, Run
from distribution.states import Door, Status, Verdict
from distribution.timeline import timeline
from tests.distribution.bounces.mails import KUNDE
from tests.factories import ADDRESS, delivery_of, make_company, make_customer, queue

FULL: dict[str, Any] = {"status": "5.2.2", "diagnostic": "smtp; 552 5.2.2 mailbox full"}
A, B = "a@firma.test", "b@firma.test"


def reachable(email: str = KUNDE, **facts: Any) -> Customer:
    """By mail, and on paper after it."""
    return make_customer(facts.pop("company", None) or make_company(), email=email, **{**ADDRESS, **facts})


def mailed(customer: Customer | None = None, **how: Any) -> Delivery:
    """An invoice whose mail was accepted by the server."""
    row = queue(customer or reachable(), **how)
    work()
    row.refresh_from_db()
    assert (row.channel, row.status) == ("email", Status.ACCEPTED)
    return row


def work() -> None:
    while delivery.run():
        pass


def path_of(row: Delivery, address: str = KUNDE) -> str:
    return return_path(str(row.key), address)


def come(raw: bytes, to: str, door: Door = Door.LISTENER, rung: list[Run] | None = None) -> Verdict:
    return take_in(to, raw, door, ([] if rung is None else rung).append)


def last(row: Delivery) -> Delivery:
    """What the invoice's last delivery is, once workers have done what is due."""
    work()
    return delivery_of(row.invoice)


def counted() -> Counter[str]:
    found: Counter[str] = Counter()
    for row in MailNewsCount.objects.all():
        found[row.verdict] += row.number
    return found


def words(row: Delivery) -> str:
    return " | ".join(f"{moment.text} {moment.said}" for leg in timeline(row.invoice) for moment in leg.moments)


def later(**time: float) -> Any:
    return time_machine.travel(timezone.now() + timedelta(**time))
