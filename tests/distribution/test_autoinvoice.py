"""AutoInvoice end to end, against the fake on a socket: T14-T18, T43-T47, T51-T59, F10, F11, R17, R25, R31, R32."""

import json
import logging
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.conf import LazySettings
from django.core import mail
from django.db import DatabaseError
from django.test import Client
from django.utils import timezone

from customers.models import Company, Customer, Kind, Membership, Role
from distribution import delivery, http
from distribution.accounts import hook_token_of, remove_account, save_account
from distribution.autoinvoice import client as api
from distribution.autoinvoice.breaker import BREAKERS
from distribution.delivery.ordering import NeedsConfirmation
from distribution.documents.invoice import DocumentType
from distribution.evidence import evidence
from distribution.models import Attempt, Delivery, Event, ProviderAccount
from distribution.prediction import predict
from distribution.ready import ready
from distribution.reasons import in_words
from distribution.states import Status
from distribution.timeline import words_of
from tests.autoinvoice import KEY, UUID_AT, company_with_keys, reachable, work
from tests.factories import ADDRESS, kinds, make_company, make_customer, make_user, out, queue, register
from tests.fake_autoinvoice import VENDOR, Remote

pytestmark = [pytest.mark.database, pytest.mark.django_db]
DAY = 24 * 60


def at_provider(provider: Remote, row: Delivery) -> dict[str, Any] | None:
    return provider.invoices().get(str(row.key))


def consumer(company: Company, **facts: Any) -> Customer:
    facts = {"phone": "90012345", "email": "ola@person.test", **ADDRESS, **facts}
    return make_customer(company, kind=Kind.PRIVATE, org_number="", **facts)


# --- eFaktura ---------------------------------------------------------------------------------------------------------


def test_T14_a_consumer_who_said_yes_gets_it_in_the_netbank(provider: Remote) -> None:
    customer = consumer(company_with_keys())
    register(("90012345", "efaktura"))

    row = work(queue(customer))
    provider.settle(row.key, "DELIVERED")
    row = work(row, minutes=10)

    assert (row.status, row.channel) == (Status.DELIVERED, "einvoice")
    form = (at_provider(provider, row) or {})["form"]
    assert (form["recipient_type"], form["route_order[]"], form["recipient_phone_number"]) == (
        ["consumer"], ["netbank"], ["+4790012345"],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("b2c", "registered", "days", "kind"),
    [
        ("none", "efaktura", 14, DocumentType.INVOICE),  # T15
        ("active", "", 14, DocumentType.INVOICE),  # T16
        ("active", "efaktura", 3, DocumentType.INVOICE),  # T17
        ("active", "efaktura", 14, DocumentType.CREDIT_NOTE),
    ],
)
def test_T15_T16_T17_what_is_no_eFaktura_takes_the_next_channel(
    provider: Remote, b2c: str, registered: str, days: int, kind: DocumentType
) -> None:
    company = company_with_keys(b2c=b2c)
    register(("90012345", registered))

    row = work(queue(consumer(company), days=days, kind=kind))

    assert (row.status, row.channel) == (Status.ACCEPTED, "email")
    assert at_provider(provider, row) is None


def test_T18_not_found_the_next_day_takes_the_next_channel_once(provider: Remote) -> None:
    customer = consumer(company_with_keys())
    register(("90012345", "efaktura"))
    first = work(queue(customer))
    work(first, minutes=DAY - 60)
    provider.settle(first.key, "FAILED", "Receiver not found")

    last = work(first, minutes=DAY + 60)
    work(first, minutes=DAY + 61)

    first.refresh_from_db()
    assert (first.status, first.refused, last.channel, last.status) == (Status.FAILED, True, "email", Status.ACCEPTED)
    assert Delivery.objects.filter(invoice=first.invoice).count() == 2
    told = kinds(first.invoice)
    assert told.count("came_back") == 1
    assert told.index("came_back") < told.index("chosen", told.index("came_back"))
    assert len(out("email")) == 1


# --- to the end -------------------------------------------------------------------------------------------------------


def test_delivered_ends_it_and_is_told_once(provider: Remote) -> None:
    row = work(queue(reachable()))
    assert (row.status, row.channel, row.reference) == (Status.ACCEPTED, "einvoice", str(row.key))
    assert row.due_at is not None

    provider.settle(row.key, "DELIVERED")
    row = work(row, minutes=10)
    work(row, minutes=DAY)

    assert (row.status, row.due_at) == (Status.DELIVERED, None)
    assert kinds(row.invoice).count("delivered") == 1


@pytest.mark.parametrize(
    ("words", "reason"),
    [("Duplicate invoice", "document_refused"), ("E-77", "provider_failed"), ("", "provider_failed")],
)
def test_R31_a_failure_that_is_not_about_the_recipient_waits_for_a_person(
    provider: Remote, words: str, reason: str
) -> None:
    row = work(queue(reachable()))
    provider.settle(row.key, "FAILED", words)

    row = work(row, minutes=10)

    assert (row.status, row.needs_person, row.reasons[0]["code"]) == (Status.HELD, True, reason)
    assert out("email") == []


def test_T45_an_error_of_the_provider_that_it_mends_itself_is_waited_for(provider: Remote) -> None:
    row = work(queue(reachable()))
    provider.settle(row.key, "PENDING", "422 Receiver not found")
    row = work(row, minutes=30)
    assert (row.status, out("email")) == (Status.ACCEPTED, [])

    provider.settle(row.key, "DELIVERED")

    assert work(row, minutes=2 * 60).status == Status.DELIVERED


def test_T55_T56_pending_for_days_is_told_once_and_the_status_stays(
    provider: Remote, caplog: pytest.LogCaptureFixture
) -> None:
    row = work(queue(reachable()))
    make_user(is_staff=True)
    told = len(mail.outbox)

    for hours in (1, 24, 71, 74, 90, 200):
        row = work(row, minutes=hours * 60)

    assert row.status == Status.ACCEPTED
    assert row.due_at is not None
    assert kinds(row.invoice).count("still_pending") == 1
    assert len([one for one in caplog.records if one.levelno == logging.ERROR]) == 1
    assert len(mail.outbox) - told == 1
    assert work(row, minutes=46 * DAY).due_at is None


def test_F22_without_any_webhook_one_question_asks_about_many(
    provider: Remote, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer = reachable()
    rows = [work(row) for row in [queue(customer) for _ in range(3)]]
    for row in rows:
        provider.settle(row.key, "DELIVERED")
    asked = list[str]()

    def counted(method: str, url: str, **how: Any) -> http.Answer:
        asked.append(url)
        return call(method, url, **how)

    call = http.call
    monkeypatch.setattr("distribution.http.call", counted)

    assert {work(row, minutes=10).status for row in rows} == {Status.DELIVERED}
    assert len(asked) == 1


# --- what is not known ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["accept_then_cut", "accept_then_hang", "wrong_answer", "wrong_json"])
def test_T43_accepted_without_a_word_is_asked_for_and_followed(
    provider: Remote, settings: LazySettings, fault: str
) -> None:
    settings.LEASE_SECONDS = 4
    provider.fail(fault)
    row = work(queue(reachable()))
    assert row.status == Status.UNCERTAIN

    row = work(row, minutes=1)
    provider.settle(row.key, "DELIVERED")

    assert work(row, minutes=10).status == Status.DELIVERED
    assert Attempt.objects.filter(delivery__invoice=row.invoice).count() == 1
    assert len(out("email")) == 0


@pytest.mark.parametrize("fault", ["reset_before", "reset_after", "server_error"])
def test_T43_what_never_arrived_goes_again_under_the_same_key(provider: Remote, fault: str) -> None:
    provider.fail(fault)
    before = provider.truth()["again"]
    row = work(queue(reachable()))
    assert row.status == Status.UNCERTAIN

    row = work(row, minutes=1)

    assert (row.status, row.doubtful) == (Status.ACCEPTED, False)
    assert (at_provider(provider, row) or {})["times"] == 1
    assert provider.truth()["again"] == before
    assert {one.key for one in Attempt.objects.filter(delivery__invoice=row.invoice)} == {row.key}


@pytest.mark.parametrize(("fault", "pause"), [("busy", 70), ("temporary", 40)])
def test_R31_an_overload_is_left_alone_for_as_long_as_it_asks(provider: Remote, fault: str, pause: int) -> None:
    provider.fail(fault)
    row = work(queue(reachable()))
    assert row.status == Status.QUEUED

    assert work(row, minutes=(pause - 5) / 60).status == Status.QUEUED
    BREAKERS.clear()  # the monotonic clock does not travel
    assert work(row, minutes=(pause + 30) / 60).status == Status.ACCEPTED


@pytest.mark.parametrize("fault", ["busy", "temporary"])
def test_R31_the_rest_of_a_chunk_does_not_go_on_posting(
    provider: Remote, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    customer, posted, call = reachable(), list[str](), http.call

    def counted(method: str, url: str, **how: Any) -> http.Answer:
        posted.extend([url] if method == "POST" and url.endswith("/v1/invoices") else [])
        return call(method, url, **how)

    monkeypatch.setattr("distribution.http.call", counted)
    provider.fail(*[fault] * 6)
    rows = [queue(customer) for _ in range(6)]

    delivery.run()

    assert len(posted) == 1
    for row in rows:
        row.refresh_from_db()
        assert (row.status, row.tried) == (Status.QUEUED, 1)
        assert row.due_at is not None
        assert row.due_at > timezone.now() + timedelta(seconds=30)


def test_R31_the_last_attempt_is_made_before_the_hours_are_over_whatever_pause_was_asked_for(
    provider: Remote, settings: LazySettings
) -> None:
    settings.RETRY_HOURS = 0.01  # 36 seconds; the provider asks for 70
    provider.fail("busy")

    row = work(queue(reachable()))

    assert row.first_tried_at is not None
    assert row.due_at == row.first_tried_at + timedelta(hours=0.01)


def test_T46_already_there_and_ours_is_accepted_and_followed(provider: Remote) -> None:
    row = work(queue(reachable()))
    Delivery.objects.filter(pk=row.pk).update(status=Status.QUEUED)

    row = work(row, minutes=10)

    assert row.status == Status.ACCEPTED
    assert row.due_at is not None
    assert (at_provider(provider, row) or {})["times"] == 1


def test_T47_a_commit_that_fails_after_the_hand_over_is_repaired_by_asking(
    provider: Remote, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = queue(reachable())

    def fail(*_facts: object) -> None:
        raise DatabaseError("commit")

    with monkeypatch.context() as patched:
        patched.setattr("distribution.delivery.sending.record", fail)
        with pytest.raises(DatabaseError):
            delivery.run()

    row = work(row, minutes=2)

    assert row.status == Status.ACCEPTED
    assert (at_provider(provider, row) or {})["times"] == 1


def test_F3_while_the_outcome_is_not_known_nothing_goes_another_way(provider: Remote) -> None:
    provider.fail("accept_then_cut")

    row = work(queue(reachable()))

    assert Delivery.objects.filter(invoice=row.invoice).count() == 1
    assert out("email") + out("print") == []


def test_T51_T52_one_of_a_run_that_is_refused_stops_no_other_and_goes_once_when_mended(provider: Remote) -> None:
    company = company_with_keys()
    customer = reachable(company)
    provider.fail("", "refuse_document")
    rows = [queue(customer) for _ in range(3)]
    ended = [work(row) for row in rows]
    assert sorted(row.status for row in ended) == [Status.ACCEPTED, Status.ACCEPTED, Status.HELD]
    (held,) = [row for row in ended if row.status == Status.HELD]

    delivery.resend(held.invoice, make_user())
    row = work(held)

    assert row.status == Status.ACCEPTED
    assert sum(str(one.key) in provider.invoices() for one in held.invoice.deliveries.all()) == 1


def test_T54_a_second_sending_of_what_was_delivered_needs_a_confirmation(provider: Remote) -> None:
    row = work(queue(reachable()))
    provider.settle(row.key, "DELIVERED")
    row = work(row, minutes=10)

    with pytest.raises(NeedsConfirmation):
        delivery.resend(row.invoice, make_user())


# --- the account ------------------------------------------------------------------------------------------------------


def admin_of(company: Company) -> Client:
    user, client = make_user(), Client()
    Membership.objects.create(user=user, company=company, role=Role.ADMIN)
    client.force_login(user)
    return client


def test_without_keys_it_is_held_in_words_with_the_way_to_them(provider: Remote) -> None:
    company = make_company()
    row = work(queue(reachable(company)))
    client = admin_of(company)

    assert (row.status, row.reasons[0]["code"], row.tried) == (Status.HELD, "no_account", 0)
    assert "nøklene" in in_words(row.reasons)
    for page in ("/utsendelser/oppgaver/", f"/fakturaer/{row.invoice_id}/"):
        assert 'href="/mitt-firma/elektronisk-faktura/autoinvoice/"' in client.get(page).content.decode()
    assert ready([company]) == []

    client.post("/mitt-firma/elektronisk-faktura/autoinvoice/", {"company_uuid": str(UUID_AT), "user_api_key": KEY})
    client.get(f"/kunder/{row.invoice.customer_id}/")
    predict(company)
    (offered,) = ready([company])
    delivery.resend(offered.invoice, None)
    assert work(row).status == Status.ACCEPTED


def test_T59_an_empty_quota_holds_and_after_the_top_up_exactly_the_held_ones_go_once(provider: Remote) -> None:
    company = company_with_keys()
    customer = reachable(company)
    provider.fail(quota=1.0)
    rows = [work(queue(customer)) for _ in range(4)]
    assert {(row.status, row.reasons[0]["code"]) for row in rows} == {(Status.HELD, "account_refused")}
    predict(company)
    assert ready([company]) == []
    page = admin_of(company).get("/utsendelser/oppgaver/").content.decode()
    assert page.count("tar ikke imot fakturaer fra firmaet nå") == 1  # one notice, with the four below it

    provider.fail()
    admin_of(company).post("/mitt-firma/elektronisk-faktura/autoinvoice/", {"order": "try"})
    offered = ready([company])
    for row in offered:
        delivery.resend(row.invoice, None)
    ended = [work(row) for row in rows]

    assert {row.pk for row in offered} == {row.pk for row in rows}
    assert {row.status for row in ended} == {Status.ACCEPTED}
    assert all((at_provider(provider, row) or {})["times"] == 1 for row in ended)
    assert out("email") == []


def test_one_that_goes_after_all_opens_the_way_for_the_others(provider: Remote) -> None:
    company = company_with_keys()
    provider.fail("quota")
    work(queue(reachable(company)))
    assert ProviderAccount.objects.get().stopped_at is not None

    work(queue(reachable(company)))

    assert ProviderAccount.objects.get().stopped_at is None


def test_keys_removed_while_an_outcome_is_open_end_with_a_person(provider: Remote) -> None:
    company = company_with_keys()
    provider.fail("accept_then_cut")
    row = work(queue(reachable(company)))
    remove_account(company, None)

    for hours in (1, 12, 25, 27):
        row = work(row, minutes=hours * 60)

    assert (row.status, row.needs_person) == (Status.UNCERTAIN, True)


def test_R32_keys_of_another_account_do_not_say_that_it_is_not_there(provider: Remote) -> None:
    customer = reachable()
    provider.fail("accept_then_cut")
    row = work(queue(customer))
    provider.fail()
    theirs = str(uuid4())
    provider.company(keys={str(UUID_AT): KEY, theirs: "andre-nokler-4712"})
    save_account(customer.company, None, company_uuid=UUID(theirs), user_api_key="andre-nokler-4712")

    row = work(row, minutes=30)
    assert (row.status, row.tried) == (Status.UNCERTAIN, 1)

    save_account(customer.company, None, company_uuid=UUID_AT, user_api_key=KEY)
    row = work(row, minutes=DAY / 2)
    assert (row.status, row.tried, row.channel) == (Status.ACCEPTED, 1, "einvoice")


OTHER_KEY = "andre-nokler-4712"


def change_account(provider: Remote, company: Company) -> None:
    theirs = uuid4()
    provider.company(keys={str(UUID_AT): KEY, str(theirs): OTHER_KEY})
    save_account(company, None, company_uuid=theirs, user_api_key=OTHER_KEY)


def test_R32_what_was_accepted_is_not_asked_about_with_the_keys_of_another_account_and_that_is_told_at_once(
    provider: Remote, caplog: pytest.LogCaptureFixture
) -> None:
    customer, ops = reachable(), make_user(is_staff=True)
    row = work(queue(customer))
    provider.settle(row.key, "FAILED", "Receiver not found")
    change_account(provider, customer.company)

    for minutes in (6, 30, 120, 4 * DAY, 10 * DAY):
        row = work(row, minutes=minutes)

    assert (row.status, row.channel) == (Status.ACCEPTED, "einvoice")
    (told,) = Event.objects.filter(invoice=row.invoice, kind="still_pending")
    assert told.at < timezone.now() + timedelta(minutes=10)
    assert "nøklene til et annet firma" in words_of(told)
    (message,) = [one for one in mail.outbox if one.to == [ops.email]]
    assert "nøklene" in message.body
    assert "ikke kan følges: 1" in message.subject
    assert not [one for one in caplog.records if one.levelno == logging.ERROR]


def test_R32_asked_with_its_own_keys_again_it_comes_to_its_end(provider: Remote) -> None:
    customer = reachable()
    row = work(queue(customer))
    provider.settle(row.key, "DELIVERED")
    change_account(provider, customer.company)
    row = work(row, minutes=30)
    fresh = work(queue(customer))
    provider.settle(fresh.key, "DELIVERED")

    assert (row.status, work(fresh, minutes=60).status) == (Status.ACCEPTED, Status.DELIVERED)
    save_account(customer.company, None, company_uuid=UUID_AT, user_api_key=KEY)
    assert work(row, minutes=3 * 60).status == Status.DELIVERED


def test_T56_one_that_comes_back_to_its_own_keys_can_still_be_told_of_as_slow(provider: Remote) -> None:
    customer = reachable()
    row = work(queue(customer))
    change_account(provider, customer.company)
    work(row, minutes=30)
    save_account(customer.company, None, company_uuid=UUID_AT, user_api_key=KEY)

    work(row, minutes=4 * DAY)
    work(row, minutes=5 * DAY)

    told = Event.objects.filter(invoice=row.invoice, kind="still_pending").order_by("pk")
    assert [bool(one.data["other_account"]) for one in told] == [True, False]


def test_R17_a_test_company_never_reaches_it(provider: Remote) -> None:
    company = company_with_keys(is_test=True)

    row = work(queue(reachable(company)))

    assert (row.status, len(out("einvoice")), at_provider(provider, row)) == (Status.ACCEPTED, 1, None)


def test_P9_each_company_speaks_with_its_own_keys(provider: Remote) -> None:
    """The other's are wrong, and nobody else's invoice suffers by it."""
    ours, theirs = company_with_keys(), company_with_keys()
    provider.company(keys={str(UUID_AT): KEY})
    ProviderAccount.objects.filter(company=theirs).update(company_uuid="99999999-89ab-cdef-0123-456789abcdef")
    mine, other = queue(reachable(ours)), queue(reachable(theirs))
    customers = [row.invoice.customer for row in (mine, other)]
    register(*[(f"0192:{one.org_number}", "invoice") for one in customers if one])

    assert (work(mine).status, work(other).status) == (Status.ACCEPTED, Status.HELD)


def test_F39_no_key_stands_in_a_log_an_event_an_attempt_or_the_evidence(
    provider: Remote, caplog: pytest.LogCaptureFixture
) -> None:
    company = company_with_keys()
    token = hook_token_of(ProviderAccount.objects.get())
    with caplog.at_level(logging.DEBUG):
        provider.fail("accept_then_cut", "quota", "server_error")
        rows = [work(queue(reachable(company)), minutes=1) for _ in range(3)]
        provider.company(keys={str(UUID_AT): "another"})
        api._tokens.clear()
        rows.append(work(queue(reachable(company))))
    written = [caplog.text, repr(list(Event.objects.values())), repr(list(Attempt.objects.values()))]
    written += [json.dumps(evidence(row.invoice)) for row in rows] + [repr(list(Delivery.objects.values()))]

    assert rows[-1].reasons[0]["code"] == "account_refused"
    for text in written:
        for secret in (KEY, str(UUID_AT), VENDOR, token):
            assert secret not in text
