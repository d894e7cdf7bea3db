"""What the user who sent an invoice is told when its mail comes back (T67, T68)."""

import re
from email.message import EmailMessage
from typing import Any

import lxml.html
import pytest
from django.conf import LazySettings

from customers.models import Language
from distribution.documents.invoice import DocumentType
from distribution.models import Delivery
from distribution.notices import Next, bounce_notice
from distribution.states import ChannelName
from tests.factories import make_company, make_customer, make_user, queue
from tests.smtp_sink import Sink

pytestmark = pytest.mark.django_db
ANSWER = "550 5.1.1 <kunde@firma.test>: no such user"


def delivery_by(email: str = "marit@kontor.test", **how: Any) -> Delivery:
    customer = make_customer(make_company(name="Fjellro AS", email="post@fjellro.test"), name="Arne & Sønn")
    user = make_user(email=email, language=how.pop("language", Language.NB)) if email else None
    return queue(customer, number="7001", user=user, **how)


def told(
    smtp: Sink, delivery: Delivery, next_channel: ChannelName | None, *, too_large: bool = False, **said: str
) -> EmailMessage:
    """Through Django's own backend, over a real socket."""
    facts = {"address": "kunde@firma.test", "answer": ANSWER, **said}
    assert bounce_notice(delivery, what_now=Next(next_channel, too_large=too_large), **facts).send() == 1
    return smtp.message()


def words(message: EmailMessage, kind: str = "plain") -> str:
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content())


@pytest.mark.parametrize(
    ("next_channel", "happens"),
    [
        (ChannelName.PRINT, "Den går på print i stedet"),
        (ChannelName.EMAIL, "Vi prøver den samme adressen igjen av oss selv"),
        (None, "Den er holdt tilbake, og ikke sendt på annen måte. Rett e-postadressen på kunden"),
    ],
)
def test_T67_it_says_whose_mail_came_back_why_and_what_happens_now(
    smtp: Sink, next_channel: ChannelName | None, happens: str
) -> None:
    delivery = delivery_by()

    message = told(smtp, delivery, next_channel)

    assert smtp.recipients == [["marit@kontor.test"]]
    assert str(message["Subject"]).strip() == "Faktura 7001 kom i retur fra kunde@firma.test"
    assert message["Auto-Submitted"] == "auto-generated"
    said = words(message)
    for fact in ("faktura 7001 til Arne & Sønn", f"«{ANSWER}»", happens, "Beløp: 1\xa0250,00\xa0kr"):
        assert fact in said
    assert f"http://127.0.0.1:8000/fakturaer/{delivery.invoice_id}/" in said


@pytest.mark.parametrize(
    ("next_channel", "happens"),
    [(ChannelName.EMAIL, "Den går på nytt av seg selv, med en lenke"), (None, "Velg en annen kanal på siden")],
)
def test_T65_of_a_mail_that_was_too_large_it_says_what_to_do(
    smtp: Sink, next_channel: ChannelName | None, happens: str
) -> None:
    said = words(told(smtp, delivery_by(), next_channel, too_large=True))
    assert happens in said
    assert "Rett e-postadressen" not in said


@pytest.mark.parametrize(
    ("next_channel", "happens"),
    [(ChannelName.TO_USER, "Den går til firmaets e-postadresse i stedet."), (None, "Den er holdt tilbake.")],
)
def test_R20_of_the_users_own_dead_address_the_company_is_told(
    smtp: Sink, next_channel: ChannelName | None, happens: str
) -> None:
    delivery = delivery_by(language=Language.EN)
    delivery.channel = ChannelName.TO_USER

    said = words(told(smtp, delivery, next_channel, address="MARIT@kontor.test"))

    assert smtp.recipients == [["post@fjellro.test"]]
    assert f"{happens} " in said
    assert "Rett e-postadressen din i AutoInvoice" in said


def test_R20_where_the_companys_address_is_dead_the_user_is_told(smtp: Sink) -> None:
    delivery = delivery_by()
    delivery.channel = ChannelName.TO_USER
    told(smtp, delivery, None, address="post@fjellro.test")
    assert smtp.recipients == [["marit@kontor.test"]]


def test_its_html_says_the_same(smtp: Sink) -> None:
    message = told(smtp, delivery_by(), None)

    page: Any = lxml.html.fromstring(words(message, "html")).find("body")
    seen, read = " ".join([*page.itertext(), *page.xpath("//a/@href")]), words(message)
    assert set(re.findall(r"[^\s:]+", seen)) == set(re.findall(r"[^\s:]+", read))


def test_a_server_that_said_nothing_is_not_quoted(smtp: Sink) -> None:
    assert "svarte" not in words(told(smtp, delivery_by(), ChannelName.PRINT, answer=""))


def test_T69_a_strangers_words_stay_words(smtp: Sink) -> None:
    message = told(
        smtp, delivery_by(), None, address="a@b.test\r\nBcc: c@d.test", answer="<script>x</script>\r\n\x00 {{ 7*7 }} %s"
    )

    assert message["Bcc"] is None
    assert "<script>x</script>" in words(message)
    assert "{{ 7*7 }} %s" in words(message)
    assert not lxml.html.fromstring(words(message, "html")).xpath("//script")


def test_an_invoice_that_no_user_sent_is_told_of_to_the_company(smtp: Sink) -> None:
    told(smtp, delivery_by(email=""), None)
    assert smtp.recipients == [["post@fjellro.test"]]


def test_where_nobody_can_be_told_nothing_leaves(smtp: Sink) -> None:
    delivery = delivery_by(email="")
    delivery.invoice.company.email = ""

    assert bounce_notice(delivery, "kunde@firma.test", ANSWER, Next(None)).send() == 0
    assert smtp.seen == 0


def test_a_credit_note_is_called_one_and_R17_a_test_companys_says_TEST(smtp: Sink) -> None:
    delivery = delivery_by(kind=DocumentType.CREDIT_NOTE)
    delivery.invoice.company.is_test = True

    message = told(smtp, delivery, ChannelName.PRINT)

    assert str(message["Subject"]).strip() == "TEST · Kreditnota 7001 kom i retur fra kunde@firma.test"


def test_it_is_in_the_users_language(smtp: Sink, settings: LazySettings) -> None:
    message = told(smtp, delivery_by(language=Language.EN), ChannelName.PRINT)

    assert str(message["Subject"]).strip().startswith("Invoice 7001 ")
    assert 'lang="en"' in words(message, "html")
