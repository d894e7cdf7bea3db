"""Addresses of customers that came back for good: marked, cleared by a person, and known to whoever decides a channel.

The only writer of BouncedAddress. A mark stands with whoever owns the address, the customer or his parent (R16), and counts as
long as he has that address: another one makes it moot.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from customers.history import outdate
from customers.identifiers import split_emails
from customers.models import Customer, User
from distribution.models import BouncedAddress, Delivery

Marks = Mapping[str, datetime]  # by address in lower case, since when
NO_MARKS: Marks = {}


def mark(customer: Customer, address: str, answer: str, delivery: Delivery | None = None) -> bool:
    """Inside the caller's transaction. False where it was marked before, or nobody has the address any more."""
    owner = _owner(customer, address.lower())
    if owner is None:
        return False
    facts = {"answer": answer[:500], "delivery": delivery}
    _row, new = BouncedAddress.objects.get_or_create(
        customer=owner, address=address.lower(), cleared_at=None, defaults=facts
    )
    if new:
        outdate(owner)
    return new


def clear(customer: Customer, address: str, user: User) -> bool:
    """«Bruk adressen igjen». The row stays, with who and when. False where a colleague had done it."""
    with transaction.atomic():
        marked = BouncedAddress.objects.filter(customer=customer, address=address.lower(), cleared_at__isnull=True)
        cleared = bool(marked.update(cleared_at=timezone.now(), cleared_by=user))
        if cleared:
            outdate(customer)
    return cleared


def bounced_of(customers: Iterable[Customer]) -> dict[int, Marks]:
    """By customer id, what counts for him today, in one query for any number of them; parents come selected."""
    owners = {customer.pk: _reads_from(customer).pk for customer in customers if customer.pk}
    if not owners:
        return {}
    found: dict[int, dict[str, datetime]] = {}
    rows = BouncedAddress.objects.filter(customer__in=set(owners.values()), cleared_at__isnull=True)
    for owner, address, at in rows.values_list("customer", "address", "at"):
        found.setdefault(owner, {})[address] = at
    return {pk: found[owner] for pk, owner in owners.items() if owner in found}


def marks_of(customer: Customer) -> list[BouncedAddress]:
    """For his page: of the addresses that his invoices would go to, those that came back."""
    owner = _reads_from(customer)
    used = {address.lower() for address in owner.emails}
    rows = BouncedAddress.objects.filter(customer=owner, cleared_at__isnull=True).order_by("at", "pk")
    return [row for row in rows if row.address in used]


def _reads_from(customer: Customer) -> Customer:
    return customer if customer.emails or customer.parent is None else customer.parent


def _owner(customer: Customer, address: str) -> Customer | None:
    known = (customer, *([customer.parent] if customer.parent else []))
    return next((one for one in known if address in _addresses(one)), None)


def _addresses(customer: Customer) -> set[str]:
    return {address.lower() for address in split_emails(f"{customer.invoice_email} {customer.email}")}
