"""What one piece of news makes of an invoice: moved once, told in plain words, and never by a forger (T67, T68, T70, P6)."""

from datetime import timedelta
from random import Random
from typing import Any

import pytest
import time_machine
from django.conf import LazySettings
from django.core import mail
from django.utils import timezone

from customers.models import Method
from distribution import delivery
from distribution.bounced import bounced_of
from distribution.bounces.apply import take_in
from distribution.delivery.preparing import token_of
from distribution.delivery.recording import leave_to_person
from distribution.delivery.returning import SOFT_PAUSES
from distribution.models import BouncedAddress, Delivery, Event, ProviderNews, Recipient, Run
from distribution.reasons import in_words
from distribution.states import Door, EventKind, RecipientState, Settled, Status, Verdict
from distribution.timeline import timeline, words_of
from tests.distribution.bounces import mails
from tests.distribution.bounces.mails import KUNDE, report
from tests.distribution.bounces.world import come, counted, last, mailed, path_of, reachable, work
from tests.factories import kinds, left, make_company, make_customer, make_user, out, queue, set_choices

pytestmark = [pytest.mark.django_db, pytest.mark.database]
FULL: dict[str, Any] = {"status": "5.2.2", "diagnostic": "smtp; 552 5.2.2 mailbox full"}
SPAM: dict[str, Any] = {"status": "5.7.1", "diagnostic": "smtp; 550 5.7.1 looks like spam"}
A, B = "a@firma.test", "b@firma.test"


def words(row: Delivery) -> str:
    return " | ".join(f"{moment.text} {moment.said}" for leg in timeline(row.invoice) for moment in leg.moments)


def states(row: Delivery) -> dict[str, str]:
    return dict(Recipient.objects.filter(delivery=row).values_list("address", "state"))


def later(**time: float) -> Any:
    return time_machine.travel(timezone.now() + timedelta(**time))


def test_T67_a_dead_address_moves_the_invoice_to_print_once_and_the_timeline_tells_it() -> None:
    row, rung = mailed(), list[Run]()

    assert come(report(), path_of(row), rung=rung) == Verdict.APPLIED
    assert come(report(), path_of(row), rung=rung) == Verdict.NOTHING
    assert come(report(serial=2), path_of(row), rung=rung) == Verdict.NOTHING

    assert (last(row).channel, last(row).status) == ("print", Status.ACCEPTED)
    assert (len(out("print")), kinds(row.invoice).count("came_back")) == (1, 1)
    assert f"E-posten til {KUNDE} kom i retur. 550 5.1.1 User unknown" in words(row)
    assert rung == [row.invoice.run]
    assert counted() == {Verdict.APPLIED: 1, Verdict.NOTHING: 2}


def test_the_raw_text_is_kept_once_with_the_change_that_it_made() -> None:
    row = mailed()
    come(report(), path_of(row))
    come(report(headers="Received: by another.test\nDelivered-To: x\n"), path_of(row), Door.MAILBOX)

    kept = ProviderNews.objects.get()

    assert (kept.company_id, kept.reference, kept.settled) == (row.company_id, str(row.key), Settled.APPLIED)
    assert "550 5.1.1 User unknown" in kept.body


@pytest.mark.parametrize(
    "around",
    [mails.report(), mails.QMAIL, mails.EXIM_TEXT, mails.EXCHANGE],
    ids=["postfix", "qmail", "exim", "exchange"],
)
def test_T93_the_mail_that_a_report_returns_is_not_kept_with_its_link(around: bytes) -> None:
    """Our own bytes, as they left."""
    customer = reachable()
    set_choices(customer.company, attach_pdf=False)
    row = mailed(customer)
    ours = left("email", ".eml")
    returned = mails.RETURNED.encode()
    raw = around.replace(b"\r\n", b"\n").replace(returned, b"Return-Path: <x@y.test>\n" + ours.replace(b"\r\n", b"\n"))
    token = token_of(row)
    assert token.encode() in raw.replace(b"=\n", b"")

    assert come(raw, path_of(row)) == Verdict.APPLIED

    body = ProviderNews.objects.get().body
    assert token[:8] not in body
    assert "550" in body


def test_T93_a_link_in_a_reports_own_words_is_masked() -> None:
    row = mailed()
    come(report(prose="Your message with https://a.test/i/hemmelig was not wanted."), path_of(row))
    assert "https://a.test/i/… was" in ProviderNews.objects.get().body


@pytest.mark.parametrize("forge", ["x" + "{}", "{}x", "+{}"])
def test_a_forged_return_path_changes_nothing_and_is_counted(forge: str) -> None:
    row = mailed()
    local, _at, domain = path_of(row).rpartition("@")
    name, _plus, tag = local.partition("+")
    swapped = ("b" if tag[0] == "a" else "a") + tag[1:]

    assert come(report(), f"{name}+{swapped}@{domain}") == Verdict.FORGED
    assert come(report(), f"{name}+{forge.format(tag)}@{domain}") in (Verdict.FORGED, Verdict.FOREIGN)
    assert come(report(), "noen@andre.test") == Verdict.FOREIGN

    assert last(row).status == Status.ACCEPTED
    assert (ProviderNews.objects.count(), counted().total()) == (0, 3)


def test_a_path_signed_for_another_address_or_for_nothing_of_ours_changes_nothing() -> None:
    row = mailed()

    assert come(report(), path_of(row, "annen@firma.test")) == Verdict.FOREIGN
    assert come(report(), path_of(Delivery())) == Verdict.FOREIGN
    assert last(row).status == Status.ACCEPTED


def test_T68_a_delay_is_told_once_a_day_and_moves_nothing() -> None:
    row = mailed()
    for serial in range(3):
        come(report(action="delayed", status="4.4.1", serial=serial), path_of(row))
    with later(hours=25):
        come(report(action="delayed", status="4.4.1", serial=4), path_of(row))

    assert last(row).status == Status.ACCEPTED
    assert kinds(row.invoice).count("delayed") == 2
    assert "er forsinket. Mottakerens mailtjener prøver fortsatt." in words(row)


def test_a_complaint_is_told_once_and_moves_nothing() -> None:
    row = mailed()
    for _ in range(2):
        come(mails.complaint(), path_of(row))

    assert (last(row).status, kinds(row.invoice).count("complained")) == (Status.ACCEPTED, 1)


def test_an_automatic_reply_is_nothing() -> None:
    row = mailed()
    assert come(mails.out_of_office(), path_of(row)) == Verdict.NOTHING
    assert (last(row).status, kinds(row.invoice)[-1]) == (Status.ACCEPTED, "accepted")


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


def test_the_same_report_by_another_door_after_the_next_attempt_is_known_again() -> None:
    row = mailed()
    come(report(**FULL), path_of(row))
    with later(hours=2):
        work()
        assert come(report(**FULL, headers="Received: by box\n"), path_of(row), Door.MAILBOX) == Verdict.NOTHING
        assert last(row).status == Status.ACCEPTED


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


@pytest.mark.parametrize("status", ["5.2.3", "5.3.4"])
def test_R13_T65_a_mail_that_comes_back_for_its_size_goes_once_more_with_a_link(
    status: str, settings: LazySettings
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    row = mailed(user=make_user())
    large: dict[str, Any] = {"status": status, "diagnostic": f"smtp; 552 {status} too big"}

    come(report(**large), path_of(row))
    again = last(row)

    assert (again.channel, again.status, again.as_link) == ("email", Status.ACCEPTED, True)
    assert again.content_sha256 != row.content_sha256
    assert "Den går på nytt med en lenke i stedet for PDF-en." in words(row)
    come(report(**large, serial=2), path_of(again))

    held = last(row)
    assert (held.pk, held.status, held.reasons[0]["code"]) == (again.pk, Status.HELD, "too_large")
    assert "Velg en annen kanal" in in_words(held.reasons)
    assert ["også med en lenke" in notice.body for notice in mail.outbox] == [False, True]
    assert not BouncedAddress.objects.exists()


def test_T65_what_a_person_has_sent_again_meanwhile_does_not_go_as_a_link_too() -> None:
    row = mailed()
    delivery.resend(row.invoice, None, confirmed=True)
    come(report(status="5.3.4", diagnostic="smtp; 552 5.3.4 too big"), path_of(row))
    assert Delivery.objects.filter(invoice=row.invoice).count() == 2


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


def test_R20_a_mail_to_a_user_whose_address_is_dead_goes_to_the_company_and_then_to_the_worklist(
    settings: LazySettings,
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    user = make_user("bruker@kontor.test")
    customer = make_customer(make_company(), method=Method.SELF, email="bruker@kontor.test")
    row = queue(customer, user=user)
    work()

    come(report(to=user.email), path_of(row, user.email))
    second, company = last(row), row.company.email
    assert (second.channel, second.to, second.status) == ("to_user", [company], Status.ACCEPTED)
    assert mail.outbox[-1].to == [company]
    come(report(to=company, serial=2), path_of(second, company))

    assert (last(row).status, last(row).needs_person) == (Status.HELD, True)
    assert mail.outbox[-1].to == [user.email]
    assert not BouncedAddress.objects.exists()


def test_R20_a_user_with_the_companys_own_address_has_no_other_one() -> None:
    company = make_company(email="post@kontor.test")
    row = queue(make_customer(company, method=Method.SELF), user=make_user("Post@kontor.test"))
    work()

    come(report(to="Post@kontor.test"), path_of(row, "Post@kontor.test"))

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


def test_T57_news_before_our_own_row_says_so_is_asked_for_again_and_then_counts() -> None:
    row = mailed()
    Delivery.objects.filter(pk=row.pk).update(status=Status.SENDING)
    with pytest.raises(delivery.NotYet):
        come(report(), path_of(row))
    assert counted().total() == 0
    Delivery.objects.filter(pk=row.pk).update(status=Status.ACCEPTED)

    assert come(report(), path_of(row)) == Verdict.APPLIED


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


@pytest.mark.parametrize("twice", [f"{KUNDE.upper()}, {KUNDE}", "ola@blåbær.no, ola@xn--blbr-roah.no"])
def test_R33_one_mailbox_in_two_spellings_gets_one_mail(twice: str) -> None:
    assert mailed(reachable(twice)).to == [twice.split(", ")[0]]


def test_T70_of_two_spellings_that_left_before_each_bounce_counts_once() -> None:
    row, other = mailed(reachable(f"{A}, {B}")), A.upper()
    Delivery.objects.filter(pk=row.pk).update(to=[A, other])
    Recipient.objects.filter(delivery=row, address=B).update(address=other)

    come(report(to=A), path_of(row, A))
    row.refresh_from_db()
    assert (row.status, states(row)) == (
        Status.ACCEPTED,
        {A: RecipientState.BOUNCED, other: RecipientState.REACHED},
    )
    come(report(to=A, serial=2), path_of(row, other))

    assert last(row).channel == "print"


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


def test_P6_the_history_of_news_in_any_order_and_number_ends_the_same() -> None:
    dice, ends = Random(7), set()
    for _ in range(8):
        row = mailed(reachable(f"{A}, {B}"))
        story = [
            (A, report(to=A)),
            (B, report(to=B, action="delayed", status="4.4.1")),
            (B, report(to=B, serial=2)),
            (A, mails.out_of_office()),
        ] * 2
        dice.shuffle(story)
        for address, raw in story:
            come(raw, path_of(row, address))
        row.refresh_from_db()
        ends.add((row.status, last(row).channel, kinds(row.invoice).count("came_back")))

    assert ends == {(Status.FAILED, "print", 1)}


def test_R12_a_company_that_never_mails_any_more_gets_its_invoice_on_paper_all_the_same() -> None:
    row = mailed()
    set_choices(row.company, never_email=True)
    come(report(), path_of(row))
    assert last(row).channel == "print"


def test_who_sent_it_is_told_by_mail_where_it_goes_now(settings: LazySettings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    row = mailed(user=make_user("sender@kontor.test"))

    come(report(), path_of(row))
    come(report(), path_of(row))

    (notice,) = mail.outbox
    assert notice.to == ["sender@kontor.test"]
    assert "550 5.1.1 User unknown" in notice.body
    assert "print" in notice.body


@pytest.mark.parametrize("why", [{}, SPAM])
def test_who_sent_it_again_meanwhile_is_told_nothing_that_is_no_longer_true(
    why: dict[str, Any], settings: LazySettings
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    row = mailed(user=make_user())
    delivery.resend(row.invoice, None, confirmed=True)

    assert come(report(**why), path_of(row)) == Verdict.APPLIED

    assert mail.outbox == []


def test_an_order_between_the_bounce_and_its_notice_leaves_the_notice_out(settings: LazySettings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    row = mailed(reachable(), user=make_user())

    def order(run: Run) -> None:
        work()
        delivery.resend(row.invoice, None, confirmed=True)

    assert take_in(path_of(row), report(), Door.LISTENER, order) == Verdict.APPLIED

    assert mail.outbox == []


def test_a_mail_server_that_is_away_takes_no_notice_and_loses_no_bounce(settings: LazySettings) -> None:
    settings.EMAIL_BACKEND, settings.EMAIL_PORT = "django.core.mail.backends.smtp.EmailBackend", 9
    row = mailed(user=make_user())
    assert come(report(), path_of(row)) == Verdict.APPLIED
    assert last(row).channel == "print"


@pytest.mark.parametrize("kind", [EventKind.BOUNCED, EventKind.SOFT_BOUNCED, EventKind.DELAYED, EventKind.COMPLAINED])
def test_every_kind_of_news_has_words(kind: EventKind) -> None:
    said = words_of(Event(kind=kind, data={"address": KUNDE, "at": "2026-11-24T10:00:00+00:00"}))
    assert KUNDE in said
