"""What one piece of news makes of an invoice: moved once, told in plain words, and never by a forger (T57, T67, T68, P6)."""

from random import Random

import pytest
from django.conf import LazySettings
from django.core import mail

from distribution import delivery
from distribution.models import Delivery, Event, ProviderNews, Run
from distribution.states import Door, EventKind, Settled, Status, Verdict
from distribution.timeline import words_of
from tests.distribution.bounces import mails
from tests.distribution.bounces.mails import KUNDE, report
from tests.distribution.bounces.world import (
    FULL,
    A,
    B,
    come,
    counted,
    last,
    later,
    mailed,
    path_of,
    reachable,
    words,
    work,
)
from tests.factories import kinds, make_user, out

pytestmark = [pytest.mark.django_db, pytest.mark.database]


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


def test_the_same_report_by_another_door_after_the_next_attempt_is_known_again() -> None:
    row = mailed()
    come(report(**FULL), path_of(row))
    with later(hours=2):
        work()
        assert come(report(**FULL, headers="Received: by box\n"), path_of(row), Door.MAILBOX) == Verdict.NOTHING
        assert last(row).status == Status.ACCEPTED


def test_T57_news_before_our_own_row_says_so_is_asked_for_again_and_then_counts() -> None:
    row = mailed()
    Delivery.objects.filter(pk=row.pk).update(status=Status.SENDING)
    with pytest.raises(delivery.NotYet):
        come(report(), path_of(row))
    assert counted().total() == 0
    Delivery.objects.filter(pk=row.pk).update(status=Status.ACCEPTED)

    assert come(report(), path_of(row)) == Verdict.APPLIED


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


def test_who_sent_it_is_told_by_mail_where_it_goes_now(settings: LazySettings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    row = mailed(user=make_user("sender@kontor.test"))

    come(report(), path_of(row))
    come(report(), path_of(row))

    (notice,) = mail.outbox
    assert notice.to == ["sender@kontor.test"]
    assert "550 5.1.1 User unknown" in notice.body
    assert "print" in notice.body


def test_a_mail_server_that_is_away_takes_no_notice_and_loses_no_bounce(settings: LazySettings) -> None:
    settings.EMAIL_BACKEND, settings.EMAIL_PORT = "django.core.mail.backends.smtp.EmailBackend", 9
    row = mailed(user=make_user())
    assert come(report(), path_of(row)) == Verdict.APPLIED
    assert last(row).channel == "print"


@pytest.mark.parametrize("kind", [EventKind.BOUNCED, EventKind.SOFT_BOUNCED, EventKind.DELAYED, EventKind.COMPLAINED])
def test_every_kind_of_news_has_words(kind: EventKind) -> None:
    said = words_of(Event(kind=kind, data={"address": KUNDE, "at": "2026-11-24T10:00:00+00:00"}))
    assert KUNDE in said
