"""What a provider calls us with (T57, T58, F21, P6): stored raw, and whatever comes in whatever order ends in the same states."""

import json
import logging
from typing import Any
from unittest import mock

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from customers.models import Company
from distribution import delivery, receipts
from distribution.accounts import hook_token_of, save_account
from distribution.channels.base import News
from distribution.delivery.following import found_out
from distribution.frozen import sha256_of
from distribution.models import Delivery, Event, ProviderAccount, ProviderNews
from distribution.states import Settled, Status
from tests.autoinvoice import KEY, UUID_AT, company_with_keys, reachable, work
from tests.factories import delivery_of, kinds, out, queue
from tests.fake_autoinvoice import Remote

pytestmark = [pytest.mark.database, pytest.mark.django_db]


@pytest.fixture
def provider(provider: Remote) -> Remote:
    provider.company(hooks=[])
    return provider


def address(company: Company) -> str:
    return f"/hooks/autoinvoice/{hook_token_of(ProviderAccount.objects.get(company=company))}"


def post(company: Company, body: object) -> int:
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    return client.post(address(company), text, content_type="application/json").status_code


def told(row: Delivery, event: str = "DOCUMENTS.INVOICE.DELIVERED") -> dict[str, Any]:
    return {"event": event, "invoice": {"id": str(row.key)}}


def test_a_webhook_makes_the_truth_known_at_the_next_sweep(provider: Remote) -> None:
    row = work(queue(reachable()))
    provider.settle(row.key, "DELIVERED")

    assert post(row.company, provider.hooks()[0]) == 204

    assert work(row).status == Status.DELIVERED
    assert {one.settled for one in ProviderNews.objects.all()} == {Settled.APPLIED}


def test_F21_what_a_forger_says_is_looked_up_and_nothing_of_it_believed(provider: Remote) -> None:
    row = work(queue(reachable()))

    assert post(row.company, told(row, "DOCUMENTS.INVOICE.FAILED")) == 204

    assert work(row).status == Status.ACCEPTED
    assert kinds(row.invoice)[-1] == "accepted"


def test_T57_twice_and_reversed_and_unknown_events_are_one_event_and_the_right_state(provider: Remote) -> None:
    row = work(queue(reachable()))
    provider.settle(row.key, "PENDING", "422, will try again")
    provider.settle(row.key, "DELIVERED")
    hooks = [*reversed(provider.hooks()), *provider.hooks(), told(row, "DOCUMENTS.SOMETHING.NEW")]

    for hook in hooks:
        assert post(row.company, hook) == 204
        work(row)
    assert post(row.company, hooks[0]) == 204

    row = work(row)
    assert row.status == Status.DELIVERED
    assert kinds(row.invoice).count("delivered") == 1


def test_T57_before_our_own_row_it_waits_for_it(provider: Remote) -> None:
    row = queue(reachable())
    early = told(row)
    provider.fail("accept_then_cut")
    with transaction.atomic():
        assert post(row.company, early) == 204
    receipts.follow()
    assert ProviderNews.objects.get().settled_at is None
    work(row)
    provider.settle(row.key, "DELIVERED")
    receipts.follow()  # our row is uncertain still

    row = work(row, minutes=1)

    assert row.status == Status.DELIVERED
    assert ProviderNews.objects.filter(settled_at__isnull=True).count() == 0


def test_news_of_an_invoice_that_is_not_ours_is_parked_and_kept(provider: Remote) -> None:
    row = work(queue(reachable()))
    other = company_with_keys()
    nobody = {"id": "00000000-0000-4000-8000-000000000000", "event": "E"}
    provider.settle(row.key, "DELIVERED")

    for body in (nobody, told(row), b"<html>", b"\xff\x00"):  # the second is another company's
        assert post(other, body) == 204
    work(row, minutes=2 * 24 * 60)

    assert set(ProviderNews.objects.filter(company=other).values_list("settled", flat=True)) == {Settled.PARKED}
    assert ProviderNews.objects.filter(company=other).count() == 4


def test_late_news_of_what_went_another_way_stands_on_the_timeline_once(provider: Remote) -> None:
    first = work(queue(reachable()))
    provider.settle(first.key, "FAILED", "Receiver not found")
    post(first.company, told(first, "DOCUMENTS.INVOICE.FAILED"))
    last = work(first)
    assert (last.channel, last.status) == ("email", Status.ACCEPTED)

    provider.settle(first.key, "DELIVERED")
    for number in range(3):
        post(first.company, {**told(first), "number": number})
        work(first)

    first.refresh_from_db()
    assert (first.status, len(out("email")), kinds(first.invoice).count("late_news")) == (Status.FAILED, 1, 1)


def test_T67_delivered_and_back_after_all_takes_the_next_channel(provider: Remote) -> None:
    row = work(queue(reachable()))
    provider.settle(row.key, "DELIVERED")
    row = work(row, minutes=10)
    provider.settle(row.key, "FAILED", "Receiver not found")
    post(row.company, told(row, "DOCUMENTS.INVOICE.FAILED"))

    last = work(row)

    assert (last.channel, last.status) == ("email", Status.ACCEPTED)
    assert kinds(row.invoice).count("came_back") == 1


def test_one_that_a_person_has_sent_again_meanwhile_opens_no_second_channel(provider: Remote) -> None:
    row = work(queue(reachable()))
    delivery.resend(row.invoice, None, confirmed=True)
    provider.settle(row.key, "FAILED", "Receiver not found")

    work(row, minutes=10)

    row.refresh_from_db()
    assert row.status == Status.FAILED
    assert Delivery.objects.filter(invoice=row.invoice).count() == 2
    assert out("email") == []


def test_T58_what_could_not_be_stored_is_answered_with_an_error_and_its_replay_completes(provider: Remote) -> None:
    customer = reachable()
    rows = [work(row) for row in [queue(customer), queue(customer)]]
    for row in rows:
        provider.settle(row.key, "DELIVERED")
    batch, real = [told(row) for row in rows], receipts._named

    def half(*facts: Any) -> Any:
        raise DatabaseError(str(real))

    with mock.patch("distribution.receipts._named", half):
        assert post(customer.company, batch) == 500
    assert ProviderNews.objects.count() == 0
    assert post(customer.company, batch) == 204

    assert {work(row).status for row in rows} == {Status.DELIVERED}


def test_F16_one_row_that_nobody_can_write_does_not_stand_before_the_others(
    provider: Remote, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer = reachable()
    poison, good = (work(row) for row in [queue(customer), queue(customer)])
    for row in (poison, good):
        provider.settle(row.key, "DELIVERED")

    def stumble(row: Delivery, truth: News) -> bool:
        if row.pk == poison.pk:
            raise ZeroDivisionError
        return found_out(row, truth)

    monkeypatch.setattr("distribution.receipts.found_out", stumble)

    assert work(good, minutes=10).status == Status.DELIVERED
    assert delivery_of(poison.invoice).status == Status.ACCEPTED


def test_the_door_is_narrow(provider: Remote, monkeypatch: pytest.MonkeyPatch) -> None:
    company = company_with_keys()
    client, ours = Client(), address(company)

    assert client.post("/hooks/autoinvoice/unknown", b"{}", content_type="application/json").status_code == 404
    assert client.get(ours).status_code == 405
    assert post(company, b"x" * 256_001) == 413
    save_account(company, None, company_uuid=UUID_AT, user_api_key=KEY)
    assert client.post(ours, b"{}", content_type="application/json").status_code == 404  # new keys, new address
    monkeypatch.setattr("distribution.views.hooks.MOST", 2)
    assert [post(company, {"id": str(number)}) for number in range(3)] == [204, 204, 429]


def test_a_minute_counts_what_comes_in_now_as_well(provider: Remote, monkeypatch: pytest.MonkeyPatch) -> None:
    company = company_with_keys()
    monkeypatch.setattr("distribution.views.hooks.MOST", 3)

    assert post(company, [{"id": str(number)} for number in range(4)]) == 429
    assert post(company, [{"id": str(number)} for number in range(2)]) == 204
    assert post(company, [{"id": str(number)} for number in range(2, 4)]) == 429
    assert ProviderNews.objects.count() == 2


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b'{"id": "1\\u0000", "event": "\\u0000"}',
        b'{"id": "\\ud83d", "event": "\\ud83d"}',
        b'{"id": "' + b"9" * 5000 + b'"}',
        b'{"id": ' + b"9" * 5000 + b"}",
    ],
    # pytest puts the name into the environment, and no process starts with 250,000 bytes there.
    ids=["lists", "objects", "NUL", "half a character", "long text", "long number"],
)
def test_what_no_database_and_no_parser_takes_is_kept_and_hints_at_nothing(provider: Remote, body: bytes) -> None:
    company = company_with_keys()

    assert post(company, body) == 204
    assert post(company, body) == 204

    assert [one.reference for one in ProviderNews.objects.all()] == [""]


def test_a_text_that_names_thousands_is_kept_once_and_is_no_more_than_a_hundred_hints(provider: Remote) -> None:
    company = company_with_keys()
    body = json.dumps([{"id": f"n{number}"} for number in range(12_000)]).encode()

    assert post(company, body) == 204
    assert post(company, body) == 204

    news = list(ProviderNews.objects.order_by("pk"))
    assert len(news) == 100
    assert [len(one.body) for one in news] == [len(body)] + [0] * 99
    assert {one.sha256 for one in news} == {sha256_of(body)}


def test_R35_news_are_written_once(provider: Remote) -> None:
    row = work(queue(reachable()))
    provider.settle(row.key, "DELIVERED")
    work(row, minutes=10)
    news = ProviderNews.objects.get()
    assert json.loads(news.body)["status"] == "DELIVERED"

    with pytest.raises(DatabaseError), transaction.atomic():
        ProviderNews.objects.filter(pk=news.pk).update(body="{}")
    with pytest.raises(DatabaseError), transaction.atomic():
        news.delete()


FATES = {"DELIVERED": "", "FAILED": "Receiver not found", "PENDING": "422", "BROKEN": "E-77"}


@given(data=st.data())
@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_P6_the_whole_history_in_any_order_and_number_ends_the_same(provider: Remote, data: st.DataObject) -> None:
    """Three invoices with their fates: the webhooks once and in order, or in any other way, with sweeps in between."""
    fates = data.draw(st.lists(st.sampled_from(sorted(FATES)), min_size=1, max_size=3))
    ends = []
    for shuffled in (False, True):
        with transaction.atomic():
            ends.append(_played(provider, fates, data if shuffled else None))
            transaction.set_rollback(True)
    assert ends[0] == ends[1]


def _played(provider: Remote, fates: list[str], data: st.DataObject | None) -> list[tuple[Any, ...]]:
    customer = reachable(company_with_keys())
    logging.disable(logging.CRITICAL)
    provider.company(hooks=[])
    rows = [work(row) for row in [queue(customer) for _ in fates]]
    for row, fate in zip(rows, fates, strict=True):
        provider.settle(row.key, "FAILED" if fate == "BROKEN" else fate, FATES[fate])
    hooks = [*provider.hooks(), told(rows[0], "UNKNOWN.EVENT"), {"id": "of nobody"}]
    if data is not None:
        hooks = data.draw(st.lists(st.sampled_from(hooks), max_size=3)) + data.draw(st.permutations(hooks))
    for hook in hooks:
        post(customer.company, hook)
        if data is not None and data.draw(st.booleans()):
            work(rows[0])
    work(rows[0])
    logging.disable(logging.NOTSET)
    return [_end(row) for row in rows]


def _end(row: Delivery) -> tuple[Any, ...]:
    row.refresh_from_db()
    last = delivery_of(row.invoice)
    events = list(Event.objects.filter(invoice=row.invoice).order_by("pk").values_list("kind", flat=True))
    return row.status, last.status, last.channel, events
