"""From queue to hand-over: which channel an invoice really takes, and what leaves (T01-T09, T14-T16, T20, T22, T85-T92)."""

import email
import json
import logging
import subprocess
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from django.utils import translation

from customers.models import Customer, Kind, Method
from distribution import delivery, frozen
from distribution.delivery import OpenRun
from distribution.documents.invoice import DocumentType
from distribution.documents.pdf import render
from distribution.evidence import evidence
from distribution.models import Attempt, ChannelService, Delivery, Event, Invoice
from distribution.report import balances, report
from distribution.states import Status
from distribution.timeline import timeline
from tests.factories import (
    ADDRESS,
    delivery_of,
    document,
    kinds,
    left,
    make_company,
    make_customer,
    make_user,
    out,
    queue,
    register,
    register_customer,
    set_choices,
    ubl,
)
from tests.smtp_sink import Sink

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def send(row: Delivery) -> Delivery:
    """Runs the engine until nothing is due; the last delivery of that invoice."""
    while delivery.run():
        pass
    return delivery_of(row.invoice)


def mail_left(channel: str = "email") -> EmailMessage:
    message = email.message_from_bytes(left(channel, ".eml"), policy=default)
    assert isinstance(message, EmailMessage)
    return message


def pdf_of(message: EmailMessage) -> bytes:
    (part,) = message.iter_attachments()
    content = part.get_content()
    assert isinstance(content, bytes)
    return content


def pdf_text(pdf: bytes, folder: Path) -> str:
    (folder / "one.pdf").write_bytes(pdf)
    return subprocess.run(
        ["pdftotext", "-layout", str(folder / "one.pdf"), "-"], capture_output=True, check=True, text=True
    ).stdout


def test_T01_a_registered_business_gets_an_einvoice_and_no_mail() -> None:
    customer = make_customer(make_company(), email="kunde@firma.test", **ADDRESS)
    register_customer(customer)
    content = ubl(customer)

    sent = send(queue(customer, content=content))

    assert (sent.status, sent.channel) == (Status.ACCEPTED, "einvoice")
    assert sent.facts["registration"] == "registered"
    assert sent.facts["registration_asked"]
    assert left("einvoice", ".xml") == content
    assert [path.parent.name for path in out()] == ["einvoice"]


def test_T02_not_registered_with_email_gets_one_mail_with_the_pdf_attached() -> None:
    customer = make_customer(make_company(name="Fjellro AS", email="faktura@fjellro.test"), email="kunde@firma.test")

    sent = send(queue(customer, number="10427"))

    message = mail_left()
    assert (sent.status, sent.channel) == (Status.ACCEPTED, "email")
    assert message["To"] == "kunde@firma.test"
    assert message["Reply-To"] == "faktura@fjellro.test"
    assert "10427" in message["Subject"]
    (part,) = message.iter_attachments()
    assert part.get_filename() == "Faktura-10427.pdf"
    assert pdf_of(message).startswith(b"%PDF-")


def test_R22_the_invoice_email_wins_over_the_general_one() -> None:
    customer = make_customer(make_company(), email="kunde@firma.test", invoice_email="faktura@firma.test")

    send(queue(customer))

    assert mail_left()["To"] == "faktura@firma.test"


def test_T03_neither_gets_one_print_order_and_the_print_service_switches_itself_on() -> None:
    company = make_company()
    customer = make_customer(company, **ADDRESS)
    assert not ChannelService.objects.exists()

    sent = send(queue(customer))

    assert (sent.status, sent.channel) == (Status.ACCEPTED, "print")
    manifest = json.loads((out("print")[0] / "manifest.json").read_text())
    assert manifest["to"] == [customer.name, "Kirkegata 5", "7014 Trondheim"]
    assert manifest["sha256"] == frozen.sha256_of(left("print", ".pdf"))
    assert ChannelService.objects.get(company=company).channel == "print"


def test_T04_nothing_to_reach_it_by_is_held_in_words_and_never_counted_as_sent() -> None:
    customer = make_customer(make_company())

    sent = send(queue(customer))

    figures = report(Invoice.objects.all())
    assert sent.status == Status.HELD
    assert out() == []
    assert (figures["in"], figures["held"]) == (1, 1)
    assert "Kunden har ingen e-postadresse." in timeline(sent.invoice)[-1].moments[-1].text


def test_T05_never_email_prints_instead() -> None:
    company = make_company()
    set_choices(company, never_email=True)

    sent = send(queue(make_customer(company, email="kunde@firma.test", **ADDRESS)))

    assert sent.channel == "print"
    assert out("email") == []


def test_T06_never_email_does_not_touch_einvoice() -> None:
    company = make_company()
    set_choices(company, never_email=True)
    customer = make_customer(company, email="kunde@firma.test")
    register_customer(customer)

    assert send(queue(customer)).channel == "einvoice"


def test_T07_attachment_off_sends_a_link_that_opens_exactly_this_invoice() -> None:
    company = make_company()
    set_choices(company, attach_pdf=False)
    customer = make_customer(company, email="kunde@firma.test")
    sent = send(queue(customer, number="A501"))
    send(queue(customer, number="B502"))

    message = email.message_from_bytes(frozen.read(sent.content_sha256), policy=default)
    assert isinstance(message, EmailMessage)
    body = message.get_body(("plain",))
    assert body is not None
    assert list(message.iter_attachments()) == []
    path = body.get_content().partition("http://127.0.0.1:8000")[2].split()[0]
    page, pdf = Client().get(path), Client().get(f"{path}/pdf")
    assert page.status_code == 200
    assert "A501" in page.content.decode()
    assert "B502" not in page.content.decode()
    assert pdf.content.startswith(b"%PDF-")
    assert Client().get(path[:-1] + ("A" if path[-1] != "A" else "B")).status_code == 404
    assert kinds(sent.invoice).count("link_opened") == 1


def test_T08_own_pdf_for_print_hands_over_the_uploaded_bytes_and_off_the_standard_layout() -> None:
    company = make_company()
    customer = make_customer(company, **ADDRESS)
    own = render(document(customer, number="egen"), language="nb")

    off = send(queue(customer, own_pdf=own))
    set_choices(company, own_pdf_for_print=True)
    on = send(queue(customer, own_pdf=own))

    assert frozen.read(on.content_sha256) == own
    assert frozen.read(off.content_sha256) != own


@pytest.mark.parametrize(
    ("company_text", "erp_text", "expected"),
    [
        ("Firmaets {nummer}", "ERPs {nummer}", "ERPs 77"),
        ("Firmaets {nummer}", "", "Firmaets 77"),
        ("", "", "Her er faktura 77"),
    ],
)
def test_T09_the_erps_text_wins_over_the_companys_over_ours(company_text: str, erp_text: str, expected: str) -> None:
    company = make_company()
    set_choices(company, email_text_nb=company_text)

    send(queue(make_customer(company, email="kunde@firma.test"), number="77", email_text=erp_text))

    body = mail_left().get_body(("plain",))
    assert body is not None
    assert body.get_content().startswith(expected)


def test_T10_registered_for_invoices_only_gets_its_credit_note_by_mail() -> None:
    customer = make_customer(make_company(), email="kunde@firma.test")
    register_customer(customer, "invoice")

    invoice = send(queue(customer))
    note = send(queue(customer, kind=DocumentType.CREDIT_NOTE))

    assert (invoice.channel, note.channel) == ("einvoice", "email")


def consumer(**facts: Any) -> Customer:
    return make_customer(
        make_company(**facts), kind=Kind.PRIVATE, org_number="", phone="+47 900 12 345", email="ola@nordmann.test"
    )


def test_T14_a_consumer_who_accepts_gets_efaktura() -> None:
    customer = consumer()
    register(("+4790012345", "efaktura"))

    assert send(queue(customer)).channel == "einvoice"


def test_T15_without_a_b2c_agreement_he_gets_mail() -> None:
    customer = consumer(b2c="none")
    register(("+4790012345", "efaktura"))

    assert send(queue(customer)).channel == "email"


def test_T16_without_his_acceptance_he_gets_mail() -> None:
    assert send(queue(consumer())).channel == "email"


def test_T20_do_it_myself_goes_to_the_user_and_no_register_changes_it() -> None:
    user = make_user("marit@kontor.test")
    customer = make_customer(make_company(), method=Method.SELF, email="kunde@firma.test", **ADDRESS)
    register_customer(customer)

    sent = send(queue(customer, user=user))

    assert (sent.status, sent.channel) == (Status.ACCEPTED, "to_user")
    message = mail_left("to_user")
    assert message["To"] == "marit@kontor.test"
    assert pdf_of(message).startswith(b"%PDF-")
    customer.refresh_from_db()
    assert customer.method == Method.SELF
    assert [path.parent.name for path in out()] == ["to_user"]


def test_T22_do_it_myself_holds_also_when_it_is_set_after_queueing() -> None:
    """P4: the value at claim time counts."""
    customer = make_customer(make_company(), email="kunde@firma.test", **ADDRESS)
    register_customer(customer)
    row = queue(customer, user=make_user())
    type(customer).objects.filter(pk=customer.pk).update(method=Method.SELF)

    assert send(row).channel == "to_user"
    assert out("email") == out("print") == out("einvoice") == []


def test_R27_before_activation_self_makes_the_pdf_ready_without_a_mail() -> None:
    customer = make_customer(make_company(activated=False), method=Method.SELF, email="kunde@firma.test")

    sent = send(queue(customer, user=make_user()))

    assert (sent.status, sent.channel) == (Status.ACCEPTED, "to_user")
    assert out() == []
    assert frozen.read(sent.content_sha256).startswith(b"%PDF-")
    assert report(Invoice.objects.all())["to_user"] == 1


def test_R27_before_activation_nothing_takes_another_way() -> None:
    company = make_company(activated=False)
    einvoice = send(queue(make_customer(company, method=Method.EINVOICE, email="kunde@firma.test", **ADDRESS)))
    mail = send(queue(make_customer(company, method=Method.EMAIL, **ADDRESS)))

    assert (einvoice.status, mail.status) == (Status.HELD, Status.HELD)
    assert out() == []


def test_R16_a_branch_takes_method_and_address_from_its_parent() -> None:
    company = make_company()
    parent = make_customer(company, method=Method.AUTOINVOICE, **ADDRESS)
    branch = make_customer(company, method="", parent=parent, name="Avdelingen", org_number="")

    sent = send(queue(branch))

    assert sent.channel == "print"
    assert sent.to == ["Avdelingen", "Kirkegata 5", "7014 Trondheim"]


def test_T85_two_companies_in_one_run_each_use_their_own_settings() -> None:
    never, always = make_company(), make_company()
    set_choices(never, never_email=True)
    run = OpenRun(None, "test")
    rows = [
        queue(make_customer(company, email=f"kunde@{company.org_number}.test", **ADDRESS), run=run)
        for company in (never, always)
    ]

    printed, mailed = send(rows[0]), send(rows[1])

    assert run.row is not None
    assert (printed.channel, mailed.channel) == ("print", "email")
    assert mail_left()["To"] == f"kunde@{always.org_number}.test"
    assert always.name in mail_left()["From"]
    assert never.name not in str(mail_left())
    both = report(Invoice.objects.filter(run=run.row))
    assert both["in"] == 2
    assert balances(both)
    assert report(Invoice.objects.filter(run=run.row, company=never))["in"] == 1


def test_T86_predicted_counts_equal_what_really_happens() -> None:
    from distribution.prediction import predict, totals

    company = make_company()
    registered = make_customer(company, email="a@firma.test")
    customers = [
        registered,
        make_customer(company, email="b@firma.test"),
        make_customer(company, **ADDRESS),
        make_customer(company),
        make_customer(company, method=Method.SELF),
        make_customer(company, email="c@firma.test", electronic_only=True),
    ]
    register_customer(registered)
    for customer in customers:
        send(queue(customer, user=make_user()))

    predict(company)

    figures = report(Invoice.objects.filter(company=company))
    now = totals(company).now
    assert {name: now.get(name, 0) for name in ("einvoice", "email", "print", "to_user", "held")} == {
        name: figures[name] for name in ("einvoice", "email", "print", "to_user", "held")
    }


def test_T87_every_pdf_contains_its_own_number_and_customer(tmp_path: Path) -> None:
    company = make_company()
    customers = [
        make_customer(company, name=f"Mottaker nummer {word}", email=f"{word}@firma.test")
        for word in ("en", "to", "tre")
    ]
    rows = {customer.name: queue(customer, number=f"9{place}9{place}") for place, customer in enumerate(customers)}
    numbers = {row.invoice.number for row in rows.values()}
    for name, row in rows.items():
        sent = send(row)
        message = email.message_from_bytes(frozen.read(sent.content_sha256), policy=default)
        assert isinstance(message, EmailMessage)
        text = pdf_text(pdf_of(message), tmp_path)
        assert name in text
        assert {number for number in numbers if number in text} == {sent.invoice.number}


def test_T89_every_attempt_leaves_one_record_with_key_hash_time_and_outcome(smtp: Sink) -> None:
    smtp.data = "451 4.3.0 try later"
    row = send(queue(make_customer(make_company(), email="kunde@firma.test")))
    smtp.data = ""
    Delivery.objects.update(due_at="2020-01-01T00:00:00Z")
    row = send(row)

    attempts = list(Attempt.objects.order_by("number"))
    assert row.status == Status.ACCEPTED
    assert [attempt.outcome for attempt in attempts] == ["temporary", "accepted"]
    assert {attempt.key for attempt in attempts} == {row.key}
    assert {attempt.sha256 for attempt in attempts} == {row.content_sha256}
    assert all(attempt.ended_at and attempt.ended_at >= attempt.started_at for attempt in attempts)
    assert frozen.sha256_of(smtp.accepted[0]) == row.content_sha256


def test_T92_deleting_the_customer_keeps_invoice_and_story() -> None:
    customer = make_customer(make_company(), email="kunde@firma.test")
    row = send(queue(customer))

    customer.delete()

    invoice = Invoice.objects.get(pk=row.invoice_id)
    assert invoice.customer is None
    assert invoice.buyer_name
    assert evidence(invoice)["deliveries"][0]["to"] == ["kunde@firma.test"]
    assert Event.objects.filter(invoice=invoice).exists()


def test_T92_a_queued_invoice_of_a_deleted_customer_is_held() -> None:
    customer = make_customer(make_company(), email="kunde@firma.test")
    row = queue(customer)
    customer.delete()

    assert send(row).status == Status.HELD


def test_T93_logs_have_neither_personal_data_nor_content(caplog: pytest.LogCaptureFixture, smtp: Sink) -> None:
    customer = make_customer(make_company(), name="Hemmelig Navn", email="hemmelig@person.test", **ADDRESS)
    with caplog.at_level(logging.DEBUG):
        sent = send(queue(customer, number="HEMMELIG-77"))
        send(queue(make_customer(make_company(), **ADDRESS)))

    said = "\n".join(
        f"{record.getMessage()} {record.__dict__}"
        for record in caplog.records
        if record.name.startswith(("distribution", "customers"))
    )
    assert str(sent.key) in said
    for secret in ("Hemmelig", "hemmelig@", "HEMMELIG-77", "Kirkegata", "1 250", "1250"):
        assert secret not in said


def test_R17_a_test_company_reaches_nothing_real_and_says_TEST(smtp: Sink) -> None:
    customer = make_customer(make_company(is_test=True), email="kunde@firma.test")

    send(queue(customer))

    assert smtp.seen == 0
    assert mail_left()["Subject"].startswith("[TEST]")


def test_a_mail_over_smtp_opens_with_its_pdf(smtp: Sink, tmp_path: Path) -> None:
    customer = make_customer(make_company(), name="Åse & Sønn", email="kunde@firma.test")

    sent = send(queue(customer, number="4242"))

    assert sent.status == Status.ACCEPTED
    assert smtp.recipients == [["kunde@firma.test"]]
    assert "4242" in pdf_text(pdf_of(smtp.message()), tmp_path)
    assert smtp.message()["Message-ID"].startswith(f"<{sent.key}@")


def test_reasons_on_the_timeline_follow_the_readers_language() -> None:
    row = send(queue(make_customer(make_company(), email="kunde@firma.test")))

    bokmaal = timeline(row.invoice)[-1].moments[-1].text
    with translation.override("en"):
        english = timeline(row.invoice)[-1].moments[-1].text
    assert bokmaal != english


def test_R34_what_left_is_byte_for_byte_what_the_evidence_says(settings: LazySettings) -> None:
    company = make_company()
    for facts in ({"email": "kunde@firma.test"}, ADDRESS, {"method": Method.SELF}):
        send(queue(make_customer(company, **facts), user=make_user()))

    for invoice in Invoice.objects.all():
        (told,) = evidence(invoice)["deliveries"]
        folder = Path(settings.DATA_DIR) / "out" / told["channel"] / told["key"]
        (file,) = [path for path in folder.iterdir() if path.name != "manifest.json"]
        assert frozen.sha256_of(file.read_bytes()) == told["sha256"]
        assert json.loads((folder / "manifest.json").read_text())["sha256"] == told["sha256"]
