"""What follows from a bounce besides the next channel: a link for its size (R13), the company's address for a dead user's (R20),
one mailbox in two spellings (T70), a person's orders meanwhile, and what of the report is kept (T93)."""

from typing import Any

import pytest
from django.conf import LazySettings
from django.core import mail

from customers.models import Method
from distribution import delivery
from distribution.bounces.apply import take_in
from distribution.delivery.preparing import token_of
from distribution.models import BouncedAddress, Delivery, ProviderNews, Recipient, Run
from distribution.reasons import in_words
from distribution.states import Door, RecipientState, Status, Verdict
from tests.distribution.bounces import mails
from tests.distribution.bounces.mails import KUNDE, report
from tests.distribution.bounces.test_next_channel import SPAM, states
from tests.distribution.bounces.world import A, B, come, last, mailed, path_of, reachable, words, work
from tests.factories import left, make_company, make_customer, make_user, queue, set_choices

pytestmark = [pytest.mark.django_db, pytest.mark.database]


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
