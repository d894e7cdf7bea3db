"""What was changed of a customer: who, when, field, before, after. The only writer of CustomerChange, of
`archived_at` and of `national_id`."""

from collections.abc import Iterable
from typing import Any

from django.utils import timezone

from customers.models import ChangedBy, Customer, CustomerChange, User
from customers.sealed import seal
from customers.tables import FIELDS

NEW, ARCHIVED, NATIONAL_ID = "new", "archived", "national_id"  # beside the names of fields
Values = dict[str, Any]


def values_of(customer: Customer) -> Values:
    """What can be typed and imported; the parent by the number that people know it by."""
    values = {name: getattr(customer, name) for name in FIELDS if name != "parent"}
    return {**values, "parent": customer.parent.number if customer.parent else ""}


def changes_of(
    customer: Customer, before: Values | None, user: User | None, changed_by: ChangedBy = ChangedBy.PAGE
) -> list[CustomerChange]:
    """Not saved yet. Without `before` the customer is new, and the history says only that."""
    if before is None:
        return [_change(customer, NEW, False, True, user, changed_by)]
    after = values_of(customer)
    differing = [name for name in FIELDS if before[name] != after[name]]
    return [_change(customer, name, before[name], after[name], user, changed_by) for name in differing]


def keep(changes: Iterable[CustomerChange]) -> None:
    """Inside the transaction that changes the customers; one insert for many."""
    CustomerChange.objects.bulk_create(changes, batch_size=1000)


def outdate(customer: Customer) -> None:
    """A fact that routing reads of him has changed elsewhere: what was predicted of it is old (R6)."""
    customer.changed_at = timezone.now()
    customer.save(update_fields=["changed_at"])


def archive(customer: Customer, user: User | None) -> bool:
    """False where a colleague had done it. Nothing about routing changes, so no prediction is outdated."""
    now = timezone.now()
    if not Customer.objects.filter(pk=customer.pk, archived_at__isnull=True).update(archived_at=now):
        return False
    customer.archived_at = now
    keep([_change(customer, ARCHIVED, False, True, user, ChangedBy.PAGE)])
    return True


def bring_back(customer: Customer, user: User | None, changed_by: ChangedBy = ChangedBy.PAGE) -> bool:
    """False where he was not archived."""
    if not Customer.objects.filter(pk=customer.pk, archived_at__isnull=False).update(archived_at=None):
        return False
    customer.archived_at = None
    keep([_change(customer, ARCHIVED, True, False, user, changed_by)])
    return True


def set_national_id(customer: Customer, number: str, user: User | None) -> None:
    """Empty takes it away. The history tells that, and never which. Inside the caller's transaction."""
    before, now = customer.national_id is not None, timezone.now()
    customer.national_id, customer.changed_at = (seal(number) if number else None), now
    customer.save(update_fields=["national_id", "changed_at"])
    keep([_change(customer, NATIONAL_ID, before, bool(number), user, ChangedBy.PAGE)])


def _change(
    customer: Customer, name: str, before: Any, after: Any, user: User | None, changed_by: ChangedBy
) -> CustomerChange:
    return CustomerChange(
        customer_id=customer.pk, user=user, changed_by=changed_by, name=name, before=before, after=after
    )
