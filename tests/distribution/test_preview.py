"""The mail shown on «Innstillinger» is the mail that leaves: word for word, HTML and plain text (R13, R14)."""

import re
from typing import Any

import lxml.html
import pytest
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from customers.logos import store_logo
from customers.models import Company, Customer, Membership, Role
from distribution import delivery
from distribution.models import Link
from tests.distribution.channels.test_email import body
from tests.distribution.channels.test_mail_words import logo
from tests.factories import make_company, make_customer, make_user, queue, set_choices
from tests.smtp_sink import Sink

pytestmark = pytest.mark.django_db
PAGE = "/mitt-firma/elektronisk-faktura/innstillinger/"
TEXT = "Hei {kunde} & co!\n\n<b>{nummer}</b> på {beløp}, {forfall}.\nKID {kid}\n\nHilsen {firma}"


@pytest.fixture(autouse=True)
def _nobody_has_asked_yet() -> None:
    cache.clear()


def company_with_an_invoice(**facts: Any) -> tuple[Company, Customer, Client]:
    company = make_company(**{"name": "Fjellro Kaffebrenneri AS", **facts})
    customer = make_customer(company, name="Arne & Sønn", email="arne@firma.test", language="en")
    queue(customer, number="7001")
    client = Client()
    membership = Membership.objects.create(user=make_user(), company=company, role=Role.ACCOUNTANT)
    client.force_login(membership.user)
    return company, customer, client


def with_logo(company: Company) -> Company:
    store_logo(company, SimpleUploadedFile("logo.png", ContentFile(logo()).read()))
    return company


@pytest.mark.parametrize("attached", [True, False], ids=["attached", "link"])
@pytest.mark.parametrize("text", ["", TEXT], ids=["ours", "own text"])
@pytest.mark.parametrize("drawn", [True, False], ids=["logo", "no logo"])
def test_what_is_shown_is_what_leaves(smtp: Sink, attached: bool, text: str, drawn: bool) -> None:
    """But for the two addresses that differ by nature: the logo's, and that of the customer's link, which no preview has."""
    company, _customer, client = company_with_an_invoice()
    if drawn:
        with_logo(company)
    set_choices(company, email_text_en=text, attach_pdf=attached)

    shown = client.get(PAGE).context["mails"][1]
    while delivery.run():
        pass

    left = smtp.message()
    assert shown.language == left["Content-Language"] == "en"
    assert shown.subject == str(left["Subject"]).strip()
    assert shown.reply_to == left["Reply-To"] == company.email
    assert shown.html == alike(body(left, "html"))
    assert shown.plain == alike(body(left, "plain"))
    assert [shown.attached] == ([one.get_filename() for one in left.iter_attachments()] or [""])
    assert Link.objects.exists() is not attached
    assert ("<img" in shown.html) is drawn


def alike(left: str) -> str:
    invoice = re.sub(r"/i/[\w-]{22}", "/fakturaer/1/", left.replace("\r\n", "\n"))
    return re.sub(r"cid:[^\"]+", "/mitt-firma/logo/", invoice)


def test_the_sample_carries_the_logo_as_the_mail_does(smtp: Sink) -> None:
    company, _customer, client = company_with_an_invoice()
    with_logo(company)

    client.post(PAGE, {**client.get(PAGE).context["form"].initial, "attach_pdf": "on", "sprak": "en", "prove": "1"})
    sample = smtp.message()
    smtp.accepted.clear()
    while delivery.run():
        pass

    left = smtp.message()
    keys = [re.search(r"cid:logo\.([0-9a-f-]+)@", body(one, "html")) for one in (sample, left)]
    assert all(keys)
    assert [one.get_content_type() for one in sample.walk()] == [one.get_content_type() for one in left.walk()]
    assert body(sample, "plain") == body(left, "plain")
    assert sample["Message-ID"] != left["Message-ID"]


def test_a_company_without_a_verified_address_is_told_that_answers_go_nowhere() -> None:
    _company, _customer, client = company_with_an_invoice(email="post@ny.test", verified_email="")

    page = client.get(PAGE)

    assert page.context["mails"][0].reply_to == ""
    assert "Ingen før e-postadressen er bekreftet" in page.content.decode()
    assert "Svar på denne e-posten blir ikke lest." in page.context["mails"][0].plain


def test_the_mail_stands_in_a_frame_that_runs_nothing() -> None:
    company, _customer, client = company_with_an_invoice()
    set_choices(company, email_text_nb="</iframe><script>alert(1)</script>")

    page = client.get(PAGE)

    whole: Any = lxml.html.fromstring(page.content.decode())
    first, second = whole.xpath("//iframe")
    assert [one.get("srcdoc") for one in (first, second)] == [one.html for one in page.context["mails"]]
    assert {one.get("sandbox") for one in (first, second)} == {"allow-same-origin"}  # and no scripts
    inside: Any = lxml.html.fromstring(first.get("srcdoc"))
    assert not inside.xpath("//script")
    assert "</iframe><script>alert(1)</script>" in inside.text_content()
    assert "script-src 'unsafe-inline'" not in page["Content-Security-Policy"]
    assert "style-src 'self' 'unsafe-inline'" in page["Content-Security-Policy"]
    assert "unsafe-inline" not in client.get("/mitt-firma/")["Content-Security-Policy"]
