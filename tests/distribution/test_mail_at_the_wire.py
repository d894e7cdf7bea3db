"""What a mail server is given: whose address, whose PDF, and a link where the PDF is too much (R13, R20, F32-F34, T66, T69)."""

import re
import subprocess
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import lxml.html
import pytest
from django.conf import LazySettings

from customers.models import Customer, Method
from distribution import delivery
from distribution.channels.email.addresses import BadAddress, on_the_wire
from distribution.delivery import OpenRun
from distribution.models import Delivery, Event, Link
from distribution.states import EventKind, Status
from distribution.timeline import words_of
from tests.factories import ADDRESS, delivery_of, make_company, make_customer, make_user, queue, take_in
from tests.pdfs import small_pdf
from tests.smtp_sink import Sink, parsed

pytestmark = pytest.mark.django_db


def send(row: Delivery) -> Delivery:
    while delivery.run():
        pass
    return delivery_of(row.invoice)


def customer_at(address: str, **facts: Any) -> Customer:
    return make_customer(make_company(), email=address, **facts)


def plain(message: EmailMessage) -> str:
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def number_in(pdf: Any, folder: Path) -> str:
    (folder / "one.pdf").write_bytes(pdf.get_content())
    words = subprocess.run(["pdftotext", str(folder / "one.pdf"), "-"], capture_output=True, check=True, text=True)
    found = re.search(r"\b70\d\d\b", words.stdout)
    assert found
    return found[0]


@pytest.mark.parametrize(
    ("typed", "asked_for"),
    [
        ("ola@blåbær.test", "ola@xn--blbr-roah.test"),
        ("ola@BLÅBÆR.test", "ola@xn--blbr-roah.test"),
        ('"ola@kontor"@firma.test', '"ola@kontor"@firma.test'),
        ("ola+faktura@firma.test", "ola+faktura@firma.test"),
        ("  ola@firma.test \t", "ola@firma.test"),
        ("o'hara@under_score.firma.test", "o'hara@under_score.firma.test"),
    ],
)
def test_F34_an_address_is_asked_for_as_servers_write_it(smtp: Sink, typed: str, asked_for: str) -> None:
    row = send(queue(customer_at(typed)))

    assert row.status == Status.ACCEPTED
    assert smtp.recipients == [[asked_for]]
    assert smtp.message()["To"] == asked_for


@pytest.mark.parametrize(
    "typed",
    [
        "bjørn@firma.test",
        "ola..nordmann@firma.test",
        "ola@firma.test\x00",
        "Ola<ola@firma.test>",
        "ola@firma.test(Bcc:alle@person.test)",
        "@firma.test",
        "ola@",
        "ola",
        "ola@-firma.test",
        "ola@xn--blåbær.test",
        '"ola"nordmann@firma.test',
    ],
)
def test_F34_an_address_that_no_server_takes_leaves_by_print_and_the_timeline_says_why(smtp: Sink, typed: str) -> None:
    Customer.objects.filter(pk=(customer := customer_at("a@firma.test", **ADDRESS)).pk).update(
        email=typed.replace("\x00", "\x7f")
    )
    customer.refresh_from_db()

    row = send(queue(customer))

    assert (row.channel, row.status) == ("print", Status.ACCEPTED)
    assert smtp.seen == 0
    refused = Event.objects.get(invoice=row.invoice, kind=EventKind.REFUSED)
    assert refused.data["answer"].startswith("«")


@pytest.mark.parametrize(
    "typed", ["a@b.test\r\nBcc: alle@person.test", "a@b.test\nRCPT TO:<c@d.test>", "a b@c.test", "x" * 400 + "@c.test"]
)
def test_F34_nothing_gets_behind_an_address(typed: str) -> None:
    with pytest.raises(BadAddress):
        on_the_wire(typed)


def test_F33_two_customers_with_one_address_get_a_mail_each(smtp: Sink, tmp_path: Path) -> None:
    company, run = make_company(), OpenRun(None, "test")
    for name, number in (("Ola Nordmann", "7001"), ("Kari Nordmann", "7002")):
        take_in(make_customer(company, name=name, email="familien@nordmann.test"), run=run, number=number)
    while delivery.run():
        pass

    mails = sorted(map(parsed, smtp.accepted), key=lambda one: str(one["Subject"]))
    assert smtp.recipients == [["familien@nordmann.test"]] * 2
    assert [number_in(next(iter(one.iter_attachments())), tmp_path) for one in mails] == ["7001", "7002"]
    assert [str(one["Subject"]).split()[1] for one in mails] == ["7001", "7002"]


def test_F33_a_customer_with_two_invoices_in_a_run_gets_two_mails_each_with_its_own_PDF(
    smtp: Sink, tmp_path: Path
) -> None:
    """F32."""
    customer, run = customer_at("kunde@firma.test"), OpenRun(None, "test")
    for number in ("7001", "7002"):
        take_in(customer, run=run, number=number)
    while delivery.run():
        pass

    mails = list(map(parsed, smtp.accepted))
    names = [(one.get_filename(), number_in(one, tmp_path)) for mail in mails for one in mail.iter_attachments()]
    assert sorted(names) == [("Faktura-7001.pdf", "7001"), ("Faktura-7002.pdf", "7002")]
    assert len({mail["Message-ID"] for mail in mails}) == 2
    assert all(
        re.search(rf"\b{number}\b", plain(mail))
        for mail, number in zip(mails, [str(one["Subject"]).split()[1] for one in mails], strict=True)
    )


def test_T69_a_customers_name_is_text_at_the_wire(smtp: Sink) -> None:
    name = "<script>alert(1)</script> {{ 7*7 }} {firma} 🌷"
    send(queue(customer_at("kunde@firma.test", name=name), email_text="Hei {kunde}"))

    html = smtp.message().get_body(("html",))
    assert html is not None
    page: Any = lxml.html.fromstring(html.get_content())
    assert not page.xpath("//script")
    assert f"Hei {name}" in page.text_content()
    assert f"Hei {name}" in plain(smtp.message())


def test_its_message_id_is_the_deliverys_key_and_the_same_on_the_next_attempt(smtp: Sink) -> None:
    smtp.data = "451 try later"
    row = send(queue(customer_at("kunde@firma.test")))
    smtp.data = ""
    Delivery.objects.filter(pk=row.pk).update(due_at=row.created_at)

    send(row)

    assert smtp.message()["Message-ID"] == f"<{row.key}@autoinvoice.example>"
    assert row.attempts.count() == 2


def test_answers_go_to_the_company_where_its_address_is_verified(smtp: Sink) -> None:
    company = make_company(email="post@firma.test", verified_email="annen@firma.test")
    send(queue(make_customer(company, email="kunde@firma.test")))
    assert smtp.message()["Reply-To"] is None

    smtp.accepted.clear()
    type(company).objects.filter(pk=company.pk).update(verified_email="post@firma.test")
    send(queue(make_customer(company, email="kunde@firma.test")))
    assert smtp.message()["Reply-To"] == "post@firma.test"


def test_R13_a_PDF_that_is_too_large_for_mail_goes_as_a_link_and_the_timeline_says_so(
    smtp: Sink, settings: LazySettings
) -> None:
    settings.EMAIL_MAX_BYTES = 20_000
    row = send(queue(customer_at("kunde@firma.test")))

    message = smtp.message()
    assert list(message.iter_attachments()) == []
    assert len(smtp.accepted[0]) < settings.EMAIL_MAX_BYTES
    assert re.search(r"http://\S+/i/\S+", plain(message))
    assert Link.objects.filter(invoice=row.invoice).count() == 1
    chosen = Event.objects.get(invoice=row.invoice, kind=EventKind.CHOSEN)
    assert chosen.data["too_large"] is True
    assert "PDF-en var for stor for e-post, så kunden fikk en lenke i stedet." in words_of(chosen)


def test_R13_a_mail_that_is_just_small_enough_keeps_its_PDF(smtp: Sink, settings: LazySettings) -> None:
    """Of an own PDF: of two that we lay out one may be some bytes longer."""
    customer, pdf = customer_at("kunde@firma.test"), small_pdf()
    send(queue(customer, number="7001", own_pdf=pdf))
    settings.EMAIL_MAX_BYTES = len(smtp.accepted[0])

    row = send(queue(customer, number="7002", own_pdf=pdf))

    assert [len(list(parsed(one).iter_attachments())) for one in smtp.accepted] == [1, 1]
    chosen = Event.objects.get(invoice=row.invoice, kind=EventKind.CHOSEN)
    assert "too_large" not in chosen.data
    assert "for stor" not in words_of(chosen)


def test_R20_what_is_too_large_for_the_user_leads_him_to_the_invoices_page(smtp: Sink, settings: LazySettings) -> None:
    settings.EMAIL_MAX_BYTES = 20_000
    user = make_user(email="marit@kontor.test")
    customer = make_customer(make_company(), email="kunde@firma.test", method=Method.SELF)

    row = send(queue(customer, user=user))

    assert smtp.recipients == [["marit@kontor.test"]]
    assert list(smtp.message().iter_attachments()) == []
    assert f"http://127.0.0.1:8000/fakturaer/{row.invoice_id}/" in plain(smtp.message())
    assert "PDF-en er for stor for e-post." in plain(smtp.message())
    assert not Link.objects.exists()
    chosen = Event.objects.get(invoice=row.invoice, kind=EventKind.CHOSEN)
    assert "lenke til fakturaens side" in words_of(chosen)


def test_R20_the_user_reads_which_customer_how_much_and_what_to_do(smtp: Sink) -> None:
    user = make_user(email="marit@kontor.test")
    customer = make_customer(make_company(), name="Blomster & Bær AS", method=Method.SELF)

    row = send(queue(customer, user=user, number="7001"))

    words = plain(smtp.message())
    assert str(smtp.message()["Subject"]).strip() == "Faktura 7001 til Blomster & Bær AS: skriv ut eller send videre"
    for fact in (
        "Kunde: Blomster & Bær AS",
        "Å betale: 1\xa0250,00\xa0kr",
        "Forfallsdato: ",
        "Skriv den ut, eller send den videre",
    ):
        assert fact in words
    assert f"http://127.0.0.1:8000/fakturaer/{row.invoice_id}/" in words
    assert [one.get_filename() for one in smtp.message().iter_attachments()] == ["Faktura-7001.pdf"]
