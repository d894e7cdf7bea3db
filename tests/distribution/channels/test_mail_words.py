"""A mail's HTML and plain text say the same, show a logo without asking the net, and let no text of a stranger's become code."""

import email
import re
from dataclasses import replace
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import compat32
from email.utils import getaddresses
from io import BytesIO
from typing import Any

import lxml.html
import pytest
from PIL import Image

from distribution.channels.base import Sender
from distribution.channels.email.mail import logo_id
from distribution.channels.email.words import PLACEHOLDERS
from distribution.channels.registry import channel_for
from distribution.documents.invoice import DocumentType, InvoiceData
from distribution.states import ChannelName
from tests.distribution.channels.contract import DOCUMENT, NASTY, brief_for
from tests.distribution.channels.test_email import body, parsed

CREDIT = replace(DOCUMENT, document_type=DocumentType.CREDIT_NOTE)
TEXT = "Hei {kunde}!\n\nTakk for handelen.\nVi sees.\n\nSpør oss om {nummer}."


def logo(width: int = 600, height: int = 150) -> bytes:
    drawn = BytesIO()
    Image.new("RGBA", (width, height), (11, 92, 99, 255)).save(drawn, "PNG")
    return drawn.getvalue()


def sender(**facts: Any) -> Sender:
    return Sender(
        **{"identifier": "0192:987654325", "name": "Fjellro Kaffe AS", "email": "faktura@fjellro.test", **facts}
    )


def mail(
    channel: ChannelName = ChannelName.EMAIL, to: tuple[str, ...] = ("a@firma.test",), **more: Any
) -> EmailMessage:
    return parsed(channel_for(channel).prepare(brief_for(to, own_pdf=b"%PDF-1.7", **more)))


def tree(message: EmailMessage) -> Any:
    return lxml.html.fromstring(body(message, "html"))


def seen(message: EmailMessage) -> list[str]:
    """The words of the HTML as it is read, with where its button leads, and the logo's words where images are off."""
    page = tree(message).find("body")
    for picture in page.iter("img"):
        picture.text = picture.get("alt")
    spoken = [one for element in page.iter() for one in (element.text, element.tail) if one]
    return re.findall(r"\S+", " ".join([*spoken, *page.xpath("//a/@href")]))


def written(message: EmailMessage) -> list[str]:
    return re.findall(r"\S+", re.sub(r":(?=\s)", " ", body(message, "plain")))


def shown_sender(message: EmailMessage) -> tuple[str, str]:
    """As a reader decodes it. The newer parser of Python 3.11 puts spaces between encoded words (RFC 2047, 6.2)."""
    ((name, address),) = getaddresses([email.message_from_bytes(message.as_bytes(), policy=compat32)["From"]])
    return str(make_header(decode_header(name))), address


WAYS: dict[str, dict[str, Any]] = {
    "attached": {},
    "link": {"attach_pdf": False},
    "own text": {"email_text": TEXT},
    "credit note": {"open_document": lambda: CREDIT, "document_type": DocumentType.CREDIT_NOTE, "attach_pdf": False},
    "no answers": {"sender": sender(email="")},
    "logo": {"sender": sender(logo=logo())},
    "user": {"channel": ChannelName.TO_USER, "page": "http://127.0.0.1:8000/fakturaer/7/"},
    "user, too large": {
        "channel": ChannelName.TO_USER,
        "page": "http://127.0.0.1:8000/fakturaer/7/",
        "too_large": True,
    },
}


@pytest.mark.parametrize("language", ["nb", "en"])
@pytest.mark.parametrize("way", WAYS)
def test_every_word_of_the_html_is_in_the_plain_text_and_the_other_way_round(way: str, language: str) -> None:
    message = mail(language=language, **WAYS[way])

    assert set(seen(message)) == set(written(message))
    assert len(written(message)) > 20


def test_paragraphs_and_lines_are_those_that_were_typed() -> None:
    message = mail(email_text=TEXT.replace("\n", "\r\n"))

    assert (
        body(message, "plain")
        .replace("\r\n", "\n")
        .startswith("Hei Havblikk Arkitekter AS!\n\nTakk for handelen.\nVi sees.\n\nSpør oss om 10427.\n\nÅ betale:")
    )
    paragraphs = [element.text_content() for element in tree(message).findall(".//p")]
    assert {"Hei Havblikk Arkitekter AS!", "Takk for handelen.Vi sees.", "Spør oss om 10427."} <= set(paragraphs)


def test_the_logo_is_a_part_of_the_mail_and_its_words_are_the_companys_name() -> None:
    message = mail(sender=sender(logo=logo()))

    (picture,) = tree(message).iter("img")
    (part,) = [one for one in message.walk() if one.get_content_type() == "image/png"]
    assert picture.get("src") == f"cid:{part['Content-ID'].strip('<>')}"
    assert part["Content-ID"] == f"<{logo_id('4b5c0f6e-9d2f-4c3a-8f6a-0a3f4f1d2e11')}>"
    assert (picture.get("alt"), picture.get("width")) == ("Fjellro Kaffe AS", "200")
    assert part.get_content() == logo()
    assert part["Content-Disposition"] == "inline"
    assert [one.get_content_type() for one in message.walk()] == [
        "multipart/mixed", "multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png",
        "application/pdf",
    ]  # fmt: skip


@pytest.mark.parametrize(("size", "width"), [((600, 150), 200), ((100, 200), 32), ((40, 20), 40), ((600, 1), 200)])
def test_the_logo_is_shown_no_larger_than_there_is_room_for(size: tuple[int, int], width: int) -> None:
    (picture,) = tree(mail(sender=sender(logo=logo(*size)))).iter("img")
    assert picture.get("width") == str(width)


@pytest.mark.parametrize("way", WAYS)
def test_nothing_in_it_asks_the_net_or_tells_who_opened_it(way: str) -> None:
    page = tree(mail(**WAYS[way]))

    assert all(address.startswith("cid:") for address in page.xpath("//@src|//@background|//@srcset|//@poster"))
    assert not page.xpath("//script|//link|//iframe|//object|//form|//svg")
    assert not re.search(r"url\(|@import", lxml.html.tostring(page, encoding="unicode"))


def test_R34_with_a_logo_it_is_the_same_bytes_each_time() -> None:
    brief = brief_for(("a@firma.test",), own_pdf=b"%PDF-1.7", sender=sender(logo=logo()))
    channel = channel_for(ChannelName.EMAIL)

    assert channel.prepare(brief) == channel.prepare(brief)
    assert channel.prepare(brief).data != channel.prepare(replace(brief, key="0" * 8 + brief.key[8:])).data


NAMES = {
    "placeholder": "{{ 7*7 }} {% now %} {beløp} %s {0}",
    "line break": "Rør AS\r\nBcc: alle@person.test\r\n\r\nHei",
    "html": "<script>alert(1)</script><img src=x onerror=a> & \"Sønn\" 'AS'",
    "turned": "Ola \u202egro.test\u202c \u2066AS\u2069",
    "emoji": "Blomster 🌷 AS 🇳🇴",
    "long": "Å" * 300,
    "encoded word": "=?utf-8?q?Nav?= AS",
    "address": "Nav <post@nav.no>, Skatteetaten",
    "quotes": 'Rør "og" Sønn \\ AS',
}


@pytest.mark.parametrize("channel", [ChannelName.EMAIL, ChannelName.TO_USER])
@pytest.mark.parametrize("name", NAMES)
def test_T69_a_name_is_written_as_it_stands_and_never_becomes_code(name: str, channel: ChannelName) -> None:
    """F34: in the headers, in the HTML and in the plain text, and no placeholder is filled in twice."""
    nasty = NAMES[name]
    document = replace(DOCUMENT, buyer=replace(DOCUMENT.buyer, name=nasty), seller=replace(DOCUMENT.seller, name=nasty))
    message = mail(
        channel, open_document=lambda: document, sender=sender(name=nasty), email_text="Til {kunde} fra {firma}"
    )
    kept = " ".join(re.sub("[\u202a-\u202e\u2066-\u2069]", "", nasty).split())

    assert kept in " ".join(body(message, "plain").split())
    assert kept in " ".join(tree(message).text_content().split())
    assert not tree(message).xpath("//script|//img")
    assert sorted(set(message.keys())) == [
        "Auto-Submitted", "Content-Language", "Content-Type", "Date", "From", "MIME-Version", "Message-ID", "Reply-To",
        "Subject", "To",
    ]  # fmt: skip
    assert shown_sender(message) == (kept[:100], "faktura@autoinvoice.example")
    assert len(message["Subject"]) <= 200
    assert not re.search("[\u202a-\u202e\u2066-\u2069]", body(message, "plain") + body(message, "html"))


def test_R14_the_erps_text_is_text_and_an_unknown_placeholder_in_it_stays() -> None:
    """A company's own is refused when it is saved; an ERP's came with the invoice, and there is nobody to ask."""
    message = mail(email_text="<b>Hei</b> {ukjent} {{nummer}} {nummer} {kunde.name} {0}")

    for text in (body(message, "plain"), tree(message).text_content()):
        assert "<b>Hei</b> {ukjent} {10427} 10427 {kunde.name} {0}" in text


@pytest.mark.parametrize(("document", "word"), [(DOCUMENT, "faktura"), (CREDIT, "kreditnota")])
def test_R14_a_companys_text_can_call_either_document_by_its_name(document: InvoiceData, word: str) -> None:
    message = mail(open_document=lambda: document, email_text="Her er {dokument} {nummer}.")

    assert body(message, "plain").startswith(f"Her er {word} 10427.")


def test_every_placeholder_that_may_be_saved_is_filled_in() -> None:
    message = mail(email_text=" ".join(f"{{{name}}}" for name in PLACEHOLDERS))

    said = "Fjellro Kaffebrenneri AS Havblikk Arkitekter AS faktura 10427 1\xa0250,00\xa0kr 08.12.2026 100420104273"
    assert said in body(message, "plain")


def test_F34_a_nasty_name_of_the_contract_is_one_line_of_a_mails_subject() -> None:
    message = mail(sender=sender(name=NASTY))

    assert "\n" not in message["Subject"]
    assert message["Subject"].startswith('Faktura 10427 fra Rør & Sønn "AS" Bcc: alle@person.test')


def test_a_company_that_no_answer_reaches_says_so() -> None:
    message = mail(sender=sender(email=""))

    assert message["Reply-To"] is None
    assert "Svar på denne e-posten blir ikke lest." in body(message, "plain")
    assert "Svar på" not in body(mail(), "plain")
