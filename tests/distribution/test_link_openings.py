"""What the sender learns of a customer's link and can do about it, and how often it may be asked for (R13, R35)."""

from collections.abc import Iterator
from datetime import timedelta
from importlib import import_module

import pytest
import time_machine
from django.apps import apps
from django.conf import LazySettings
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from customers.models import Company
from distribution.models import Event, Invoice, Link
from distribution.views.link import LOOKS_A_MINUTE, PDFS_A_MINUTE, WRONG_A_MINUTE
from tests.factories import kinds, make_company, set_choices
from tests.linking import PHONE, closed, linking_company, mailed, member_of, path_of, private, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def a_minute_of_its_own() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


# What the sender learns of it


def test_an_opening_stands_on_the_timeline_once_in_ten_minutes() -> None:
    invoice = mailed(linking_company())
    path, reader = path_of(invoice), Client(headers={"User-Agent": PHONE})

    for later in (0, 1, 9, 11):
        with time_machine.travel(timezone.now() + timedelta(minutes=later)):
            reader.get(path)
            reader.get(f"{path}/pdf")

    assert kinds(invoice).count("link_opened") == 2


@pytest.mark.parametrize(
    "headers",
    [
        {"User-Agent": "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)"},
        {"User-Agent": "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko) BingPreview/1.0b"},
        {"User-Agent": "Mozilla/5.0 Windows NT 10.0 Barracuda Sentinel (EE)"},
        {"User-Agent": "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)"},
        {"User-Agent": "Microsoft Office Existence Discovery"},
        {"User-Agent": "WhatsApp/2.23.20.0"},
        {"User-Agent": PHONE, "Sec-Purpose": "prefetch;prerender"},
        {"User-Agent": PHONE, "Purpose": "prefetch"},
        {"User-Agent": PHONE, "X-Moz": "prefetch"},
        {"User-Agent": PHONE, "Sec-Fetch-Mode": "no-cors"},
    ],
)
def test_a_machine_that_looks_through_mail_does_not_count_and_is_told_apart(headers: dict[str, str]) -> None:
    company = linking_company()
    invoice = mailed(company)
    path = path_of(invoice)

    assert Client(headers=headers).get(path).status_code == 200
    assert Client(headers=headers).get(f"{path}/pdf").status_code == 200

    assert "link_opened" not in kinds(invoice)
    page = text_of(member_of(company).get(f"/fakturaer/{invoice.pk}/"))
    assert "Ikke åpnet hentet av en maskin" in page


def test_a_head_request_is_a_machine() -> None:
    invoice = mailed(linking_company())

    assert Client(headers={"User-Agent": PHONE}).head(path_of(invoice)).status_code == 200

    assert "link_opened" not in kinds(invoice)
    assert invoice.links.get().fetched_at is not None


@pytest.mark.parametrize(
    "headers",
    [
        {"User-Agent": PHONE},
        {"User-Agent": PHONE, "Sec-Fetch-Mode": "navigate", "Sec-Fetch-User": "?1"},
        {"User-Agent": "Mozilla/5.0 (Linux; Android 9; CUBOT X19) AppleWebKit/537.36 Chrome/120 Mobile Safari/537.36"},
    ],
)
def test_a_persons_browser_counts(headers: dict[str, str]) -> None:
    invoice = mailed(linking_company())

    Client(headers=headers).get(path_of(invoice))

    assert "link_opened" in kinds(invoice)
    assert invoice.links.get().fetched_at is None


def test_the_senders_own_people_are_not_the_customer_but_others_may_be() -> None:
    company = linking_company()
    invoice = mailed(company)

    member_of(company).get(path_of(invoice))
    assert "link_opened" not in kinds(invoice)
    member_of(make_company()).get(path_of(invoice))
    assert "link_opened" in kinds(invoice)


def test_R35_the_invoices_page_shows_the_links_and_when_they_were_opened() -> None:
    company = linking_company()
    invoice = mailed(company)
    Client(headers={"User-Agent": PHONE}).get(path_of(invoice))
    link = invoice.links.get()
    assert link.opened_at is not None

    page = text_of(member_of(company).get(f"/fakturaer/{invoice.pk}/"))

    assert f"{timezone.localtime(link.expires_at):%d.%m.%Y}" in page
    assert f"{timezone.localtime(link.opened_at):%d.%m.%Y %H:%M}" in page
    assert "Kunden åpnet lenken." in page
    assert "Kundens lenke" not in text_of(member_of(company).get(f"/fakturaer/{unlinked(company).pk}/"))


def unlinked(company: Company) -> Invoice:
    set_choices(company, attach_pdf=True)
    return mailed(company)


def test_an_older_releases_openings_are_read_from_the_timeline() -> None:
    company = linking_company()
    opened, unopened = mailed(company), mailed(company)
    Client().get(path_of(opened))
    Link.objects.update(opened_at=None)

    import_module("distribution.migrations.0016_link_openings").read_from_the_timeline(apps, None)

    assert opened.links.get().opened_at == Event.objects.get(invoice=opened, kind="link_opened").at
    assert unopened.links.get().opened_at is None


def test_R13_withdrawing_is_asked_first_done_once_and_told_with_the_name() -> None:
    company = linking_company(name="Fjell & Fjord AS")
    invoice = mailed(company)
    path, client = path_of(invoice), member_of(company)
    order = f"/fakturaer/{invoice.pk}/lenker/{invoice.links.get().pk}/trekk-tilbake/"

    assert "Det kan ikke angres." in text_of(client.get(order))
    assert Client().get(path).status_code == 200
    assert "Lenken er trukket tilbake, og virker ikke lenger." in text_of(client.post(order, follow=True))
    closed(path, "Avsenderen har trukket lenken tilbake.", invoice)
    for again in (client.post(order, follow=True), client.get(order, follow=True)):
        assert "Lenken er alt trukket tilbake." in text_of(again)

    told = Event.objects.get(invoice=invoice, kind="link_withdrawn")
    assert told.user_id == int(client.session["_auth_user_id"])
    assert "Lenken til fakturaen er trukket tilbake." in text_of(client.get(f"/fakturaer/{invoice.pk}/"))


def test_a_link_is_withdrawn_through_its_own_invoice_only() -> None:
    company = linking_company()
    mine, other = mailed(company), mailed(company)
    order = f"/fakturaer/{mine.pk}/lenker/{other.links.get().pk}/trekk-tilbake/"

    assert member_of(company).post(order).status_code == 404
    assert Client().get(path_of(other)).status_code == 200


# How often


def test_wrong_tokens_are_limited_and_lock_nobody_out_who_has_a_right_one() -> None:
    path = path_of(mailed(linking_company()))

    answers = [Client().get(f"/i/feil-{number}") for number in range(WRONG_A_MINUTE + 5)]

    assert [one.status_code for one in answers] == [404] * WRONG_A_MINUTE + [429] * 5
    refused = answers[-1]
    assert 0 < int(refused["Retry-After"]) <= 60
    assert "For mange forsøk" in text_of(refused)
    private(refused)
    assert Client().get(path).status_code == 200
    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        assert Client().get("/i/feil").status_code == 404


def test_each_address_has_its_own_count_and_only_the_proxys_word_is_taken(settings: LazySettings) -> None:
    def guess(address: str, claimed: str = "") -> HttpResponse:
        headers = {"X-Forwarded-For": claimed} if claimed else {}
        return Client(REMOTE_ADDR=address, headers=headers).get("/i/feil")  # type: ignore[return-value]

    for number in range(WRONG_A_MINUTE):
        assert guess("192.0.2.1", claimed=f"198.51.100.{number}").status_code == 404
    assert guess("192.0.2.1", claimed="198.51.100.99").status_code == 429
    assert guess("192.0.2.2").status_code == 404

    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    assert guess("192.0.2.1", claimed="203.0.113.5").status_code == 404
    for number in range(WRONG_A_MINUTE):
        guess("192.0.2.1", claimed=f"198.51.100.{number}, 2001:db8::{number:x}")
    assert guess("192.0.2.1", claimed="2001:db8::ffff").status_code == 429


def test_one_link_is_limited_too_and_no_other_by_it() -> None:
    company = linking_company()
    busy, other = path_of(mailed(company)), path_of(mailed(company))

    looks = [Client().get(busy).status_code for _ in range(LOOKS_A_MINUTE + 1)]
    pdfs = [Client().get(f"{busy}/pdf").status_code for _ in range(PDFS_A_MINUTE + 1)]

    assert looks == [200] * LOOKS_A_MINUTE + [429]
    assert pdfs == [200] * PDFS_A_MINUTE + [429]
    assert Client().get(other).status_code == 200
