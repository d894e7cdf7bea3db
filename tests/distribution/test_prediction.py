"""Stored predictions (R6): made in bulk by the same function, stale by any change of what they were made of."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from customers.models import Customer, Method
from distribution import lookups
from distribution.activation import activate
from distribution.choices import set_agreement
from distribution.facts import case_of_customer, query_of, terms_of
from distribution.models import Prediction
from distribution.models.settings import AgreementKind
from distribution.prediction import decide_afresh, predict, predict_stale, totals
from distribution.routing import Route, Wait
from distribution.states import AgreementStatus
from tests.factories import ADDRESS, make_company, make_customer, register_customer, set_choices, silence_register

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def look_up(customer: Customer) -> None:
    query = query_of(case_of_customer(customer, terms_of([customer.company])[customer.company_id]))
    assert query is not None
    lookups.remember(lookups.ask([query]))


def test_it_says_the_channel_today_and_the_one_after_activation() -> None:
    company = make_company(activated=False)
    customer = make_customer(company, method=Method.EINVOICE, email="kunde@firma.test")
    look_up(customer)

    predict(company)

    prediction = Prediction.objects.get(customer=customer)
    assert (prediction.channel_now, prediction.channel_after) == ("", "email")
    assert totals(company).now == {"held": 1}
    assert totals(company).after == {"email": 1}


def test_a_customer_never_looked_up_waits_and_is_not_read_as_not_registered() -> None:
    company = make_company()
    customer = make_customer(company, email="kunde@firma.test")

    predict(company)

    assert Prediction.objects.get(customer=customer).waits_now


@pytest.mark.parametrize("change", ["customer", "parent", "settings", "agreement", "activation", "register"])
def test_any_change_of_what_it_was_made_of_makes_it_stale(change: str) -> None:
    company = make_company(activated=False)
    parent = make_customer(company, method=Method.EINVOICE, **ADDRESS)
    customer = make_customer(company, method="", parent=parent, email="kunde@firma.test")
    look_up(parent)
    predict(company)
    assert totals(company).stale == 0

    if change == "customer":
        Customer.objects.filter(pk=customer.pk).update(email="ny@firma.test", changed_at=timezone.now())
    elif change == "parent":
        Customer.objects.filter(pk=parent.pk).update(town="Bergen", changed_at=timezone.now())
    elif change == "settings":
        set_choices(company, never_email=True)
    elif change == "agreement":
        set_agreement(company, AgreementKind.B2B, AgreementStatus.SUSPENDED)
    elif change == "activation":
        activate(company, None)
    else:
        register_customer(parent)
        look_up(parent)

    assert totals(company).stale > 0
    predict_stale(company)
    assert totals(company).stale == 0


def test_the_same_answer_again_makes_nothing_stale() -> None:
    company = make_company()
    customer = make_customer(company)
    look_up(customer)
    predict(company)

    look_up(customer)

    assert totals(company).stale == 0


def test_a_single_customer_is_decided_afresh() -> None:
    customer = make_customer(make_company(), email="kunde@firma.test")
    register_customer(customer)
    decision = decide_afresh(customer)
    assert isinstance(decision, Route)
    assert decision.channel == "einvoice"

    silence_register()
    assert isinstance(decide_afresh(customer), Wait)


def test_the_number_of_queries_does_not_grow_with_the_customers() -> None:
    def queries(company_size: int) -> int:
        company = make_company()
        for _ in range(company_size):
            make_customer(company, email="kunde@firma.test")
        with CaptureQueriesContext(
            connection,
        ) as captured:
            predict(company)
        return len(captured)

    assert queries(2) == queries(30)
