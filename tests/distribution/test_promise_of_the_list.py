"""What the activation list promised is what happens (R6): for each customer, by `decide`, and by an invoice that is sent."""

import random
from collections import Counter
from typing import Any

import pytest

from customers.models import Company, Customer, Kind, Method
from distribution import delivery
from distribution.activation import activate, edit_proposals
from distribution.models import Delivery, Prediction
from distribution.prediction import decide_afresh, look_up, predict, totals
from distribution.routing import Held, Route
from distribution.states import Status
from tests.factories import ADDRESS, make_company, make_customer, register, take_in

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def any_customer(company: Company, dice: random.Random, parents: list[Customer]) -> Customer:
    facts: dict[str, Any] = {"method": dice.choice([Method.EINVOICE, Method.EMAIL, Method.SELF])}
    if dice.random() < 0.6:
        facts |= {"email": "kunde@firma.test"}
    if dice.random() < 0.6:
        facts |= ADDRESS
    if dice.random() < 0.2:
        facts |= {"kind": Kind.PRIVATE, "org_number": "", "peppol_id": "", "phone": "41234567"}
    elif dice.random() < 0.2:
        facts |= {"org_number": "", "peppol_id": ""}
    if dice.random() < 0.1:
        facts |= {"electronic_only": True}
    if parents and dice.random() < 0.2:
        facts |= {"parent": dice.choice(parents), "method": ""}
    customer = make_customer(company, **facts)
    if customer.parent is None:
        parents.append(customer)
    return customer


@pytest.fixture
def company(request: pytest.FixtureRequest) -> Company:
    """Before activation, with customers of all kinds, half of the businesses registered, and some proposals changed."""
    many = 1000 if request.config.getoption("--long") else 40
    dice, company = random.Random(5), make_company(activated=False)
    parents: list[Customer] = []
    customers = [any_customer(company, dice, parents) for _ in range(many)]
    register(*[(f"0192:{one.org_number}", "invoice") for one in customers if one.org_number and dice.random() < 0.5])
    for method in (Method.SELF, Method.AUTOINVOICE):
        chosen = dice.sample([one.pk for one in parents], 5)
        edit_proposals(company.customers.filter(pk__in=chosen), method, None)
    look_up(company)
    predict(company)
    return company


def test_R6_what_was_predicted_is_what_is_decided_and_what_an_invoice_does(company: Company) -> None:
    promised = dict(Prediction.objects.filter(company=company).values_list("customer", "channel_after"))
    counted = totals(company).after
    assert counted == Counter(channel or "held" for channel in promised.values())
    assert len(counted) >= 4  # or the dice have shown nothing

    activate(company, None)
    customers = list(company.customers.select_related("company", "parent__company"))
    decided = {one.pk: _channel_of(decide_afresh(one)) for one in customers}
    for one in customers:
        take_in(one)
    while delivery.run() + delivery.sweep():
        pass

    assert decided == promised
    rows = Delivery.objects.filter(company=company).values_list("invoice__customer", "status", "channel")
    happened = {pk: "" if status == Status.HELD else channel for pk, status, channel in rows}
    assert happened == promised


def test_R6_what_was_said_of_today_is_what_happens_today(company: Company) -> None:
    said = dict(Prediction.objects.filter(company=company).values_list("customer", "channel_now"))
    for one in company.customers.select_related("company", "parent__company"):
        take_in(one)
    while delivery.run() + delivery.sweep():
        pass

    rows = Delivery.objects.filter(company=company).values_list("invoice__customer", "status", "channel")
    assert {pk: "" if status == Status.HELD else channel for pk, status, channel in rows} == said


def _channel_of(decision: Any) -> str:
    assert isinstance(decision, Route | Held)
    return decision.channel if isinstance(decision, Route) else ""
