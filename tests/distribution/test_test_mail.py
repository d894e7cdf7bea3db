"""«Send meg en prøve» on «Innstillinger», and the mail shown as HTML and as plain text (R13, R14)."""

from typing import Any

import pytest
from django.conf import LazySettings
from django.core.cache import cache
from django.test import Client

from customers.models import Company, Membership, Role, User
from distribution.choices import settings_of
from distribution.documents.pdf import render
from distribution.models import Attempt, Delivery, Event
from distribution.sample import MOST
from tests.factories import ADDRESS, document, make_company, make_customer, make_user, queue
from tests.smtp_sink import Sink

pytestmark = pytest.mark.django_db
PAGE = "/mitt-firma/elektronisk-faktura/innstillinger/"


@pytest.fixture(autouse=True)
def _nobody_has_asked_yet() -> None:
    cache.clear()


def member(company: Company) -> tuple[Client, User]:
    user = make_user()
    Membership.objects.create(user=user, company=company, role=Role.ACCOUNTANT)
    client = Client()
    client.force_login(user)
    return client, user


def with_an_invoice(**how: Any) -> tuple[Company, Client, User]:
    company = make_company(name="Fjellro Kaffebrenneri AS")
    client, user = member(company)
    queue(make_customer(company, name="Arne & Sønn", email="arne@firma.test", **ADDRESS), number="7001", **how)
    return company, client, user


def ask(client: Client, **typed: Any) -> Any:
    initial = client.get(PAGE).context["form"].initial
    values = {**initial, "prove": "1", **typed}
    return client.post(
        PAGE, {name: "on" if value is True else value for name, value in values.items() if value is not False}
    )


def test_R14_the_sample_is_the_mail_as_typed_and_goes_to_the_user_alone(smtp: Sink) -> None:
    company, client, user = with_an_invoice()
    before = (Delivery.objects.count(), Attempt.objects.count(), Event.objects.count())

    page = ask(client, email_text_nb="Hei {kunde}: {nummer}")

    sample = smtp.message()
    assert smtp.recipients == [[user.email]]
    assert sample["Subject"].strip() == "PRØVE · Faktura 7001 fra Fjellro Kaffebrenneri AS"
    assert sample["Reply-To"] == company.email
    plain, html = sample.get_body(("plain",)), sample.get_body(("html",))
    assert plain is not None
    assert "Hei Arne & Sønn: 7001" in plain.get_content()
    assert html is not None
    assert "Hei Arne &amp; Sønn: 7001" in html.get_content()
    (pdf,) = sample.iter_attachments()
    assert (pdf.get_filename(), pdf.get_content()[:5]) == ("Faktura-7001.pdf", b"%PDF-")
    assert f"Prøven er sendt til {user.email}." in page.content.decode()
    assert "Hei {kunde}: {nummer}" in page.content.decode()  # what was typed stays
    assert settings_of(company).email_text_nb == ""
    assert (Delivery.objects.count(), Attempt.objects.count(), Event.objects.count()) == before


def test_R13_without_attachments_it_carries_a_link_that_the_user_can_open(smtp: Sink) -> None:
    _company, client, _user = with_an_invoice()

    ask(client, attach_pdf=False)

    plain = smtp.message().get_body(("plain",))
    assert not list(smtp.message().iter_attachments())
    assert plain is not None
    address = next(word for word in plain.get_content().split() if "/fakturaer/" in word)
    assert client.get("/fakturaer/" + address.rpartition("/fakturaer/")[2]).status_code == 200


def test_the_companys_own_pdf_is_attached_and_the_language_is_the_chosen_one(smtp: Sink) -> None:
    own = render(document(make_customer(make_company())), language="nb")
    _company, client, _user = with_an_invoice(own_pdf=own)

    page = ask(client, email_text_nb="Hei", email_text_en="Hello {kunde}", sprak="en")

    sample = smtp.message()
    plain = sample.get_body(("plain",))
    assert plain is not None
    assert "Hello Arne & Sønn" in plain.get_content()
    assert sample["Content-Language"] == "en"
    assert [part.get_content() for part in sample.iter_attachments()] == [own]
    assert 'value="en" checked' in page.content.decode()


def test_R17_a_test_companys_sample_says_test(smtp: Sink) -> None:
    company, client, _user = with_an_invoice()
    Company.objects.filter(pk=company.pk).update(is_test=True)

    ask(client)

    assert smtp.message()["Subject"].strip().startswith("PRØVE · [TEST] ")


def test_what_is_typed_wrongly_is_said_and_nothing_leaves(smtp: Sink) -> None:
    _company, client, _user = with_an_invoice()

    page = ask(client, email_text_nb="Hei {kundne}")

    assert page.status_code == 422
    assert "Feltet {kundne} finnes ikke." in page.content.decode()
    assert smtp.accepted == []


@pytest.mark.parametrize(
    ("step", "answer", "words"),
    [
        ("rcpt", "550 5.1.1 no such user", "avviste adressen din: 550 5.1.1 no such user"),
        ("data", "554 5.7.1 spam", "avviste prøven: 554 5.7.1 spam"),
    ],
)
def test_a_refusal_of_the_mail_server_is_told_in_words(smtp: Sink, step: str, answer: str, words: str) -> None:
    _company, client, _user = with_an_invoice()
    setattr(smtp, step, answer)

    page = ask(client)

    assert words in page.content.decode()
    assert "Prøven er sendt" not in page.content.decode()
    assert smtp.accepted == []


def test_a_mail_server_that_is_away_is_told_in_words(smtp: Sink, settings: LazySettings) -> None:
    _company, client, _user = with_an_invoice()
    settings.EMAIL_PORT = 1

    page = ask(client)

    assert page.status_code == 200
    assert "Mailserveren svarte ikke" in page.content.decode()


def test_at_most_five_an_hour_for_each_user(smtp: Sink) -> None:
    company, client, _user = with_an_invoice()
    colleague, _other = member(company)

    pages = [ask(client).content.decode() for _ in range(MOST + 1)]

    assert len(smtp.accepted) == MOST
    assert "Prøven er sendt" in pages[MOST - 1]
    assert "Vent litt" in pages[MOST]
    assert "Prøven er sendt" in ask(colleague).content.decode()


def test_a_company_without_an_invoice_is_told_so(smtp: Sink) -> None:
    client, _user = member(make_company())

    assert "ingen faktura å lage en prøve av" in ask(client).content.decode()
    assert smtp.accepted == []


def test_the_page_shows_the_mail_as_html_and_as_plain_text() -> None:
    _company, client, _user = with_an_invoice()

    page = client.post(
        PAGE, {"made_of": "", "attach_pdf": "on", "email_text_nb": "Hei {kunde}", "vis": "1", "format": "text"}
    )

    words = page.content.decode()
    assert "Fakturaen ligger ved som PDF." in page.context["mails"][0].plain
    assert "<pre>Hei Arne &amp; Sønn\n" in words
    assert 'value="text" checked' in words
