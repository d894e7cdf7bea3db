"""Mails of the site itself, by a provider's API that refuses them: its errors are none of the line's, and cost no more (F37)."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.cache import cache

from customers.members import invite
from customers.models import Membership, Role
from customers.verification import NotSent, send_link
from distribution.alarm import ENOUGH, tell_of_pending, tell_of_stopped_channels
from distribution.models import Attempt, ChannelAlarm
from distribution.morning import send_morning_mails
from distribution.states import ChannelName, Outcome, Verdict
from tests.distribution.bounces.mails import report
from tests.distribution.bounces.world import come, mailed, path_of
from tests.distribution.test_morning_mail import held, member
from tests.distribution.test_test_mail import ask, with_an_invoice
from tests.factories import make_company, make_customer, make_user, queue
from tests.fake_postmark import Postmark, configure

pytestmark = pytest.mark.django_db
Answer = tuple[int, dict[str, Any]]
WRONG_TOKEN: Answer = (401, {"ErrorCode": 10, "Message": "Bad or missing server token"})


@pytest.fixture
def refusing(settings: LazySettings) -> Iterator[Postmark]:
    """Nobody is reached; what is for a customer goes to the folder."""
    cache.clear()
    with Postmark(inactive=True) as fake:
        configure(settings, fake.url)
        settings.EMAIL_URL = "folder"
        yield fake


def test_a_bounce_counts_though_nobody_can_be_told(refusing: Postmark) -> None:
    row = mailed(user=make_user())
    assert come(report(), path_of(row)) == Verdict.APPLIED


def test_a_new_user_stands_without_his_invitation(refusing: Postmark) -> None:
    membership = Membership.objects.create(user=make_user(), company=make_company(), role=Role.ACCOUNTANT)
    assert invite(membership) is False


def test_the_link_for_the_companys_address_is_told_as_not_sent(refusing: Postmark) -> None:
    with pytest.raises(NotSent):
        send_link(make_company())


def test_one_members_morning_mail_does_not_end_the_round(refusing: Postmark) -> None:
    company = make_company()
    member(company), member(company)
    held(company)

    assert send_morning_mails() == 0
    assert Membership.objects.filter(morning_mailed_on__isnull=False).count() == 2


def test_an_alarm_is_tried_again(refusing: Postmark) -> None:
    make_user(is_staff=True)
    row = queue(make_customer(make_company()))
    Attempt.objects.bulk_create(
        Attempt(delivery=row, number=number, channel=ChannelName.EMAIL, key=row.key, outcome=Outcome.TEMPORARY)
        for number in range(ENOUGH)
    )

    assert tell_of_stopped_channels() == []
    assert ChannelAlarm.objects.get().told_at is None
    tell_of_pending(1)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (None, "E-posttilbyderen avviste adressen din"),
        (WRONG_TOKEN, "E-posttilbyderen avviste prøven"),
    ],
)
def test_a_sample_that_the_provider_refuses_is_told_in_words(
    refusing: Postmark, answer: Answer | None, words: str
) -> None:
    _company, client, _user = with_an_invoice()
    refusing.answer = answer

    page = ask(client)

    assert (page.status_code, words in page.content.decode()) == (200, True)


def test_a_provider_that_hangs_up_is_told_as_one_that_did_not_answer(refusing: Postmark) -> None:
    _company, client, _user = with_an_invoice()
    refusing.hang_up = True
    assert "Mailserveren svarte ikke" in ask(client).content.decode()
