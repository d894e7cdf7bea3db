"""Addresses that came back: marked on whoever owns them, known to lists, pages and workers, and cleared by a person (R6, R16, R22)."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from customers.models import Customer
from distribution import delivery
from distribution.bounced import bounced_of, clear, mark
from distribution.models import BouncedAddress, Prediction
from distribution.prediction import decide_afresh, look_up, predict, predict_stale
from distribution.reasons import in_words
from distribution.routing import Held, Route
from tests.distribution.test_customer_pages import looked_up
from tests.distribution.test_filling_in import fields_of, filled
from tests.factories import ADDRESS, delivery_of, make_company, make_customer, make_user, queue, register_customer
from tests.test_pages import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.database]
A, B = "a@firma.test", "b@firma.test"
WHEN = datetime(2026, 11, 24, 12, tzinfo=UTC)


def dead(customer: Customer, *addresses: str, answer: str = "550 5.1.1 unknown") -> Customer:
    with time_machine.travel(WHEN, tick=False):
        for address in addresses:
            assert mark(customer, address, answer)
    return Customer.objects.select_related("company", "parent").get(pk=customer.pk)


def way(customer: Customer) -> str:
    decision = decide_afresh(customer)
    return decision.channel if isinstance(decision, Route) else ""


def page(customer: Customer) -> str:
    return signed_in(customer.company).get(f"/kunder/{customer.pk}/").content.decode()


def test_where_all_came_back_the_next_channel_is_taken_and_the_reason_says_so() -> None:
    customer = dead(make_customer(make_company(), email=A, **ADDRESS), A)

    decision = decide_afresh(customer)

    assert isinstance(decision, Route)
    assert decision.channel == "print"
    assert f"E-posten til {A} kom i retur 24.11.2026, så det sendes ikke dit." in in_words(decision.reasons)


def test_where_some_are_left_it_goes_to_those_and_the_reason_names_the_other() -> None:
    decision = decide_afresh(dead(make_customer(make_company(), email=f"{A}, {B}"), A.upper()))

    assert isinstance(decision, Route)
    assert (decision.channel, decision.to) == ("email", (B,))
    assert f"Ikke til {A}: e-posten dit kom i retur 24.11.2026." in in_words(decision.reasons)


def test_only_the_channel_of_e_mail_is_affected() -> None:
    customer = dead(make_customer(make_company(), email=A), A)
    register_customer(customer)
    assert way(customer) == "einvoice"


def test_R22_an_invoice_address_that_came_back_gives_no_way_to_the_general_one() -> None:
    customer = dead(make_customer(make_company(), email=B, invoice_email=A, **ADDRESS), A)
    assert way(customer) == "print"


def test_R16_the_parents_address_is_marked_on_the_parent_and_its_branches_know() -> None:
    company = make_company()
    parent = make_customer(company, email=A)
    one, other = (make_customer(company, parent=parent, **ADDRESS) for _ in range(2))
    own = make_customer(company, parent=parent, email=B)

    dead(one, A)

    assert BouncedAddress.objects.get().customer_id == parent.pk
    assert [way(Customer.objects.get(pk=each.pk)) for each in (one, other, own)] == ["print", "print", "email"]


def test_P9_the_same_address_of_another_companys_customer_is_well() -> None:
    dead(make_customer(make_company(), email=A), A)
    assert way(make_customer(make_company(), email=A)) == "email"


def test_an_address_that_nobody_has_any_more_is_not_marked() -> None:
    assert not mark(make_customer(make_company(), email=A), B, "550")


def test_another_address_makes_the_mark_moot_and_the_same_one_again_does_not() -> None:
    customer = dead(make_customer(make_company(), email=A), A)

    for typed, expected in ((B, "email"), (A, "")):
        customer.email = typed
        customer.save(update_fields=["email"])
        assert way(customer) == expected


def test_marks_of_many_customers_are_one_question() -> None:
    company = make_company()
    customers = [dead(make_customer(company, email=A), A) for _ in range(5)]
    with CaptureQueriesContext(connection) as asked:
        assert len(bounced_of(customers)) == 5
    assert len(asked) == 1
    assert bounced_of([]) == {}


def test_R6_the_stored_prediction_is_stale_by_a_mark_and_by_its_clearing() -> None:
    company = make_company()
    customer = make_customer(company, email=A, **ADDRESS)
    branch = make_customer(company, parent=customer, **ADDRESS)
    look_up(company)
    predict(company)
    assert mark(customer, A, "550")

    assert predict_stale(company) == 2
    now = dict(Prediction.objects.values_list("customer", "channel_now"))
    assert now == {customer.pk: "print", branch.pk: "print"}
    assert Prediction.objects.get(pk=customer.pk).missing == ["email"]

    clear(customer, A, make_user())
    assert predict_stale(company) == 2
    assert set(Prediction.objects.values_list("channel_now", flat=True)) == {"email"}


def test_P3_P4_the_worker_knows_it_at_the_claim() -> None:
    customer = make_customer(make_company(), email=A, **ADDRESS)
    row = queue(customer)
    mark(customer, A, "550")

    while delivery.run():
        pass

    assert delivery_of(row.invoice).channel == "print"
    assert delivery_of(row.invoice).facts["bounced"] == [A]


def test_R37_e_mail_is_not_offered_by_hand_before_somebody_says_that_it_is_well() -> None:
    customer = make_customer(make_company(), email=A, **ADDRESS)
    row = queue(customer)
    while delivery.run():
        pass
    mark(customer, A, "550")
    assert "email" not in delivery.ways(row.invoice)
    clear(customer, A, make_user())
    assert "email" in delivery.ways(row.invoice)


def test_the_page_shows_the_day_and_the_words_and_one_click_uses_it_again() -> None:
    customer = dead(make_customer(make_company(), email=A, **ADDRESS), A)
    client = signed_in(customer.company)
    shown = client.get(f"/kunder/{customer.pk}/").content.decode()
    assert f"E-posten til {A} kom i retur 24.11.2026." in shown
    assert "550 5.1.1 unknown" in shown

    for _ in range(2):
        answer = client.post(f"/kunder/{customer.pk}/bruk-adressen/", {"address": A})
        assert answer.status_code == 302

    shown = client.get(f"/kunder/{customer.pk}/").content.decode()
    assert "Bruk adressen igjen" not in shown
    assert "Adressen brukes igjen" in shown
    (row,) = BouncedAddress.objects.all()
    assert (row.cleared_by_id, row.cleared_at is not None) == (int(client.session["_auth_user_id"]), True)
    assert way(customer) == "email"


def test_an_address_can_come_back_once_more_after_it_was_cleared() -> None:
    customer = dead(make_customer(make_company(), email=A), A)
    clear(customer, A, make_user())
    dead(customer, A)
    assert BouncedAddress.objects.count() == 2
    assert way(customer) == ""


def test_a_branch_shows_the_mark_of_its_parents_address_and_the_button_is_the_parents() -> None:
    company = make_company()
    parent = make_customer(company, email=A)
    branch = dead(make_customer(company, parent=parent), A)
    assert f'action="/kunder/{parent.pk}/bruk-adressen/"' in page(branch)


def test_what_the_mail_server_said_is_shown_as_text() -> None:
    assert "<script>alert" not in page(
        dead(make_customer(make_company(), email=A), A, answer="<script>alert(1)</script>")
    )


def test_a_strangers_customer_is_not_there() -> None:
    customer = dead(make_customer(make_company(), email=A), A)
    answer = signed_in(make_company()).post(f"/kunder/{customer.pk}/bruk-adressen/", {"address": A})
    assert (answer.status_code, BouncedAddress.objects.get().cleared_at) == (404, None)


def test_what_is_missing_is_an_e_mail_and_filling_in_another_one_mends_it() -> None:
    company = make_company()
    customer = dead(make_customer(company, email=B, invoice_email=A), A)
    client = looked_up(company)
    assert fields_of(client) == [("invoice_email", "address_line", "postcode", "town")]

    answer = filled(client, customer, invoice_email="ny@firma.test")

    assert answer.status_code == 302
    assert way(Customer.objects.get(pk=customer.pk)) == "email"
    assert fields_of(client) == []


def test_R27_before_activation_the_customer_of_e_mail_is_held_in_words() -> None:
    decision = decide_afresh(dead(make_customer(make_company(activated=False), email=A, **ADDRESS), A))
    assert isinstance(decision, Held)
    assert "kom i retur" in in_words(decision.reasons)
