"""`/i/<token>`: what a stranger with the link sees, and what he never sees (R13, T07)."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

import lxml.html
import pytest
import time_machine
from django.conf import LazySettings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from PIL import Image

from customers.models import Company
from distribution import delivery
from distribution.documents.invoice import DocumentType
from distribution.documents.pdf import render
from distribution.documents.screen import MOST_LINES, screen_of
from distribution.models import Event, Link
from tests.factories import document, make_company, make_customer, make_user
from tests.linking import PHONE, closed, everything_of, linking_company, mailed, member_of, path_of, private, text_of

pytestmark = pytest.mark.django_db


def give_logo(company: Company) -> None:
    drawn = BytesIO()
    Image.new("RGB", (300, 80), "teal").save(drawn, "PNG")
    default_storage.save(f"logos/{company.pk}.png", ContentFile(drawn.getvalue()))


# What stands on it


def test_R13_the_page_says_what_to_pay_by_when_and_how_and_shows_the_invoice() -> None:
    invoice = mailed(linking_company(name="Fjell & Fjord AS"), number="4711")

    said = text_of(Client().get(path_of(invoice)))

    assert invoice.due_date is not None
    for words in ("Faktura 4711", "Fjell & Fjord AS", "Å betale 1 250,00 kr", "Til konto 8601 11 17947"):
        assert words in said
    assert f"Forfallsdato {invoice.due_date:%d.%m.%Y}" in said
    assert "KID 1234567890128" in said
    assert "Rådgivning" in said
    assert "Mva 25 %" in said
    assert "Kirkegata 5" in said


def test_what_is_copied_is_what_a_bank_takes_and_without_script_no_button_shows() -> None:
    page = lxml.html.fromstring(Client().get(path_of(mailed(linking_company()))).content.decode())

    buttons: Any = page.xpath("//button")
    assert [one.get("data-copy") for one in buttons] == ["1250,00", "86011117947", "1234567890128"]
    assert all("hidden" in one.attrib for one in buttons)
    assert page.xpath("//script[not(@src)]|//@onclick|//@style") == []


def test_without_a_kid_the_number_of_the_invoice_is_the_message() -> None:
    screen = screen_of(document(make_customer(make_company()), number="77", payment_id=""))

    assert [(fact.label, fact.copied) for fact in screen.facts][1:] == [
        ("Til konto", "86011117947"),
        ("Melding til mottaker", "Faktura 77"),
    ]


def test_a_credit_note_says_what_one_has_to_come_and_nothing_to_pay() -> None:
    invoice = mailed(linking_company(), kind=DocumentType.CREDIT_NOTE)

    answer = Client().get(path_of(invoice))

    said = text_of(answer)
    assert "Til gode 1 250,00 kr" in said
    assert said.count("Du skal ikke betale noe.") == 1
    assert not any(words in said for words in ("Å betale", "Til konto", "Forfallsdato", "KID"))
    assert b"data-copy=" not in answer.content


def test_what_is_paid_already_asks_for_no_account() -> None:
    whole = document(make_customer(make_company()))
    paid = replace(whole, totals=replace(whole.totals, prepaid=Decimal(1250), payable=Decimal(0)))

    screen = screen_of(paid)
    assert (screen.facts, screen.amount.copied, screen.nothing) == ((), "", "Du skal ikke betale noe.")


def test_a_long_invoice_ends_and_says_so() -> None:
    whole = document(make_customer(make_company()))
    long = replace(whole, lines=whole.lines * (MOST_LINES + 50))

    screen = screen_of(long)

    assert (len(screen.paper.rows), screen.lines) == (MOST_LINES, MOST_LINES + 50)
    assert screen.paper.sums == screen_of(whole).paper.sums


def test_the_page_of_a_long_invoice_names_how_many_lines_there_are() -> None:
    company = linking_company()
    whole = document(make_customer(company))
    net = Decimal(1000) * 201
    totals = replace(
        whole.totals,
        line_total=net,
        tax_exclusive=net,
        tax_total=net / 4,
        tax_inclusive=net * 5 / 4,
        payable=net * 5 / 4,
    )
    lines = tuple(replace(whole.lines[0], id=str(number)) for number in range(201))
    vat = (replace(whole.vat[0], taxable=net, tax=net / 4),)

    answer = Client().get(path_of(mailed(company, lines=lines, vat=vat, totals=totals)))

    assert "Her står de første 200 av 201 linjer. Alle står i PDF-en." in text_of(answer)
    assert len(answer.content) < 200_000


def test_it_listens_to_the_browsers_language_and_to_nothing_else() -> None:
    path = path_of(mailed(linking_company()))

    english = Client().get(path, headers={"Accept-Language": "en-GB,en;q=0.9"})
    norwegian = [Client().get(path, headers={"Accept-Language": value}) for value in ("nb-NO,en;q=0.5", "no", "")]

    assert (english["Content-Language"], b'<html lang="en">' in english.content) == ("en", True)
    assert {(one["Content-Language"], b'<html lang="nb">' in one.content) for one in norwegian} == {("nb", True)}


def test_one_who_is_signed_in_gets_the_strangers_page_too() -> None:
    company = linking_company()
    path = path_of(mailed(company))

    assert member_of(company).get(path).content == Client().get(path).content
    assert b"<nav" not in Client().get(path).content
    assert Client().get(path).cookies == {}


def test_the_logo_comes_from_the_link_and_only_where_there_is_one() -> None:
    with_one, without = linking_company(), linking_company()
    give_logo(with_one)
    shown, bare = path_of(mailed(with_one)), path_of(mailed(without))

    logo = Client().get(f"{shown}/logo")
    assert (logo.status_code, logo["Content-Type"]) == (200, "image/png")
    assert f'src="{shown}/logo"' in Client().get(shown).content.decode()
    assert Client().get(f"{bare}/logo").status_code == 404
    assert b"<img" not in Client().get(bare).content


# Whose it is


def test_T07_no_address_under_a_link_shows_anything_of_another_invoice() -> None:
    company = linking_company()
    mine, other = mailed(company, number="A501"), mailed(company, number="B902", own_pdf=own_pdf("B902"))
    names = (other.number, other.buyer_name, str(other.pk), path_of(other).removeprefix("/i/"))
    path, token = path_of(mine), path_of(other).removeprefix("/i/")

    tried = [
        *everything_of(path),
        f"{path}/{other.pk}",
        f"{path}/pdf/{other.pk}",
        f"{path}/{token}",
        f"{path}?id={other.pk}",
    ]
    tried += [
        f"{path}/pdf?invoice={other.pk}&token={token}",
        f"{path}/../{other.pk}",
        f"/i/{other.pk}",
        f"/i/{other.number}",
    ]
    answers = {address: Client().get(address) for address in tried}

    assert answers[f"{path}/pdf"].content != Client().get(f"{path_of(other)}/pdf").content
    for address, answer in answers.items():
        assert b"B902" not in answer.content or address == f"{path}/pdf", address
        assert names[1].encode() not in answer.content, address


def own_pdf(number: str) -> bytes:
    return render(document(make_customer(make_company()), number=number), language="nb")


def test_the_token_has_128_bits_and_is_kept_as_its_hash_alone() -> None:
    invoice = mailed(linking_company())
    token, link = path_of(invoice).removeprefix("/i/"), invoice.links.get()

    assert len(token) == 22
    assert token not in str(Link.objects.values().get())
    assert Client().get(f"/i/{link.token_sha256}").status_code == 404
    assert Client().get(f"/i/{token.swapcase()}").status_code == 404


def test_it_expires_after_LINK_DAYS_and_says_when(settings: LazySettings) -> None:
    settings.LINK_DAYS = 3
    invoice = mailed(linking_company(name="Fjell & Fjord AS"))
    path, ends = path_of(invoice), timezone.localtime() + timedelta(days=3)

    assert Client().get(path).status_code == 200
    with time_machine.travel(timezone.now() + timedelta(days=3, seconds=1)):
        closed(path, f"Lenken gikk ut {ends:%d.%m.%Y}.", invoice)


def test_an_unknown_token_gets_neutral_words() -> None:
    closed("/i/AAAAAAAAAAAAAAAAAAAAAA", "Kontroller at hele adressen er med", mailed(linking_company()))


def test_every_answer_is_private_unlisted_and_tells_no_other_site_where_it_was() -> None:
    company = linking_company()
    give_logo(company)
    for address in everything_of(path_of(mailed(company))):
        private(Client().get(address))
        private(Client().head(address))
        refused = Client().post(address)
        assert refused.status_code == 405
        private(refused)


def test_a_link_in_a_mail_keeps_working_when_the_invoice_goes_on_another_way() -> None:
    company = linking_company()
    invoice = mailed(company)
    path = path_of(invoice)

    delivery.resend(invoice, make_user(), channel="print", confirmed=True)
    while delivery.run():
        pass

    assert Client().get(path).status_code == 200
    told = Event.objects.get(kind="link_opened").delivery
    assert told is not None
    assert told.channel == "email"  # where the link went, not what came last


def test_the_page_asks_the_database_little() -> None:
    invoice = mailed(linking_company())
    path = path_of(invoice)
    counted = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as captured:
            Client(headers={"User-Agent": PHONE}).get(path)
        counted.append(len(captured))

    assert counted == [6, 1]  # the link; and once, in a savepoint, that it was opened
