"""R38: two documents with one type and number; and R37, the confirmation that a double takes."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from distribution import delivery
from distribution.delivery import OpenRun, cancel, resend
from distribution.models import Delivery
from distribution.reasons import in_words
from distribution.states import Status
from tests.factories import delivery_of, kinds, make_company, make_customer, make_user, queue, set_choices, take_in, ubl
from tests.smtp_sink import Sink

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def work(row: Delivery) -> Delivery:
    while delivery.run() + delivery.sweep():
        pass
    return delivery_of(row.invoice)


def test_R38_the_same_bytes_are_the_same_invoice() -> None:
    customer = make_customer(make_company(), email="kunde@firma.test")
    content = ubl(customer)

    first, second = take_in(customer, content=content), take_in(customer, content=content)

    assert (first.new, second.new) == (True, False)
    assert second.invoice == first.invoice
    assert Delivery.objects.count() == 1


def test_R38_a_number_sent_within_seven_days_is_held_with_a_link_to_that_one() -> None:
    customer = make_customer(make_company(), email="kunde@firma.test")
    first = work(queue(customer, number="77"))

    second = work(queue(customer, number="77", days=20))

    assert (first.status, second.status) == (Status.ACCEPTED, Status.HELD)
    assert second.reasons[0]["facts"]["invoice"] == first.invoice_id
    assert "alt sendt" in in_words(second.reasons)
    assert "number_used_before" in kinds(second.invoice)
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        assert work(queue(customer, number="77", days=30)).status == Status.ACCEPTED


def test_R38_one_that_was_sent_counts_though_its_second_sending_was_stopped() -> None:
    customer, user = make_customer(make_company(), email="kunde@firma.test"), make_user()
    first = work(queue(customer, number="77"))
    cancel(resend(first.invoice, user, confirmed=True), user)

    assert work(queue(customer, number="77", days=20)).status == Status.HELD


def test_R38_two_with_one_number_that_came_together_do_not_both_go() -> None:
    customer, run = make_customer(make_company(), email="kunde@firma.test"), OpenRun(None, "test")
    rows = [queue(customer, number="77", days=days, run=run) for days in (14, 20, 30)]

    assert [work(row).status for row in rows] == [Status.ACCEPTED, Status.HELD, Status.HELD]


def test_R38_the_words_tell_waiting_and_perhaps_from_sent(smtp: Sink) -> None:
    customer, run = make_customer(make_company(), email="kunde@firma.test"), OpenRun(None, "test")
    smtp.hang_up = True
    rows = [queue(customer, number="77", days=days, run=run) for days in (14, 20)]
    delivery.run()

    waits = delivery_of(rows[1].invoice)
    doubts = work(queue(customer, number="77", days=30))

    assert (waits.status, doubts.status) == (Status.HELD, Status.HELD)
    assert "alt på vei" in in_words(waits.reasons)
    assert "kanskje alt sendt" in in_words(doubts.reasons)


def test_R38_the_page_links_to_the_other_one(client: Client) -> None:
    company, user = make_company(), make_user()
    company.memberships.create(user=user, role="accountant")
    customer = make_customer(company, email="kunde@firma.test")
    first = work(queue(customer, number="77"))
    second = work(queue(customer, number="77", days=20))
    client.force_login(user)

    for page in (reverse("invoice", args=[second.invoice_id]), reverse("run", args=[second.invoice.run_id])):
        assert f'href="{reverse("invoice", args=[first.invoice_id])}">Se den andre' in client.get(page).content.decode()


def test_R38_with_the_switch_off_it_goes_with_the_fact_on_its_timeline() -> None:
    company = make_company()
    set_choices(company, hold_duplicates=False)
    customer = make_customer(company, email="kunde@firma.test")
    work(queue(customer, number="77"))

    row = work(queue(customer, number="77", days=20))

    assert row.status == Status.ACCEPTED
    assert "number_used_before" in kinds(row.invoice)


def test_R38_route_holds_the_second_of_two_files_with_one_number(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    customer = make_customer(make_company(), email="kunde@firma.test")
    for name, days in (("a.xml", 14), ("b.XML", 20)):
        (tmp_path / name).write_bytes(ubl(customer, number="77", days=days))

    call_command("route", str(tmp_path), "--company", customer.company.org_number, "--json")

    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert (first["channel"], second["channel"], second["status"]) == ("email", None, "held")
    assert "alt på vei" in second["reason"]


def test_R37_a_confirmed_double_is_an_event_of_its_own() -> None:
    customer, user = make_customer(make_company(), email="kunde@firma.test"), make_user()
    work(queue(customer, number="77"))
    held = work(queue(customer, number="77", days=20))

    resend(held.invoice, user, confirmed=True)

    assert work(held).status == Status.ACCEPTED
    assert held.invoice.events.filter(kind="double_confirmed", user=user).count() == 1
