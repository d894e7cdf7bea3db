"""A company's address: asked for by an admin, confirmed by whoever reads it, and no longer confirmed once it is another one."""

import logging
import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.conf import LazySettings
from django.core import signing
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from autoinvoice_site.logs import WithoutTokens
from customers.models import Company, Membership, Role
from customers.verification import DAYS, MOST, token_for
from tests.factories import make_company, make_user
from tests.smtp_sink import Sink, parsed

pytestmark = pytest.mark.django_db
HERE, SEND, EDIT = "/mitt-firma/", "/mitt-firma/e-post/bekreft/", "/mitt-firma/rediger/"


@pytest.fixture(autouse=True)
def _nobody_has_asked_yet() -> None:
    cache.clear()


def company_with(verified: str = "", **facts: Any) -> Company:
    return make_company(**{"name": "Fjellro AS", "email": "post@fjellro.test", "verified_email": verified, **facts})


def client_of(company: Company, role: Role = Role.ADMIN) -> Client:
    client = Client()
    client.force_login(Membership.objects.create(user=make_user(), company=company, role=role).user)
    return client


def path_in(mail: bytes) -> str:
    words = str(parsed(mail).get_content())
    found = re.search(r"http://127\.0\.0\.1:8000(/bekreft/\S+)", words)
    assert found, words
    return found[1]


def verified(company: Company) -> bool:
    company.refresh_from_db()
    return company.email_verified


@pytest.mark.database
def test_the_address_is_verified_by_a_click_in_the_mail_that_it_got(smtp: Sink) -> None:
    company = company_with()
    client = client_of(company)
    assert "ikke bekreftet" in client.get(HERE).content.decode()

    said = client.post(SEND, follow=True).content.decode()

    assert "Vi har sendt en e-post til post@fjellro.test." in said
    assert smtp.recipients == [["post@fjellro.test"]]
    assert smtp.message()["Auto-Submitted"] == "auto-generated"
    stranger, path = Client(enforce_csrf_checks=True), path_in(smtp.accepted[0])
    page = stranger.get(path)
    assert "Ja, det er vår adresse" in page.content.decode()
    answer = stranger.post(path, {"csrfmiddlewaretoken": page.context["csrf_token"]})
    assert "Adressen er bekreftet" in answer.content.decode()
    assert verified(company)
    assert "ikke bekreftet" not in client.get(HERE).content.decode()


@pytest.mark.parametrize("method", ["get", "head", "options"])
def test_a_scanner_that_opens_every_link_verifies_nothing(method: str) -> None:
    company = company_with()
    path = f"/bekreft/{token_for(company)}"

    for _ in range(3):
        getattr(Client(), method)(path)

    assert not verified(company)


def test_the_page_is_of_no_use_to_a_cache_a_search_engine_or_the_next_site() -> None:
    answer = Client().get(f"/bekreft/{token_for(company_with())}")

    assert answer["Cache-Control"] == "private, no-store"
    assert answer["Referrer-Policy"] == "no-referrer"
    assert answer["X-Robots-Tag"] == "noindex, nofollow"


def test_a_link_of_an_address_that_has_been_changed_since_verifies_nothing() -> None:
    company = company_with()
    path = f"/bekreft/{token_for(company)}"
    Company.objects.filter(pk=company.pk).update(email="ny@fjellro.test")

    shown, clicked = Client().get(path), Client().post(path)

    assert (shown.status_code, clicked.status_code) == (409, 409)
    assert "Fjellro AS har byttet e-postadresse" in clicked.content.decode()
    assert not verified(company)
    assert company.verified_email == ""


def test_a_link_works_for_three_days() -> None:
    company = company_with()
    path = f"/bekreft/{token_for(company)}"

    with time_machine.travel(timezone.now() + timedelta(days=DAYS, minutes=1)):
        late = Client().post(path)
    assert (late.status_code, verified(company)) == (404, False)
    with time_machine.travel(timezone.now() + timedelta(days=DAYS, minutes=-1)):
        in_time = Client().post(path)
    assert (in_time.status_code, verified(company)) == (200, True)


@pytest.mark.parametrize("made", ["other salt", "cut", "nonsense", "company that is gone"])
def test_a_link_that_we_did_not_make_is_told_so(made: str) -> None:
    company = company_with()
    tokens = {
        "other salt": signing.dumps({"company": company.pk, "email": company.email}),
        "cut": token_for(company)[:-1],
        "nonsense": "x",
        "company that is gone": signing.dumps({"company": 0, "email": "a@b.test"}, salt="customers.verification"),
    }

    answer = Client().post(f"/bekreft/{tokens[made]}")

    assert answer.status_code == 404
    assert "Lenken gjelder ikke lenger" in answer.content.decode()
    assert not verified(company)


def test_followed_twice_it_says_the_same() -> None:
    company = company_with()
    path = f"/bekreft/{token_for(company)}"
    Client().post(path)

    for answer in (Client().get(path), Client().post(path)):
        assert "Adressen er bekreftet" in answer.content.decode()
    assert verified(company)


def test_saving_another_address_makes_it_unverified_and_the_pages_say_so() -> None:
    company = company_with(verified="post@fjellro.test")
    client = client_of(company)
    form = client.get(EDIT).context["form"]
    typed = {field.html_name: field.value() for field in form} | {"email": "ny@fjellro.test"}

    client.post(EDIT, typed)

    assert not verified(company)
    for page in (HERE, f"{HERE}elektronisk-faktura/innstillinger/"):
        assert "Svar fra kundene på fakturaer i e-post går ingen steder" in client.get(page).content.decode()


def test_an_accountant_sees_it_and_can_not_ask(smtp: Sink) -> None:
    company = company_with()
    client = client_of(company, Role.ACCOUNTANT)

    page = client.get(HERE).content.decode()

    assert "En administrator i firmaet kan be om bekreftelsen her." in page
    assert "Send bekreftelse" not in page
    assert client.post(SEND).status_code == 403
    assert smtp.seen == 0


@pytest.mark.parametrize("facts", [{"email": ""}, {"verified": "post@fjellro.test"}], ids=["no address", "verified"])
def test_where_there_is_nothing_to_verify_nothing_leaves(smtp: Sink, facts: dict[str, str]) -> None:
    client = client_of(company_with(**facts))

    assert "Send bekreftelse" not in client.get(HERE).content.decode()
    assert "ingen adresse å bekrefte" in client.post(SEND, follow=True).content.decode()
    assert smtp.seen == 0


def test_at_most_five_an_hour_for_each_company(smtp: Sink) -> None:
    company = company_with()
    clients = client_of(company), client_of(company)

    pages = [clients[number % 2].post(SEND, follow=True).content.decode() for number in range(MOST + 1)]

    assert len(smtp.accepted) == MOST
    assert "Vent litt" in pages[MOST]
    assert (
        "Vi har sendt en e-post"
        in client_of(company_with(email="a@annen.test")).post(SEND, follow=True).content.decode()
    )


def test_a_mail_server_that_refuses_is_told_in_words(smtp: Sink) -> None:
    smtp.rcpt = "550 no such user"

    page = client_of(company_with()).post(SEND, follow=True).content.decode()

    assert "Mailserveren tok ikke imot e-posten til post@fjellro.test." in page


def test_R17_the_mail_of_a_test_company_says_TEST(smtp: Sink) -> None:
    company = company_with(is_test=True)

    client_of(company).post(SEND)

    assert str(smtp.message()["Subject"]).strip().startswith("TEST · ")


def test_T93_the_token_never_enters_a_log(caplog: pytest.LogCaptureFixture, settings: LazySettings) -> None:
    token = token_for(company_with())
    caplog.handler.addFilter(WithoutTokens())
    with caplog.at_level(logging.INFO):
        Client().get(f"/bekreft/{token}x")

    assert "/bekreft/…" in caplog.text
    assert token not in caplog.text
