import email
from dataclasses import replace
from email.message import EmailMessage
from email.policy import default

import pytest

from distribution.channels.base import Content, RecipientRefused, Sender
from distribution.channels.registry import channel_for
from distribution.states import ChannelName
from tests.distribution.channels.contract import DOCUMENT, ChannelContract, brief_for


def parsed(content: Content) -> EmailMessage:
    message = email.message_from_bytes(content.data, policy=default)
    assert isinstance(message, EmailMessage)
    return message


def body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    text: str = part.get_content()
    return text


class TestEmail(ChannelContract):
    name = ChannelName.EMAIL
    to = ("kunde@firma.test",)

    def harmless(self, content: Content) -> None:
        """F34, T69: no header of a stranger's, no markup, no placeholder filled in twice."""
        message = parsed(content)
        assert message["Bcc"] is None
        assert message["To"] == "kunde@firma.test"
        assert "\u202e" not in message["From"]
        assert "<script>" not in body(message, "html")
        assert "{{ 7*7 }}" in body(message, "plain")
        assert "{firma}" in body(message, "plain")

    def test_it_can_be_paid_without_opening_anything(self) -> None:
        message = parsed(self.prepare())

        for text in (body(message, "plain"), body(message, "html")):
            for fact in ("1\xa0250,00\xa0kr", "08.12.2026", "8601\xa011\xa017947", "100420104273"):
                assert fact in text

    @pytest.mark.parametrize(("reference", "name"), [("100420104273", "KID"), ("Snippet1", "Betalingsreferanse")])
    def test_only_a_reference_with_its_check_digit_is_called_KID(self, reference: str, name: str) -> None:
        content = self.prepare(open_document=lambda: replace(DOCUMENT, payment_id=reference))
        assert f"\n{name}: {reference}\r\n" in body(parsed(content), "plain")

    def test_it_speaks_the_customers_language(self) -> None:
        assert parsed(self.prepare(language="en"))["Subject"] == "Invoice 10427 from Fjellro Kaffebrenneri AS"

    def test_it_says_that_no_person_wrote_it(self) -> None:
        assert parsed(self.prepare())["Auto-Submitted"] == "auto-generated"

    def test_R13_without_attachment_it_carries_the_link(self) -> None:
        content = self.prepare(attach_pdf=False)

        assert content.uses_link
        assert list(parsed(content).iter_attachments()) == []
        assert "http://127.0.0.1:8000/i/token" in body(parsed(content), "plain")

    def test_every_line_is_plain_ascii_and_short_enough_for_any_server(self) -> None:
        data = self.prepare(email_text="Æ" * 2000).data

        assert data.isascii()
        assert max(map(len, data.split(b"\r\n"))) <= 998

    def test_an_address_that_can_not_be_written_is_refused(self) -> None:
        with pytest.raises(RecipientRefused):
            channel_for(self.name).prepare(brief_for(("kunde@firma.test\r\nBcc: alle@person.test",)))

    @pytest.mark.parametrize("own", ["", "ikke en adresse", "@", "a@b\r\nBcc: alle@person.test"])
    def test_a_company_without_an_address_that_can_be_written_still_reaches_its_customers(self, own: str) -> None:
        message = parsed(self.prepare(sender=Sender(identifier="0192:987654325", name="Fjellro", email=own)))

        assert message["Reply-To"] is None
        assert message["To"] == "kunde@firma.test"
