"""«Samle e-post til bruker i én e-post» (R20): one mail with a zip for all that a run sends to the same user, and none of them lost
or twice whatever becomes of it (R31, R32, R33)."""

import io
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import LazySettings
from django.db import transaction
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from customers.models import Company, Customer, Method, User
from distribution import delivery
from distribution.channels.email.smtp import Smtp
from distribution.delivery import LostClaim, OpenRun, cancel, recording, resend, returning, running, sending, settle
from distribution.delivery.bundling import may_share
from distribution.delivery.claiming import RELATED
from distribution.delivery.ordering import NotNow
from distribution.facts import cases_of
from distribution.models import Attempt, Delivery, Event
from distribution.report import balances, report
from distribution.routing import Route
from distribution.states import ChannelName, Outcome, Status
from distribution.timeline import words_of
from tests.factories import delivery_of, make_company, make_customer, make_user, out, queue, set_choices, take_in
from tests.pdfs import small_pdf
from tests.smtp_sink import Sink

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def company() -> Company:
    made = make_company()
    set_choices(made, zip_to_user=True)
    return made


@pytest.fixture
def user() -> User:
    return make_user("regnskap@kontor.test")


def of_his_own(company: Company, **facts: Any) -> Customer:
    return make_customer(company, method=Method.SELF, **facts)


def send(number: int, company: Company, user: User, size: int = 0) -> OpenRun:
    run, customer = OpenRun(user, "test"), of_his_own(company)
    for _ in range(number):
        take_in(customer, run=run, user=user, own_pdf=small_pdf(size))
    return run


def work() -> None:
    while delivery.run() + delivery.sweep():
        pass


def rows() -> list[Delivery]:
    return list(Delivery.objects.order_by("pk"))


def statuses() -> set[str]:
    return {row.status for row in rows()}


def zipped(smtp: Sink) -> list[str]:
    """The names in the only mail's zip, whose files are all PDFs."""
    (attached,) = smtp.message().iter_attachments()
    with zipfile.ZipFile(io.BytesIO(attached.get_content())) as archive:
        assert all(archive.read(name).startswith(b"%PDF") for name in archive.namelist())
        return archive.namelist()


def test_R20_one_run_comes_as_one_mail_with_a_zip(smtp: Sink, company: Company, user: User) -> None:
    run = send(4, company, user)

    work()

    assert smtp.recipients == [[user.email]]
    numbers = sorted(row.invoice.number for row in rows())
    assert sorted(zipped(smtp)) == [f"Faktura-{number}.pdf" for number in numbers]
    assert statuses() == {Status.ACCEPTED}
    assert run.row is not None
    assert report(run.row.invoices.all())["to_user"] == 4
    assert Attempt.objects.count() == 1, "one call to the outside, one record of it (T89)"


def test_two_files_of_one_name_are_two_in_the_zip(smtp: Sink, company: Company, user: User) -> None:
    run = OpenRun(user, "test")
    set_choices(company, hold_duplicates=False)
    for number in ("7", "7", "8"):
        take_in(of_his_own(company), run=run, user=user, number=number)

    work()

    assert sorted(zipped(smtp)) == ["Faktura-7-2.pdf", "Faktura-7.pdf", "Faktura-8.pdf"]


def test_the_timeline_of_each_says_that_it_went_with_others(smtp: Sink, company: Company, user: User) -> None:
    send(3, company, user)
    work()

    for row in rows():
        told = " ".join(words_of(event) for event in Event.objects.filter(delivery=row).order_by("pk"))
        assert "i én zip-fil" in told
        assert "Tatt imot" in told


def test_without_the_setting_each_comes_by_itself(smtp: Sink, user: User) -> None:
    send(3, make_company(), user)

    work()

    assert len(smtp.accepted) == 3


def test_a_single_one_comes_as_it_always_did(smtp: Sink, company: Company, user: User) -> None:
    send(1, company, user)

    work()

    (attached,) = smtp.message().iter_attachments()
    assert attached.get_content_type() == "application/pdf"


def test_R20_another_run_another_user_and_another_company_are_mails_of_their_own(
    smtp: Sink, company: Company, user: User
) -> None:
    other = make_company()
    set_choices(other, zip_to_user=True)
    for whose, of_whom in ((company, user), (company, user), (company, make_user()), (other, user)):
        send(2, whose, of_whom)

    work()

    assert len(smtp.accepted) == 4
    assert statuses() == {Status.ACCEPTED}


def test_only_what_goes_to_the_user_goes_in_the_zip(smtp: Sink, company: Company, user: User) -> None:
    run = send(2, company, user)
    take_in(make_customer(company, email="kunde@firma.test"), run=run, user=user)

    work()

    assert sorted(smtp.recipients) == [["kunde@firma.test"], [user.email]]


def test_R31_a_temporary_error_tries_the_same_zip_again(smtp: Sink, company: Company, user: User) -> None:
    send(3, company, user)
    smtp.data = "451 4.3.0 later"
    work()
    assert statuses() == {Status.QUEUED}

    smtp.data = ""
    with time_machine.travel(timezone.now() + timedelta(minutes=5)):
        work()

    assert len(zipped(smtp)) == 3
    assert statuses() == {Status.ACCEPTED}
    assert Attempt.objects.count() == 2


@pytest.mark.parametrize(("arrived", "mails"), [(True, 1), (False, 2)])
def test_R32_an_uncertain_zip_is_settled_for_all_by_one_word(
    smtp: Sink, company: Company, user: User, arrived: bool, mails: int
) -> None:
    send(3, company, user)
    smtp.hang_up = True
    work()
    assert statuses() == {Status.UNCERTAIN}

    smtp.hang_up = False
    settle(rows()[2].invoice, user, arrived=arrived)
    work()

    assert statuses() == {Status.ACCEPTED}
    assert len(smtp.accepted) == mails


@pytest.mark.parametrize("answer", ["550 5.1.1 no such user", "550 5.7.1 not from you"])
def test_R31_where_the_user_can_not_be_reached_each_stands_by_itself(
    smtp: Sink, company: Company, user: User, answer: str
) -> None:
    send(3, company, user)
    smtp.rcpt = answer

    work()

    assert {delivery_of(row.invoice).status for row in rows()} == {Status.HELD}
    assert balances(report(rows()[0].company.invoices.all()))


def come_back(leader: Delivery, outcome: Outcome = Outcome.RECIPIENT_REFUSED) -> None:
    with transaction.atomic():
        recording.come_back(leader, recording.Result(outcome, "550 5.1.1 no such user"))


def test_R31_a_zip_that_bounces_goes_to_that_address_no_second_time(smtp: Sink, company: Company, user: User) -> None:
    send(6, company, user)
    work()

    come_back(rows()[0])
    work()

    assert [recipients for recipients in smtp.recipients if recipients == [user.email]] == [[user.email]]
    assert Delivery.objects.filter(refused=True).count() == 6
    assert balances(report(rows()[0].company.invoices.all()))


def test_F37_a_zip_that_found_a_full_mailbox_waits_and_goes_again_for_all(
    smtp: Sink, company: Company, user: User
) -> None:
    send(3, company, user)
    work()
    with transaction.atomic():
        returning.soft_bounced(rows()[0], user.email, "552 5.2.2 mailbox full")
    assert statuses() == {Status.QUEUED}

    with time_machine.travel(timezone.now() + timedelta(hours=2)):
        work()

    assert statuses() == {Status.ACCEPTED}
    assert len(set(smtp.accepted)) == 1
    assert len(smtp.accepted) == 2


@pytest.mark.parametrize("later", [False, True], ids=["at once", "as a bounce"])
def test_R24_a_zip_that_is_too_large_for_the_server_goes_as_single_mails_with_their_PDFs(
    smtp: Sink, company: Company, user: User, later: bool
) -> None:
    send(3, company, user)
    if later:
        work()
        smtp.accepted.clear()
        with transaction.atomic():
            returning.too_large(rows()[0], user.email, "552 5.3.4 too big")
    else:
        smtp.data = "552 5.3.4 too big"
        delivery.run()
        smtp.data = ""
    work()

    assert {delivery_of(row.invoice).status for row in rows()} == {Status.ACCEPTED}
    assert len(smtp.accepted) == 3
    assert all(b"application/pdf" in one for one in smtp.accepted)


def of_three_customers(company: Company, user: User) -> None:
    run = OpenRun(user, "test")
    for _ in range(3):
        take_in(of_his_own(company), run=run, user=user, own_pdf=small_pdf())


@pytest.mark.parametrize("moved", [0, 1], ids=["the leader", "a follower"])
@pytest.mark.parametrize("how", ["full mailbox", "not arrived"])
def test_R37_what_has_gone_on_is_not_sent_again_with_the_zip(
    smtp: Sink, company: Company, user: User, moved: int, how: str
) -> None:
    of_three_customers(company, user)
    smtp.hang_up = how == "not arrived"
    work()
    smtp.hang_up = False
    gone = rows()[moved]
    Customer.objects.filter(invoices=gone.invoice).update(method=Method.AUTOINVOICE, email="kunde@firma.test")
    resend(gone.invoice, user, confirmed=True)
    work()
    smtp.accepted.clear()

    if how == "not arrived":
        settle(rows()[2].invoice, user, arrived=False)
    else:
        with transaction.atomic():
            returning.soft_bounced(rows()[0], user.email, "552 5.2.2 mailbox full")
    work()

    assert {delivery_of(row.invoice).status for row in rows()} == {Status.ACCEPTED}
    assert len(smtp.accepted) == 2, "the two that had not gone on, each by itself"
    assert smtp.recipients.count(["kunde@firma.test"]) == 1


@pytest.mark.parametrize("whose", [0, 1], ids=["the leader", "a follower"])
def test_R37_a_stop_that_was_clicked_on_an_old_page_comes_too_late(
    smtp: Sink, company: Company, user: User, whose: int
) -> None:
    send(3, company, user)
    smtp.data = "451 4.3.0 later"
    taken = running.take()
    seen = rows()[whose]
    sending.send_all(taken.departures, taken.ends)

    with pytest.raises(LostClaim):
        cancel(seen, user)

    smtp.data = ""
    with time_machine.travel(timezone.now() + timedelta(minutes=5)):
        work()
    assert statuses() == {Status.ACCEPTED}


def test_R37_one_that_is_stopped_while_the_zip_is_made_is_not_in_it(smtp: Sink, company: Company, user: User) -> None:
    send(3, company, user)
    taken = running.take()
    cancel(rows()[1], user)

    sending.send_all(taken.departures, taken.ends)
    work()

    assert [row.status for row in rows()] == [Status.ACCEPTED, Status.CANCELLED, Status.ACCEPTED]
    assert len(zipped(smtp)) == 2


def test_R37_a_bounce_of_the_zip_leaves_what_a_person_has_sent_since(smtp: Sink, company: Company, user: User) -> None:
    run = OpenRun(user, "test")
    for _ in range(3):
        take_in(of_his_own(company), run=run, user=user, own_pdf=small_pdf())
    work()
    second = rows()[1]
    Customer.objects.filter(invoices=second.invoice).update(method=Method.AUTOINVOICE, email="kunde@firma.test")
    resend(second.invoice, user, confirmed=True)
    work()

    come_back(rows()[0])
    work()

    assert smtp.recipients.count(["kunde@firma.test"]) == 1
    assert delivery_of(second.invoice).status == Status.ACCEPTED


def test_R31_a_zip_whose_document_is_refused_later_is_held_for_each(smtp: Sink, company: Company, user: User) -> None:
    send(3, company, user)
    work()

    come_back(rows()[0], Outcome.DOCUMENT_REFUSED)
    work()

    assert statuses() == {Status.HELD}
    assert len(smtp.accepted) == 1


def test_T49_one_lost_file_holds_its_own_invoice_and_takes_nobody_with_it(
    smtp: Sink, company: Company, user: User, data_dir: Path
) -> None:
    run = send(3, company, user)
    take_in(make_customer(make_company(), email="kunde@firma.test"), run=run, user=user)
    lost = rows()[1].invoice.sha256
    (data_dir / "frozen" / lost[:2] / lost[2:4] / lost).write_bytes(b"something else")

    work()

    assert [row.status for row in rows()] == [Status.ACCEPTED, Status.HELD, Status.ACCEPTED, Status.ACCEPTED]
    assert not Delivery.objects.filter(lease_until__gt=timezone.now()).exists()


def test_F42_what_no_longer_fits_the_lease_is_given_back_with_all_that_was_to_go_with_it(
    smtp: Sink, company: Company, user: User
) -> None:
    run = send(3, company, user)
    take_in(make_customer(make_company(), email="kunde@firma.test"), run=run, user=user)
    taken = running.take()

    sending.send_all(taken.departures, ends=0)

    assert not Delivery.objects.filter(status=Status.QUEUED, lease_until__gt=timezone.now()).exists()


def test_a_mail_to_a_customer_costs_no_question_about_zips(
    company: Company, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    row = queue(make_customer(company, email="kunde@firma.test"))
    row = Delivery.objects.select_related(*RELATED).get(pk=row.pk)
    case, route = cases_of([row])[row.pk], Route(ChannelName.EMAIL, ("kunde@firma.test",), ())

    with django_assert_num_queries(0):
        assert not may_share(row, case, route)


def test_a_zip_too_large_for_mail_is_several(smtp: Sink, company: Company, user: User, settings: LazySettings) -> None:
    settings.EMAIL_MAX_BYTES = 100_000
    send(6, company, user, size=20_000)

    work()

    assert 1 < len(smtp.accepted) < 6
    assert max(map(len, smtp.accepted)) <= 100_000
    assert statuses() == {Status.ACCEPTED}


def test_a_follower_can_not_be_stopped_alone(smtp: Sink, company: Company, user: User) -> None:
    send(2, company, user)
    smtp.data = "451 4.3.0 later"
    work()

    with pytest.raises(NotNow, match="sammen med andre"):
        cancel(rows()[1], user)


def test_where_the_first_is_stopped_the_others_go(smtp: Sink, company: Company, user: User) -> None:
    send(3, company, user)
    smtp.data = "451 4.3.0 later"
    work()
    smtp.data = ""

    cancel(rows()[0], user)
    work()

    assert [row.status for row in rows()] == [Status.CANCELLED, Status.ACCEPTED, Status.ACCEPTED]
    assert len(zipped(smtp)) == 2


class Killed(BaseException):
    pass


@pytest.mark.parametrize("when", ["before", "after"])
def test_R33_a_worker_that_dies_in_the_call_loses_none_and_doubles_none(
    smtp: Sink, company: Company, user: User, when: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(3, company, user)
    real: Callable[..., Any] = Smtp.send

    def die(self: Smtp, outgoing: Any) -> Any:
        if when == "after":
            real(self, outgoing)
        raise Killed

    monkeypatch.setattr(Smtp, "send", die)
    with pytest.raises(Killed):
        delivery.run()
    monkeypatch.setattr(Smtp, "send", real)
    with time_machine.travel(timezone.now() + timedelta(minutes=5)):
        work()
        assert statuses() == {Status.UNCERTAIN}
        settle(rows()[1].invoice, user, arrived=when == "after")
        work()

    assert statuses() == {Status.ACCEPTED}
    assert len(smtp.accepted) == 1


def test_R33_one_that_dies_before_the_call_leaves_them_free(
    smtp: Sink, company: Company, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(3, company, user)

    def die(*_: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr("distribution.delivery.sending.begin", die)
        with pytest.raises(Killed):
            delivery.run()
    with time_machine.travel(timezone.now() + timedelta(minutes=5)):
        work()

    assert statuses() == {Status.ACCEPTED}


def test_the_folder_holds_one_mail_and_can_be_asked_for_it(company: Company, user: User) -> None:
    send(3, company, user)

    work()

    assert len(out("to_user")) == 1
    assert statuses() == {Status.ACCEPTED}
