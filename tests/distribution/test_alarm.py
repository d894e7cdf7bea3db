"""A channel that has stopped (R39): ops are told at once, once an hour, and not of what is merely refused."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.core import mail
from django.utils import timezone

from customers.models import User
from distribution.alarm import ENOUGH, stopped_channels, tell_of_stopped_channels
from distribution.models import Attempt, ChannelAlarm
from distribution.states import ChannelName, Outcome
from distribution.tasks import watch
from tests.factories import make_company, make_customer, make_user, queue
from tests.ports import free_port
from tests.smtp_sink import Sink

pytestmark = pytest.mark.django_db


@pytest.fixture
def ops() -> User:
    return make_user(is_staff=True)


def attempts(*outcomes: Outcome, channel: ChannelName = ChannelName.EMAIL, minutes: int = 5) -> None:
    row, at = queue(make_customer(make_company())), timezone.now() - timedelta(minutes=minutes)
    facts: dict[str, Any] = {"delivery": row, "key": row.key, "sha256": "a" * 64, "started_at": at}
    Attempt.objects.bulk_create(
        Attempt(number=number, channel=channel, outcome=outcome, **facts) for number, outcome in enumerate(outcomes, 1)
    )


NO_CONTACT = [Outcome.TEMPORARY] * (ENOUGH - 1) + [Outcome.UNCERTAIN]


def test_R39_ops_are_told_of_a_stopped_channel_once_an_hour(ops: User) -> None:
    make_user()
    attempts(*NO_CONTACT)

    watch()
    watch()

    (message,) = mail.outbox
    assert message.to == [ops.email]
    assert message.subject == "E-post har stanset"
    ChannelAlarm.objects.update(told_at=timezone.now() - timedelta(hours=1, seconds=1))
    assert tell_of_stopped_channels() == [ChannelName.EMAIL]


@pytest.mark.parametrize(
    "outcomes",
    [
        NO_CONTACT[1:],
        [*NO_CONTACT, Outcome.ACCEPTED],
        [*NO_CONTACT, Outcome.RECIPIENT_REFUSED],
    ],
)
def test_a_channel_that_answers_or_was_hardly_tried_has_not_stopped(outcomes: list[Outcome]) -> None:
    attempts(*outcomes)

    assert stopped_channels(timezone.now()) == []


def test_what_was_long_ago_and_what_happens_on_another_channel_does_not_count() -> None:
    attempts(*NO_CONTACT, channel=ChannelName.PRINT, minutes=16)
    attempts(*NO_CONTACT, channel=ChannelName.EINVOICE)
    attempts(Outcome.ACCEPTED, channel=ChannelName.EMAIL)

    assert stopped_channels(timezone.now()) == [ChannelName.EINVOICE]


def test_a_mail_that_found_no_server_is_tried_again(ops: User, settings: LazySettings, smtp: Sink) -> None:
    attempts(*NO_CONTACT)
    right, settings.EMAIL_PORT = settings.EMAIL_PORT, free_port()

    assert tell_of_stopped_channels() == []
    settings.EMAIL_PORT = right

    assert tell_of_stopped_channels() == [ChannelName.EMAIL]
    assert smtp.recipients == [[ops.email]]
