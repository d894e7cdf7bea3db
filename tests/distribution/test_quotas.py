"""So many mails a minute: of the installation, of one company; the others wait for their own minute (issue 7, sending)."""

from collections import Counter
from datetime import datetime, timedelta

import pytest
import time_machine
from django.conf import LazySettings
from django.utils import timezone

from customers.models import Company
from distribution import delivery, quotas
from distribution.models import Delivery, MailQuota
from distribution.states import Status
from tests.factories import make_company, make_customer, out, queue
from tests.pdfs import small_pdf
from tests.smtp_sink import Sink

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def queue_mails(number: int, company: Company | None = None) -> None:
    customer = make_customer(company or make_company(), email="kunde@firma.test")
    for _ in range(number):
        queue(customer, own_pdf=small_pdf())


def work_at(moment: datetime) -> None:
    with time_machine.travel(moment, tick=False):
        while delivery.run():
            pass


@pytest.fixture
def minute() -> datetime:
    return timezone.now().replace(second=0, microsecond=0) + timedelta(minutes=2)


def test_what_is_too_much_for_one_minute_goes_in_the_next_ones(
    smtp: Sink, settings: LazySettings, minute: datetime
) -> None:
    settings.EMAIL_PER_MINUTE = 3
    queue_mails(8)

    work_at(minute)

    assert len(smtp.accepted) == 3
    due = Counter(Delivery.objects.filter(status=Status.QUEUED).values_list("due_at", flat=True))
    assert due == {minute + timedelta(minutes=1): 3, minute + timedelta(minutes=2): 2}
    for later in (1, 2):
        work_at(minute + timedelta(minutes=later))
    assert len(smtp.accepted) == 8


def test_one_company_has_its_own_limit_and_does_not_take_the_others_turn(
    smtp: Sink, settings: LazySettings, minute: datetime
) -> None:
    settings.EMAIL_COMPANY_PER_MINUTE = 2
    queue_mails(5)
    queue_mails(1, make_company())

    work_at(minute)

    assert (
        Counter(Delivery.objects.filter(status=Status.ACCEPTED).values_list("company", flat=True)).most_common()[0][1]
        == 2
    )
    assert len(smtp.accepted) == 3


def test_T70_an_invoice_to_three_addresses_is_three_mails(smtp: Sink, settings: LazySettings, minute: datetime) -> None:
    settings.EMAIL_PER_MINUTE = 4
    customer = make_customer(make_company(), email="a@firma.test, b@firma.test, c@firma.test")
    for _ in range(3):
        queue(customer)

    work_at(minute)

    assert len(smtp.accepted) == 3
    due = Counter(Delivery.objects.filter(status=Status.QUEUED).values_list("due_at", flat=True))
    assert due == {minute + timedelta(minutes=1): 1, minute + timedelta(minutes=2): 1}
    for later, number in ((1, 6), (2, 9)):
        work_at(minute + timedelta(minutes=later))
        assert len(smtp.accepted) == number


def test_T70_one_to_more_addresses_than_a_minute_has_still_goes(
    smtp: Sink, settings: LazySettings, minute: datetime
) -> None:
    settings.EMAIL_COMPANY_PER_MINUTE = 2
    queue(make_customer(make_company(), email="a@firma.test, b@firma.test, c@firma.test"))

    work_at(minute)

    assert len(smtp.accepted) == 3


def test_what_the_installation_sends_back_is_not_taken_from_its_company(
    settings: LazySettings, minute: datetime
) -> None:
    settings.EMAIL_COMPANY_PER_MINUTE, settings.EMAIL_PER_MINUTE = 5, 2
    one, other = make_company(), make_company()
    with time_machine.travel(minute, tick=False):
        assert [quotas.wait_until(one.pk, 1), quotas.wait_until(other.pk, 1)] == [None, None]
        assert [quotas.wait_until(one.pk, 1) for _ in range(4)] == [
            minute + timedelta(minutes=later) for later in (1, 1, 2, 2)
        ]

    assert dict(MailQuota.objects.values_list("company", "used")) == {one.pk: 1, other.pk: 1, quotas.EVERYBODY: 6}


def test_what_its_company_sends_back_is_not_taken_from_the_installation(
    settings: LazySettings, minute: datetime
) -> None:
    settings.EMAIL_COMPANY_PER_MINUTE, settings.EMAIL_PER_MINUTE = 1, 9
    company = make_company()
    with time_machine.travel(minute, tick=False):
        assert [quotas.wait_until(company.pk, 1) for _ in range(3)] == [
            None,
            *(minute + timedelta(minutes=later) for later in (1, 2)),
        ]

    assert dict(MailQuota.objects.values_list("company", "used")) == {company.pk: 3, quotas.EVERYBODY: 1}


def test_old_tickets_are_thrown_away(smtp: Sink, settings: LazySettings, minute: datetime) -> None:
    settings.EMAIL_PER_MINUTE = 5
    queue_mails(1)
    work_at(minute)
    queue_mails(1)

    work_at(minute + timedelta(hours=2))

    assert MailQuota.objects.count() == 1


def test_what_goes_to_the_folder_is_not_counted(settings: LazySettings, minute: datetime) -> None:
    settings.EMAIL_PER_MINUTE = 1
    queue_mails(3)

    work_at(minute)

    assert len(out("email")) == 3


def test_without_a_limit_nothing_is_counted(smtp: Sink, minute: datetime) -> None:
    queue_mails(2)

    work_at(minute)

    assert (len(smtp.accepted), MailQuota.objects.count()) == (2, 0)
