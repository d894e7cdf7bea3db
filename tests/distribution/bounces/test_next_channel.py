"""Where an invoice goes whose mail came back: the next channel, again later, or to a person (T67, T70, F37, R20-R32)."""

from typing import Any

import pytest
from django.utils import timezone

from customers.models import Method
from distribution import delivery
from distribution.bounced import bounced_of
from distribution.delivery.recording import leave_to_person
from distribution.delivery.returning import SOFT_PAUSES
from distribution.models import BouncedAddress, Delivery, Recipient
from distribution.states import RecipientState, Status, Verdict
from tests.distribution.bounces.mails import KUNDE, report
from tests.distribution.bounces.world import FULL, A, B, come, last, later, mailed, path_of, reachable, words, work
from tests.factories import kinds, make_company, make_customer, out, set_choices

pytestmark = [pytest.mark.django_db, pytest.mark.database]
SPAM: dict[str, Any] = {"status": "5.7.1", "diagnostic": "smtp; 550 5.7.1 looks like spam"}


def states(row: Delivery) -> dict[str, str]:
    return dict(Recipient.objects.filter(delivery=row).values_list("address", "state"))


def test_F37_a_full_mailbox_is_tried_three_times_more_and_then_it_takes_the_next_channel() -> None:
    row = mailed()
    for serial, pause in enumerate(SOFT_PAUSES):
        come(report(**FULL, serial=serial), path_of(row))
        row.refresh_from_db()
        assert (row.status, row.due_at and round((row.due_at - timezone.now()) / pause, 2)) == (Status.QUEUED, 1)
        assert come(report(**FULL, serial=99), path_of(row)) == Verdict.NOTHING  # it waits already
        with later(seconds=pause.total_seconds() + 1):
            assert last(row).status == Status.ACCEPTED
    assert row.attempts.count() == 4

    come(report(**FULL, serial=4), path_of(row))

    assert last(row).channel == "print"
    assert not BouncedAddress.objects.exists()
    assert kinds(row.invoice).count("soft_bounced") == 3
    assert f"E-posten til {KUNDE} kunne ikke leveres nå. Sendes igjen " in words(row)


def test_each_attempt_after_a_full_mailbox_sends_the_same_bytes() -> None:
    """R34."""
    row = mailed()
    come(report(**FULL), path_of(row))
    with later(hours=2):
        work()
    assert len(set(row.attempts.values_list("sha256", flat=True))) == 1


def test_what_was_refused_for_itself_comes_back_to_a_person_and_the_address_stays() -> None:
    row = mailed()
    come(report(**SPAM), path_of(row))

    now = last(row)

    assert (now.pk, now.status, now.reasons[0]["code"]) == (row.pk, Status.HELD, "mail_came_back")
    assert now.needs_person
    assert not BouncedAddress.objects.exists()


def test_R26_electronic_only_holds_instead_of_print() -> None:
    """An e-mail chosen by hand before the customer wanted it so."""
    row = mailed()
    customer = row.invoice.customer
    assert customer is not None
    customer.electronic_only = True
    customer.save(update_fields=["electronic_only"])

    come(report(), path_of(row))

    assert last(row).status == Status.HELD
    assert out("print") == []


def test_without_a_complete_address_it_is_held_in_words() -> None:
    row = mailed(make_customer(make_company(), email=KUNDE))
    come(report(), path_of(row))

    assert (last(row).status, [one["code"] for one in last(row).reasons][-1]) == (Status.HELD, "address_missing")


def test_R27_before_activation_there_is_no_next_channel() -> None:
    row = mailed(reachable(company=make_company(activated=False), method=Method.EMAIL))
    come(report(), path_of(row))

    assert last(row).status == Status.HELD


def test_an_invoice_that_a_person_has_sent_again_meanwhile_opens_no_second_channel() -> None:
    row = mailed()
    delivery.resend(row.invoice, None, confirmed=True)

    come(report(), path_of(row))
    row.refresh_from_db()

    assert (row.status, Delivery.objects.filter(invoice=row.invoice).count()) == (Status.FAILED, 2)


def test_a_full_mailbox_sends_nothing_again_that_a_person_has_sent_again_meanwhile() -> None:
    row = mailed()
    delivery.resend(row.invoice, None, confirmed=True)
    assert come(report(**FULL), path_of(row)) == Verdict.NOTHING


@pytest.mark.parametrize(("why", "status"), [({}, Status.FAILED), (FULL, Status.UNCERTAIN), (SPAM, Status.HELD)])
def test_R32_what_was_uncertain_is_known_when_it_comes_back(why: dict[str, Any], status: Status) -> None:
    row = mailed()
    Delivery.objects.filter(pk=row.pk).update(status=Status.SENDING, doubtful=True)
    row.refresh_from_db()
    leave_to_person(row, "connection lost")

    come(report(**why), path_of(row))
    row.refresh_from_db()

    assert (row.status, row.doubtful) == (status, status == Status.UNCERTAIN)


def test_a_forwarded_mail_that_fails_elsewhere_takes_the_next_channel_and_marks_nobody() -> None:
    row = mailed()
    come(report(to="videre@annet.test"), path_of(row))

    assert last(row).channel == "print"
    assert not BouncedAddress.objects.exists()


def test_T70_one_bounce_does_not_hide_the_others() -> None:
    row = mailed(reachable(f"{A}, {B}"))

    come(report(to=A), path_of(row, A))
    row.refresh_from_db()
    assert (row.status, row.reached, states(row)) == (
        Status.ACCEPTED,
        True,
        {A: RecipientState.BOUNCED, B: RecipientState.REACHED},
    )
    assert f"E-posten til {A} kom i retur. De andre adressene står. 550 5.1.1 User unknown" in words(row)
    assert come(report(to=A, serial=2), path_of(row, A)) == Verdict.NOTHING

    come(report(to=B), path_of(row, B))
    row.refresh_from_db()
    assert (row.status, row.reached, last(row).channel) == (Status.FAILED, False, "print")
    assert set(BouncedAddress.objects.values_list("address", flat=True)) == {A, B}


def test_T70_of_several_the_full_mailbox_alone_is_outstanding() -> None:
    row = mailed(reachable(f"{A}, {B}"))

    come(report(**FULL, to=A), path_of(row, A))
    row.refresh_from_db()
    assert (row.status, states(row)) == (Status.QUEUED, {A: RecipientState.OUTSTANDING, B: RecipientState.REACHED})

    come(report(to=A, serial=2), path_of(row, A))
    row.refresh_from_db()
    assert (row.status, row.due_at, states(row)[A]) == (Status.ACCEPTED, None, RecipientState.BOUNCED)
    assert last(row).pk == row.pk


def test_T70_both_mailboxes_full_is_one_waiting_row() -> None:
    row = mailed(reachable(f"{A}, {B}"))
    for address in (A, B):
        come(report(**FULL, to=address), path_of(row, address))
    row.refresh_from_db()

    assert (row.status, row.reached, row.soft_bounces) == (Status.QUEUED, False, 1)
    assert set(states(row).values()) == {RecipientState.OUTSTANDING}


def test_the_next_invoice_goes_where_mail_arrives_still() -> None:
    """F33: one customer has two invoices."""
    customer = reachable(f"{A}, {B}")
    row = mailed(customer)
    come(report(to=A), path_of(row, A))

    assert mailed(customer).to == [B]


def test_two_invoices_to_one_dead_address_both_take_the_next_channel_and_one_mark_stands() -> None:
    customer = reachable()
    rows = [mailed(customer), mailed(customer)]
    for row in rows:
        come(report(), path_of(row))

    assert [last(row).channel for row in rows] == ["print", "print"]
    assert BouncedAddress.objects.count() == 1
    assert list(bounced_of([customer])[customer.pk]) == [KUNDE]


def test_R12_a_company_that_never_mails_any_more_gets_its_invoice_on_paper_all_the_same() -> None:
    row = mailed()
    set_choices(row.company, never_email=True)
    come(report(), path_of(row))
    assert last(row).channel == "print"
