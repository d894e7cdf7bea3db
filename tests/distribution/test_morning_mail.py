"""The morning mail (R39): where there is something to tell, to who wants it, in his language, once."""

from typing import Any

import pytest
import time_machine
from celery.schedules import crontab
from django.conf import LazySettings, settings
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from autoinvoice_site.celery import app
from customers.models import Company, Language, Membership, Role
from distribution import delivery, morning
from distribution.models import Invoice
from distribution.morning import send_morning_mails
from distribution.tasks import morning_mail
from tests.factories import make_company, make_customer, make_user, queue
from tests.ports import free_port
from tests.smtp_sink import Sink

pytestmark = pytest.mark.django_db


def member(company: Company, *, wants: bool = True, **facts: Any) -> Membership:
    return Membership.objects.create(user=make_user(**facts), company=company, role=Role.ACCOUNTANT, morning_mail=wants)


def held(company: Company, **facts: Any) -> Invoice:
    row = queue(make_customer(company, **facts))
    while delivery.run():
        pass
    return row.invoice


def told() -> list[str]:
    return sorted(message.to[0] for message in mail.outbox)


def html_of(message: mail.EmailMessage) -> str:
    assert isinstance(message, mail.EmailMultiAlternatives)
    content, kind = message.alternatives[0]
    assert kind == "text/html"
    return str(content)


def test_each_member_who_wants_it_is_told_what_needs_a_person() -> None:
    company = make_company(name="Fjellheim AS")
    wants, also = member(company), member(company)
    member(company, wants=False)
    member(company, is_active=False)
    invoice = held(company, name="Kunde & Co")

    assert send_morning_mails() == 2

    assert told() == sorted([wants.user.email, also.user.email])
    message = mail.outbox[0]
    assert message.subject == "Fjellheim AS: 1 faktura trenger deg"
    assert "Kunde & Co" in message.body
    assert f"{settings.SITE_URL}/fakturaer/{invoice.pk}/" in message.body
    assert f"{settings.SITE_URL}/utsendelser/oppgaver/" in message.body
    assert "Kunde &amp; Co" in html_of(message)


def test_nothing_to_tell_is_no_mail() -> None:
    company = make_company()
    member(company)
    queue(make_customer(company, email="kunde@firma.test"))
    while delivery.run():
        pass

    assert send_morning_mails() == 0
    assert mail.outbox == []


def test_the_same_morning_tells_once_and_the_next_one_again() -> None:
    company = make_company()
    member(company)
    held(company)

    with time_machine.travel("2026-11-24 07:00 +0100", tick=False):
        morning_mail()
        call_command("morning_mail")
        assert len(mail.outbox) == 1
    with time_machine.travel("2026-11-25 07:00 +0100", tick=False):
        morning_mail()
    assert len(mail.outbox) == 2


def test_of_two_that_tell_at_once_one_does(monkeypatch: pytest.MonkeyPatch) -> None:
    company = make_company()
    membership = member(company)
    held(company)
    compose = morning._compose

    def other_is_faster(*facts: Any) -> mail.EmailMessage:
        Membership.objects.filter(pk=membership.pk).update(morning_mailed_on=timezone.localdate())
        return compose(*facts)

    monkeypatch.setattr(morning, "_compose", other_is_faster)

    assert send_morning_mails() == 0
    assert mail.outbox == []


def test_a_mail_names_nothing_of_another_company() -> None:
    mine, foreign = make_company(), make_company()
    user = member(mine).user
    here, there = held(mine), held(foreign)

    send_morning_mails()

    (message,) = mail.outbox
    assert message.to == [user.email]
    assert here.buyer_name in message.body
    assert foreign.name not in message.body
    assert there.buyer_name not in message.body


def test_who_belongs_to_two_companies_gets_a_mail_from_each() -> None:
    first, second = make_company(), make_company()
    user = member(first).user
    Membership.objects.create(user=user, company=second, role=Role.ADMIN)
    held(first), held(second)

    send_morning_mails()

    assert [message.subject.split(":")[0] for message in mail.outbox] == [first.name, second.name]


def test_a_mail_is_in_its_readers_language() -> None:
    company = make_company()
    member(company, language=Language.EN)
    held(company)

    send_morning_mails()

    assert '<html lang="en">' in html_of(mail.outbox[0])
    assert "The customer has no e-mail address." in mail.outbox[0].body


def test_a_long_list_is_cut_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(morning, "SHOWN", 2)
    company = make_company()
    member(company)
    numbers = [held(company).number for _ in range(3)]

    send_morning_mails()

    body = mail.outbox[0].body
    assert [number in body for number in numbers] == [True, True, False]
    assert "Dette er de eldste." in body
    assert "3 fakturaer" in body


def test_R17_a_test_company_says_so() -> None:
    company = make_company(is_test=True)
    member(company)
    held(company)

    send_morning_mails()

    assert mail.outbox[0].subject.startswith("TEST · ")


def test_demo_accounts_are_told_only_where_they_can_sign_in(settings: LazySettings) -> None:
    company = make_company()
    member(company, is_demo=True)
    held(company)

    settings.ON_THIS_MACHINE = False
    assert send_morning_mails() == 0
    settings.ON_THIS_MACHINE = True
    assert send_morning_mails() == 1


def test_it_goes_over_the_mail_server(smtp: Sink) -> None:
    company = make_company()
    membership = member(company)
    held(company)

    assert send_morning_mails() == 1

    assert smtp.recipients == [[membership.user.email]]
    assert smtp.message()["Auto-Submitted"] == "auto-generated"


def test_one_refused_address_keeps_nobody_else_from_his_mail(smtp: Sink) -> None:
    company = make_company()
    member(company), member(company)
    held(company)
    smtp.rcpt = "550 no such user"

    assert send_morning_mails() == 0
    assert Membership.objects.filter(morning_mailed_on=timezone.localdate()).count() == 2


def test_a_mail_server_that_is_away_costs_nobody_his_mail(settings: LazySettings, smtp: Sink) -> None:
    company = make_company()
    member(company)
    held(company)
    right, settings.EMAIL_PORT = settings.EMAIL_PORT, free_port()

    with pytest.raises(CommandError):
        call_command("morning_mail")
    settings.EMAIL_PORT = right

    assert send_morning_mails() == 1


def test_beat_rings_at_seven_in_oslo() -> None:
    entry = app.conf.beat_schedule["morning_mail"]

    assert entry["task"] == morning_mail.name
    assert entry["schedule"] == crontab(hour=7, minute=0)
    assert str(app.conf.timezone) == "Europe/Oslo"


def test_a_member_turns_it_off_and_on_for_himself_in_one_company() -> None:
    company, other = make_company(name="A AS"), make_company(name="B AS")
    mine, colleague = member(company), member(company)
    elsewhere = Membership.objects.create(user=mine.user, company=other, role=Role.ACCOUNTANT)
    client = Client()
    client.force_login(mine.user)
    path = "/utsendelser/morgenpost/"

    def wanted() -> list[bool]:
        order = {mine.pk: 0, colleague.pk: 1, elsewhere.pk: 2}
        rows = sorted(Membership.objects.all(), key=lambda row: order[row.pk])
        return [row.morning_mail for row in rows]

    assert "Slå av" in client.get("/utsendelser/oppgaver/").content.decode()
    page = client.post(f"{path}{company.pk}/", {"wanted": "no"}, follow=True).content.decode()
    assert "Slå på" in page
    assert wanted() == [False, True, True]
    client.post(f"{path}{company.pk}/", {"wanted": "yes"})
    assert wanted() == [True, True, True]
    assert client.get(f"{path}{company.pk}/").status_code == 405
    assert client.post(f"{path}{make_company().pk}/", {"wanted": "no"}).status_code == 404
