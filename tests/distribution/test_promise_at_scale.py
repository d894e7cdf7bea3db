"""The counts of the activation list are kept at any size (R6): customer by customer by `decide`, and by invoices that are sent."""

import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pytest

from customers.models import Company, Customer, Kind, Method
from distribution import delivery
from distribution.activation import activate, edit_proposals
from distribution.models import Delivery, Prediction
from distribution.prediction import decide_afresh, look_up, predict, totals
from distribution.routing import Decision, Route, Wait
from distribution.states import NoChannel, Status
from tests.factories import ADDRESS, gln, make_company, org_number, register, set_choices, take_in

pytestmark = [pytest.mark.django_db, pytest.mark.database]
BEFORE = (Method.EINVOICE, Method.EMAIL, Method.SELF)
PLACES: tuple[dict[str, str], ...] = (
    ADDRESS,
    ADDRESS,
    ADDRESS | {"postcode": ""},
    ADDRESS | {"country": "SE", "postcode": "111 22", "town": "Stockholm"},
    {},
    {},
)
PART = 1000


@dataclass(frozen=True, slots=True)
class Size:
    customers: int
    sent: int


@pytest.fixture
def size(request: pytest.FixtureRequest) -> Size:
    return Size(100_000, 1000) if request.config.getoption("--long") else Size(500, 20)


def any_customer(company: Company, serial: int, dice: random.Random) -> Customer:
    """Of whatever kind the dice say; each with identifiers of its own."""
    customer = Customer(company=company, number=str(serial), name=f"Kunde {serial}", method=dice.choice(BEFORE))
    if dice.random() < 0.25:
        customer.kind = Kind.PRIVATE
        customer.phone = f"4{serial:07d}" if dice.random() < 0.8 else ""
    elif dice.random() < 0.8:
        customer.org_number = org_number(40_000_000 + serial * 10)
    elif dice.random() < 0.5:
        customer.peppol_id = f"0088:{gln(serial)}"
    customer.email = f"post@{serial}.test" if dice.random() < 0.5 else ""
    customer.invoice_email = f"faktura@{serial}.test" if dice.random() < 0.2 else ""
    customer.electronic_only = dice.random() < 0.1
    for name, value in dice.choice(PLACES).items():
        setattr(customer, name, value)
    return customer


def fill(company: Company, many: int, dice: random.Random) -> None:
    """One of five is a branch; half of the branches have no method of their own."""
    mains = [any_customer(company, serial, dice) for serial in range(many * 4 // 5)]
    Customer.objects.bulk_create(mains, batch_size=PART)
    branches = [any_customer(company, serial, dice) for serial in range(len(mains), many)]
    for branch in branches:
        branch.parent = dice.choice(mains)
        branch.method = branch.method if dice.random() < 0.5 else ""
    Customer.objects.bulk_create(branches, batch_size=PART)
    register(*(row for one in (*mains, *branches) if (row := registered(one))[0] and dice.random() < 0.5))


def registered(customer: Customer) -> tuple[str, str]:
    """A row of receivers.csv; a few take credit notes alone."""
    if customer.kind == Kind.PRIVATE:
        return customer.phone or customer.email, "efaktura"
    own = customer.peppol_id or (f"0192:{customer.org_number}" if customer.org_number else "")
    return own, "credit_note" if customer.number.endswith("7") else "invoice credit_note"


def edit_some(company: Company, dice: random.Random) -> None:
    ids = list(company.customers.exclude(method="").values_list("pk", flat=True))
    for method in (Method.SELF, Method.AUTOINVOICE):
        chosen = dice.sample(ids, min(len(ids) // 20, 500))
        edit_proposals(company.customers.filter(pk__in=chosen), method, None)


@pytest.mark.parametrize("never_email", [False, True], ids=["R12 off", "R12 on"])
def test_R6_the_list_of_a_company_about_to_activate_keeps_its_counts(size: Size, never_email: bool) -> None:
    dice, company = random.Random(6), make_company(activated=False)
    set_choices(company, never_email=never_email)
    fill(company, size.customers, dice)
    edit_some(company, dice)
    look_up(company)
    predict(company)
    counted, today, promised = totals(company), stored(company, "now"), stored(company, "after")
    assert len(counted.after) >= 4  # or the dice have shown nothing

    assert (Counter(today.values()), today) == (counted.now, decided(company))
    activate(company, None)
    assert (Counter(promised.values()), promised) == (counted.after, decided(company))
    assert happened(company, dice.sample(sorted(promised), size.sent)).items() <= promised.items()


@pytest.mark.parametrize("never_email", [False, True], ids=["R12 off", "R12 on"])
def test_R6_the_list_of_an_activated_company_keeps_its_counts(size: Size, never_email: bool) -> None:
    dice, company = random.Random(7), make_company(activated=False)
    fill(company, size.customers, dice)
    set_choices(company, never_email=never_email)
    activate(company, None)
    look_up(company)
    predict(company)
    counted, today = totals(company), stored(company, "now")
    assert (counted.stale, counted.moves, counted.now) == (0, 0, counted.after)

    assert (Counter(today.values()), today) == (counted.now, decided(company))
    assert happened(company, dice.sample(sorted(today), size.sent)).items() <= today.items()


def stored(company: Company, day: str) -> dict[int, str]:
    rows = Prediction.objects.filter(company=company).values_list("customer", f"channel_{day}", f"waits_{day}")
    return {pk: channel or (NoChannel.WAITS if waits else NoChannel.HELD) for pk, channel, waits in rows}


def decided(company: Company) -> dict[int, str]:
    """What the single customer's page says, the registers asked anew, for all of them."""
    everybody = company.customers.select_related("company", "parent__company").order_by("pk")
    return {one.pk: channel_of(decide_afresh(one)) for one in everybody.iterator(PART)}


def channel_of(decision: Decision) -> str:
    if isinstance(decision, Route):
        return decision.channel
    return NoChannel.WAITS if isinstance(decision, Wait) else NoChannel.HELD


def happened(company: Company, chosen: Iterable[int]) -> dict[int, str]:
    """An invoice to each of these, through the real engine."""
    chosen = list(chosen)
    for one in company.customers.select_related("company", "parent__company").filter(pk__in=chosen):
        take_in(one)
    while delivery.run() + delivery.sweep():
        pass
    rows: Any = Delivery.objects.filter(company=company).values_list("invoice__customer", "status", "channel")
    outcome = {pk: NoChannel.HELD if status == Status.HELD else channel for pk, status, channel in rows}
    assert len(outcome) == len(chosen)
    return outcome
