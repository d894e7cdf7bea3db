"""What needs a person: each invoice once, by its last delivery, oldest first, with what is wrong in words."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count
from django.utils.translation import gettext as _

from customers.models import Company
from distribution.models import Delivery
from distribution.reasons import Reason, invoice_named_in, kind_in_words, left_out, missing, needs_keys
from distribution.states import Status

PAGE = 50
ORDER = (Status.HELD, Status.UNCERTAIN, Status.FAILED)


@dataclass(frozen=True, slots=True)
class Task:
    """`detail` is what the heading of its group leaves out; `double` another invoice to compare it with (R38)."""

    delivery: Delivery
    detail: str
    double: int | None
    action: str
    customer: int | None = None  # to be completed, where that is what the action does
    keys: bool = False  # the action leads to where the company's keys are


@dataclass(frozen=True, slots=True)
class Group:
    wrong: str
    tasks: list[Task]


@dataclass(frozen=True, slots=True)
class Part:
    """A page of the list. `after` is the key that the next one starts behind; none: this is the last."""

    deliveries: list[Delivery]
    after: int | None


def count_for(company: Company) -> int:
    return Delivery.objects.for_a_person().filter(company=company).count()


def counts(companies: Iterable[Company]) -> Counter[str]:
    """How many per status, over these companies together; one query."""
    rows = Delivery.objects.for_a_person().filter(company__in=companies).order_by().values("status")
    return Counter({row["status"]: row["number"] for row in rows.annotate(number=Count("pk"))})


def part(companies: Iterable[Company], *, status: str = "", after: int = 0) -> Part:
    """By the delivery's id, which grows with time, so that a page costs the same wherever it lies in the list."""
    rows = Delivery.objects.for_a_person().filter(company__in=companies, pk__gt=after)
    if status:
        rows = rows.filter(status=status)
    found = list(rows.select_related("invoice__company").order_by("pk")[: PAGE + 1])
    return Part(found[:PAGE], found[PAGE - 1].pk if len(found) > PAGE else None)


def grouped(deliveries: Iterable[Delivery]) -> list[Group]:
    """By what is wrong; groups in the order of their oldest."""
    groups: dict[str, Group] = {}
    for delivery in deliveries:
        wrong = wrong_with(delivery)
        groups.setdefault(wrong, Group(wrong, [])).tasks.append(_task(delivery))
    return list(groups.values())


def wrong_with(delivery: Delivery) -> str:
    """Words that are the same for all with the same fault. An uncertain one's reasons say why its channel was chosen."""
    if delivery.status == Status.UNCERTAIN:
        return _("Det er ikke kjent om fakturaen ble tatt imot.")
    return kind_in_words(delivery.reasons) or _("Fakturaen ble ikke sendt.")


def _task(delivery: Delivery) -> Task:
    if delivery.status == Status.UNCERTAIN:
        return Task(delivery, "", None, _("Avgjør"))
    said = [fact for fact in left_out(delivery.reasons) if fact != delivery.invoice.number]
    if needs_keys(delivery.reasons):
        return Task(delivery, "", None, _("Se nøklene"), keys=True)
    double, customer = invoice_named_in(delivery.reasons), delivery.invoice.customer_id
    if double:
        return Task(delivery, ", ".join(said), double, _("Sammenlign"))
    if customer and delivery.status == Status.HELD and _lacks_something(delivery):
        return Task(delivery, ", ".join(said), None, _("Fyll ut kunden"), customer)
    return Task(delivery, ", ".join(said), None, _("Prøv igjen") if delivery.status == Status.FAILED else _("Åpne"))


def _lacks_something(delivery: Delivery) -> bool:
    """Something that can be typed in for the customer (R24)."""
    return bool(missing(tuple(Reason(one["code"], one["facts"]) for one in delivery.reasons)))
