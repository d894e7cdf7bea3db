"""The engine when things go wrong (R25, R31-R34, R37, R38): each error class, each outage, a dead worker, a lost lease."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.conf import LazySettings
from django.utils import timezone

from customers.models import Customer, Method
from distribution import delivery, tasks
from distribution.channels.base import Accepted, AlreadySent, DocumentRefused, Outgoing, Temporary
from distribution.channels.folder import Folder
from distribution.channels.registry import TRANSPORTS
from distribution.delivery import LostClaim, OpenRun, cancel, move, resend, sending, settle
from distribution.delivery.claiming import claim_due
from distribution.delivery.ledger import WrongMove
from distribution.delivery.ordering import NeedsConfirmation, NotNow
from distribution.delivery.preparing import outgoing_of
from distribution.delivery.running import take
from distribution.documents.ubl import read
from distribution.models import Attempt, Delivery, Event, Invoice, Lookup
from distribution.reasons import in_words
from distribution.states import EventKind, Status
from tests.factories import (
    ADDRESS,
    delivery_of,
    kinds,
    make_company,
    make_customer,
    make_user,
    out,
    queue,
    register,
    register_customer,
    set_choices,
    silence_register,
    take_in,
)
from tests.smtp_sink import Sink

pytestmark = [pytest.mark.django_db, pytest.mark.database]


class Killed(BaseException):
    """As a SIGKILL: nothing of ours catches it."""


def work(row: Delivery) -> Delivery:
    while delivery.run() + delivery.sweep():
        pass
    return delivery_of(row.invoice)


def by_mail(**facts: object) -> Delivery:
    return queue(make_customer(make_company(), **{"email": "kunde@firma.test", **facts}))


def die_in_the_call(monkeypatch: pytest.MonkeyPatch, *, after: bool) -> None:
    """The worker is killed inside the folder's send, before or after the folder is there."""
    real = Folder.send

    def send(self: Folder, outgoing: Outgoing) -> Accepted:
        if after:
            real(self, outgoing)
        raise Killed

    monkeypatch.setattr(Folder, "send", send)


def test_R31_a_temporary_error_is_tried_again_later_on_the_same_channel(smtp: Sink) -> None:
    smtp.data = "451 4.3.0 try later"
    row = work(by_mail(**ADDRESS))

    assert (row.status, row.channel) == (Status.QUEUED, "email")
    assert row.due_at is not None
    assert timedelta(seconds=5) < row.due_at - timezone.now() < timedelta(seconds=15)
    smtp.data = ""
    with time_machine.travel(row.due_at + timedelta(seconds=1)):
        assert work(row).status == Status.ACCEPTED
    assert out("print") == []


def test_R31_it_gives_up_after_the_hours_and_a_person_can_retry(smtp: Sink) -> None:
    smtp.data = "451 4.3.0 try later"
    row, start = by_mail(), timezone.now()
    for hour in range(30):
        with time_machine.travel(start + timedelta(hours=hour)):
            row = work(row)
    assert row.status == Status.FAILED
    assert "24 timer" in in_words(row.reasons)

    smtp.data = ""
    with time_machine.travel(start + timedelta(hours=40)):
        resend(row.invoice, make_user())
        assert work(row).status == Status.ACCEPTED
    assert len(smtp.accepted) == 1


def test_R31_a_refused_recipient_moves_to_the_next_channel_once(smtp: Sink) -> None:
    smtp.rcpt = "550 5.1.1 no such user"

    row = work(by_mail(**ADDRESS))

    assert (row.status, row.channel) == (Status.ACCEPTED, "print")
    first = Delivery.objects.order_by("pk").first()
    assert first is not None
    assert (first.status, first.channel, first.refused) == (Status.FAILED, "email", True)
    assert "refused" in kinds(row.invoice)


def test_R31_a_refused_recipient_without_another_channel_is_held(smtp: Sink) -> None:
    smtp.rcpt = "550 5.1.1 no such user"

    row = work(by_mail())

    assert row.status == Status.HELD
    assert "avvist" in in_words(row.reasons)


def test_R31_a_refused_document_is_held_and_takes_no_other_channel(smtp: Sink) -> None:
    smtp.data = "554 5.6.0 content refused"

    row = work(by_mail(**ADDRESS))

    assert (row.status, row.channel) == (Status.HELD, "email")
    assert "554" in in_words(row.reasons)
    assert out("print") == []


def test_R32_a_cut_after_the_text_is_uncertain_and_nothing_else_goes_out(smtp: Sink) -> None:
    smtp.hang_up = True

    row = work(by_mail(**ADDRESS))

    assert (row.status, row.due_at) == (Status.UNCERTAIN, None)
    assert not Delivery.objects.not_ended().exists()
    assert (smtp.seen, out("print")) == (1, [])
    with pytest.raises(NeedsConfirmation):
        resend(row.invoice, make_user())


@pytest.mark.parametrize(("arrived", "times"), [(True, 1), (False, 2)])
def test_R32_a_person_settles_what_nobody_can_be_asked_about(smtp: Sink, arrived: bool, times: int) -> None:
    smtp.hang_up = True
    row = work(by_mail())
    smtp.hang_up = False

    settle(row.invoice, make_user(), arrived=arrived)
    row = work(row)

    assert row.status == Status.ACCEPTED
    assert len(smtp.accepted) == times
    assert len(set(smtp.accepted)) == 1
    assert kinds(row.invoice).count("settled") == 1
    with pytest.raises(NotNow):
        settle(row.invoice, make_user(), arrived=False)


def test_R32_by_the_setting_an_uncertain_mail_goes_again_with_the_same_bytes(
    smtp: Sink, settings: LazySettings
) -> None:
    settings.EMAIL_UNCERTAIN = "resend"
    smtp.hang_up = True
    row = work(by_mail())
    smtp.hang_up = False

    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        row = work(row)

    assert row.status == Status.ACCEPTED
    assert smtp.accepted[0] == smtp.accepted[1]


@pytest.mark.parametrize("after", [False, True], ids=["before it was there", "after it was there"])
def test_T42_a_worker_killed_in_the_call_is_found_by_asking_with_the_key(
    monkeypatch: pytest.MonkeyPatch, after: bool
) -> None:
    row = by_mail()
    with monkeypatch.context() as patched:
        die_in_the_call(patched, after=after)
        with pytest.raises(Killed):
            delivery.run()
    assert delivery_of(row.invoice).status == Status.SENDING
    assert delivery.run() + delivery.sweep() == 0  # the lease is alive: nobody touches it

    with time_machine.travel(timezone.now() + timedelta(seconds=61)):
        row = work(row)

    assert row.status == Status.ACCEPTED
    assert len(out("email")) == 1
    assert "asked" in kinds(row.invoice)
    assert not Attempt.objects.filter(outcome="").exists()


def test_T42_a_worker_killed_between_claim_and_call_leaves_the_row_queued(monkeypatch: pytest.MonkeyPatch) -> None:
    row = by_mail()
    assert len(claim_due()) == 1  # and it dies here

    assert delivery.run() == 0
    with time_machine.travel(timezone.now() + timedelta(seconds=61)):
        assert work(row).status == Status.ACCEPTED


def test_a_worker_that_lost_its_lease_can_not_write_any_more() -> None:
    by_mail()
    (stalled,) = claim_due()
    with time_machine.travel(timezone.now() + timedelta(seconds=61)):
        (current,) = claim_due()

    with pytest.raises(LostClaim):
        move(stalled, Status.HELD, EventKind.HELD)
    move(current, Status.HELD, EventKind.HELD)
    assert Event.objects.filter(kind=EventKind.HELD).count() == 1


def test_a_move_that_is_not_in_the_table_is_refused() -> None:
    with pytest.raises(WrongMove):
        move(by_mail(), Status.DELIVERED, EventKind.ACCEPTED)


def test_T11_a_silent_register_waits_and_after_recovery_it_goes_as_einvoice() -> None:
    customer = make_customer(make_company(), email="kunde@firma.test", **ADDRESS)
    silence_register()

    row = work(queue(customer))
    assert (row.status, row.channel, out()) == (Status.QUEUED, "", [])

    register_customer(customer)
    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        assert work(row).channel == "einvoice"


def test_R25_silent_for_a_day_is_held_and_released_by_the_first_answer() -> None:
    customer = make_customer(make_company(), email="kunde@firma.test")
    silence_register()
    row, start = queue(customer), timezone.now()
    for hour in range(26):
        with time_machine.travel(start + timedelta(hours=hour)):
            row = work(row)
    assert row.status == Status.HELD
    assert "svarer ikke" in in_words(row.reasons)
    assert kinds(row.invoice).count("waiting") == 1

    register()
    with time_machine.travel(start + timedelta(hours=27)):
        row = work(row)
    assert (row.status, row.channel) == (Status.ACCEPTED, "email")


def test_P5_an_outage_leaves_the_last_real_answer() -> None:
    customer = make_customer(make_company(), email="kunde@firma.test")
    register_customer(customer)
    work(queue(customer))
    silence_register()
    work(queue(customer))

    lookup = Lookup.objects.get()
    assert lookup.answer == "registered"
    assert lookup.failed_at is not None


def test_F31_never_email_set_between_a_retry_moves_to_print(smtp: Sink) -> None:
    """P4: not accepted, and today's settings forbid mail: a new delivery by print takes its place."""
    smtp.data = "451 4.3.0 try later"
    row = work(by_mail(**ADDRESS))
    set_choices(row.invoice.company, never_email=True)
    smtp.data = ""

    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        row = work(row)

    assert (row.status, row.channel, smtp.accepted) == (Status.ACCEPTED, "print", [])
    assert Delivery.objects.filter(status=Status.CANCELLED).count() == 1


def test_T78_what_was_frozen_is_what_is_sent_also_after_the_address_changed(smtp: Sink) -> None:
    smtp.data = "451 4.3.0 try later"
    row = work(by_mail())
    Customer.objects.update(email="ny@firma.test")
    smtp.data = ""

    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        row = work(row)

    assert smtp.recipients == [["kunde@firma.test"]]
    assert row.to == ["kunde@firma.test"]


def test_T49_a_poison_invoice_holds_itself_and_not_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    company, run = make_company(), OpenRun(None, "test")
    customer = make_customer(company, org_number="", email="kunde@firma.test")
    poison = queue(customer, run=run)
    others = [queue(customer, run=run) for _ in range(5)]
    real = read

    def stumble(content: bytes) -> object:
        document = real(content)
        if document.number == poison.invoice.number:
            raise ZeroDivisionError
        return document

    monkeypatch.setattr("distribution.delivery.preparing.read", stumble)
    work(poison)

    assert delivery_of(poison.invoice).status == Status.HELD
    assert "ZeroDivisionError" in in_words(delivery_of(poison.invoice).reasons)
    assert {delivery_of(other.invoice).status for other in others} == {Status.ACCEPTED}


def test_F16_a_row_that_kills_its_worker_is_taken_alone_and_held_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    company, run = make_company(), OpenRun(None, "test")
    customer = make_customer(company, org_number="", email="kunde@firma.test")
    poison = queue(customer, run=run)
    others = [queue(customer, run=run) for _ in range(3)]
    real = read

    def kill(content: bytes) -> object:
        document = real(content)
        if document.number == poison.invoice.number:
            raise Killed
        return document

    monkeypatch.setattr("distribution.delivery.preparing.read", kill)
    start = timezone.now()
    for minute in range(0, 40, 2):
        with time_machine.travel(start + timedelta(minutes=minute)):
            try:
                while delivery.run():
                    pass
            except Killed:
                continue

    assert {delivery_of(other.invoice).status for other in others} == {Status.ACCEPTED}
    assert delivery_of(poison.invoice).status == Status.HELD


def test_T41_a_doorbell_rung_twice_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    row = by_mail()
    monkeypatch.setattr(tasks.deliver, "delay", lambda *_run: None)
    for _ in range(3):
        tasks.deliver(row.invoice.run_id)
    tasks.sweep()

    assert len(out("email")) == 1
    assert Attempt.objects.count() == 1


def test_T60_held_is_not_swept_again_and_goes_when_the_data_is_mended() -> None:
    customer = make_customer(make_company())
    row = work(queue(customer))
    with time_machine.travel(timezone.now() + timedelta(days=2)):
        assert delivery.run() + delivery.sweep() == 0
    Customer.objects.update(email="kunde@firma.test")

    assert resend(row.invoice, make_user()).pk == row.pk
    assert work(row).status == Status.ACCEPTED


def test_T54_an_invoice_under_way_can_not_be_sent_once_more() -> None:
    row = by_mail()

    with pytest.raises(NotNow):
        resend(row.invoice, make_user())


def test_R37_another_channel_only_where_todays_facts_allow_it() -> None:
    row = work(queue(make_customer(make_company(), email="kunde@firma.test", electronic_only=True)))

    with pytest.raises(NotNow):
        resend(row.invoice, make_user(), channel="email")


def test_R37_einvoice_may_be_chosen_after_another_choice_for_the_register_is_asked_anew() -> None:
    customer, user = make_customer(make_company(), email="kunde@firma.test", **ADDRESS), make_user()
    row = work(queue(customer))
    printed = work(resend(row.invoice, user, channel="print", confirmed=True))
    register_customer(customer)

    again = work(resend(printed.invoice, user, channel="einvoice", confirmed=True))

    assert (again.status, again.channel) == (Status.ACCEPTED, "einvoice")


def test_R37_a_double_takes_a_confirmation_and_then_goes_with_a_key_of_its_own() -> None:
    row = work(by_mail(**ADDRESS))

    again = resend(row.invoice, make_user(), channel="print", confirmed=True)

    assert again.key != row.key
    assert work(again).channel == "print"


def test_R28_taken_out_by_hand_is_cancelled_with_its_reason() -> None:
    row = by_mail()
    cancel(row, make_user(), by_hand=True)

    row = work(row)

    assert (row.status, out()) == (Status.CANCELLED, [])
    assert in_words(row.reasons) == "Sendt selv."


def test_R32_what_may_have_arrived_can_not_be_cancelled(smtp: Sink) -> None:
    smtp.hang_up = True
    row = work(by_mail())

    with pytest.raises(NotNow):
        cancel(row, make_user())


def test_a_cancel_beats_a_worker_that_has_only_claimed() -> None:
    by_mail()
    (claimed,) = claim_due()
    cancel(Delivery.objects.get(pk=claimed.pk), make_user())

    with pytest.raises(LostClaim):
        move(claimed, Status.SENDING, EventKind.CHOSEN, free=False, channel="email", content_sha256="x")


def test_a_full_disk_is_temporary_and_leaves_nothing_half_done(data_dir: Path) -> None:
    (data_dir / "out").write_text("in the way")

    row = work(by_mail())

    assert (row.status, row.due_at is not None) == (Status.QUEUED, True)
    (data_dir / "out").unlink()
    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        assert work(row).status == Status.ACCEPTED


def test_the_folder_knows_its_key_and_refuses_other_bytes(data_dir: Path) -> None:
    row = work(by_mail())
    outgoing = outgoing_of(Delivery.objects.select_related("invoice__company").get(pk=row.pk))

    with pytest.raises(AlreadySent):
        Folder().send(outgoing)
    with pytest.raises(DocumentRefused):
        Folder().send(replace(outgoing, sha256="0" * 64))
    assert Folder().ask(outgoing) == Accepted(reference=str(row.key))
    assert Folder().ask(replace(outgoing, key="unknown")) is None


def test_R33_a_run_is_finished_by_whoever_asks_whatever_a_worker_did() -> None:
    customer, run = make_customer(make_company(), email="kunde@firma.test"), OpenRun(None, "test")
    for _ in range(3):
        take_in(customer, run=run)
    delivery.run(limit=1)
    assert run.row is not None

    delivery.finish(run.row)

    assert Invoice.objects.filter(run=run.row, last_delivery__status=Status.ACCEPTED).count() == 3
    assert len(out("email")) == 3


def test_R20_method_in_force_of_a_customer_set_to_self_never_asks_a_register() -> None:
    silence_register()

    row = work(queue(make_customer(make_company(), method=Method.SELF), user=make_user()))

    assert row.channel == "to_user"


def test_R32_resending_by_the_setting_ends_with_a_person(smtp: Sink, settings: LazySettings) -> None:
    settings.EMAIL_UNCERTAIN = "resend"
    smtp.hang_up = True
    row, start = by_mail(), timezone.now()
    for hour in range(30):
        with time_machine.travel(start + timedelta(hours=hour)):
            row = work(row)

    assert (row.status, row.due_at) == (Status.UNCERTAIN, None)
    assert len(set(smtp.accepted)) == 1


@pytest.mark.parametrize("change", ["never_email", "refused"])
def test_R32_a_mail_that_may_have_arrived_opens_no_other_channel(
    smtp: Sink, settings: LazySettings, change: str
) -> None:
    settings.EMAIL_UNCERTAIN = "resend"
    smtp.hang_up = True
    row = work(by_mail(**ADDRESS))
    smtp.hang_up = False
    if change == "never_email":
        set_choices(row.invoice.company, never_email=True)
    else:
        smtp.rcpt = "550 5.1.1 no such user"

    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        row = work(row)

    assert (row.status, row.due_at, row.channel) == (Status.UNCERTAIN, None, "email")
    assert out("print") == []


def test_R32_a_provider_that_never_answers_leaves_it_to_a_person_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    row, start = by_mail(), timezone.now()
    with monkeypatch.context() as patched:
        die_in_the_call(patched, after=True)
        with pytest.raises(Killed):
            delivery.run()
    monkeypatch.setattr(Folder, "ask", lambda self, outgoing: (_ for _ in ()).throw(Temporary("silent")))
    for hour in range(1, 30):
        with time_machine.travel(start + timedelta(hours=hour)):
            row = work(row)

    assert (row.status, row.due_at) == (Status.UNCERTAIN, None)
    settle(row.invoice, make_user(), arrived=True)


def test_R32_one_that_never_gets_there_gives_up_after_the_hours(monkeypatch: pytest.MonkeyPatch) -> None:
    row, start = by_mail(), timezone.now()
    die_in_the_call(monkeypatch, after=False)
    for hour in range(30):
        with time_machine.travel(start + timedelta(hours=hour)):
            for _ in range(3):
                with suppress(Killed):
                    delivery.run()
                delivery.sweep()

    assert delivery_of(row.invoice).status == Status.FAILED
    assert Attempt.objects.count() < 40


def test_R34_a_lost_file_holds_its_invoice_and_not_the_neighbours(data_dir: Path) -> None:
    customer = make_customer(make_company(), org_number="", email="kunde@firma.test")
    first, second, third = queue(customer), queue(customer), queue(customer)
    taken = take()
    lost = taken.departures[1].sha256
    (data_dir / "frozen" / lost[:2] / lost[2:4] / lost).unlink()

    sending.send_all(taken.departures, taken.ends)

    assert [delivery_of(row.invoice).status for row in (first, second, third)] == ["accepted", "held", "accepted"]
    assert "FileNotFoundError" in in_words(delivery_of(second.invoice).reasons)


def test_F7_two_who_order_it_again_at_once_make_one_delivery() -> None:
    row = by_mail()
    cancel(row, make_user())
    stale = Invoice.objects.get(pk=row.invoice_id)
    resend(row.invoice, make_user())

    with pytest.raises(NotNow):
        resend(stale, make_user())


def test_R32_an_unknown_outcome_is_asked_of_the_transport_that_was_used(
    settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The setting changes while the outcome is open: the new transport never heard of the key and would say «not there»."""
    monkeypatch.setitem(TRANSPORTS, "other", "tests.distribution.test_engine.Forgetful")
    monkeypatch.setattr("distribution.delivery.sending.record", dies)
    customer = make_customer(make_company(), email="kunde@firma.test")
    register_customer(customer)
    row = queue(customer)
    with suppress(Killed):
        delivery.run()
    monkeypatch.undo()
    monkeypatch.setitem(TRANSPORTS, "other", "tests.distribution.test_engine.Forgetful")
    settings.EINVOICE_TRANSPORT = "other"

    with time_machine.travel(timezone.now() + timedelta(minutes=5)):
        delivery.sweep()

    assert delivery_of(row.invoice).status == Status.ACCEPTED
    assert Attempt.objects.get().transport == "folder"


def test_R32_a_row_that_breaks_the_asking_again_and_again_reaches_a_person(monkeypatch: pytest.MonkeyPatch) -> None:
    row = by_mail()
    monkeypatch.setattr("distribution.delivery.sending.record", dies)
    with suppress(Killed):
        delivery.run()
    monkeypatch.setattr("distribution.delivery.sweeping.outgoing_of", stumbles)

    for hours in range(1, 10):
        with time_machine.travel(timezone.now() + timedelta(hours=hours)):
            delivery.sweep()

    left = delivery_of(row.invoice)
    assert (left.status, left.needs_person) == (Status.UNCERTAIN, True)


class Forgetful(Folder):
    def ask(self, outgoing: Outgoing) -> Accepted | None:
        return None


def dies(*_args: object) -> None:
    raise Killed


def stumbles(*_args: object) -> None:
    raise ArithmeticError


def test_T49_a_heavy_and_a_suspect_row_go_though_small_ones_never_end() -> None:
    """What is taken alone has its turn, however many ordinary ones are due before it."""
    customer = make_customer(make_company(), email="kunde@firma.test")
    heavy, suspect = queue(customer), queue(customer)
    Delivery.objects.filter(pk=heavy.pk).update(heavy=True)
    Delivery.objects.filter(pk=suspect.pk).update(claims=1)
    for _ in range(8):
        queue(customer)

    seen = set[int]()
    for _ in range(400):
        seen.update(row.pk for row in claim_due())
        Delivery.objects.exclude(pk__in=seen & {heavy.pk, suspect.pk}).update(lease_until=None)
        Delivery.objects.exclude(pk__in=[heavy.pk, suspect.pk]).update(claims=0)

    assert {heavy.pk, suspect.pk} <= seen
