"""Mail by a provider's API (django-anymail): what it is told, and what its answers mean (R31, R32, T65)."""

import base64
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings

from autoinvoice_site.environment import anymail_settings
from distribution.channels.base import (
    DeliveryError,
    DocumentRefused,
    RecipientRefused,
    Temporary,
    TooLarge,
    Transport,
    Uncertain,
    WeAreRefused,
)
from distribution.channels.registry import channel_for, transport_named
from distribution.states import ChannelName, Outcome
from tests.certificates import Authority, tls_for
from tests.distribution.channels.contract import brief_for, outgoing_for
from tests.fake_postmark import INACTIVE, Postmark, configure
from tests.ports import free_port

ANNA, BO = "anna@firma.test", "bo@firma.test"
PDF = b"%PDF-1.7 the company's own"


@pytest.fixture
def postmark(settings: LazySettings) -> Iterator[Postmark]:
    with Postmark() as fake:
        configure(settings, fake.url)
        yield fake


@pytest.fixture(autouse=True)
def _a_connection_of_its_own() -> Iterator[None]:
    from distribution.channels.email import provider

    provider.forget()
    yield
    provider.forget()


def transport() -> Transport:
    return transport_named(channel_for(ChannelName.EMAIL).transport((ANNA,)))


def mail(*to: str) -> Any:
    to = to or (ANNA,)
    content = channel_for(ChannelName.EMAIL).prepare(brief_for(to, own_pdf=PDF))
    return outgoing_for(ChannelName.EMAIL, content, to)


def test_the_provider_is_told_the_frozen_mail_part_for_part_and_our_key(postmark: Postmark) -> None:
    outgoing = mail()

    accepted = transport().send(outgoing)

    (told,) = postmark.accepted
    assert accepted.reference == "pm-1"
    assert told["To"] == ANNA
    assert told["Subject"].strip() == "Faktura 10427 fra Fjellro Kaffebrenneri AS"
    assert "Fjellro Kaffebrenneri AS" in told["From"]
    assert told["Metadata"] == {"delivery": outgoing.key}
    assert "100420104273" in told["TextBody"]
    assert "100420104273" in told["HtmlBody"]
    (attached,) = told["Attachments"]
    assert (attached["Name"], base64.b64decode(attached["Content"])) == ("Faktura-10427.pdf", PDF)
    assert told["TrackOpens"] is False


def test_T70_each_address_is_a_mail_of_its_own(postmark: Postmark) -> None:
    accepted = transport().send(mail(ANNA, BO))

    assert [told["To"] for told in postmark.accepted] == [ANNA, BO]
    assert [one.outcome for one in accepted.recipients] == [Outcome.ACCEPTED] * 2


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ((422, {"ErrorCode": 406, "Message": INACTIVE}), RecipientRefused),
        ((422, {"ErrorCode": 406, "Message": "in words that nobody foresaw"}), Uncertain),
        (
            (422, {"ErrorCode": 300, "Message": "Error parsing 'To': Illegal email address 'anna@firma.test'."}),
            RecipientRefused,
        ),
        ((422, {"ErrorCode": 405, "Message": "Not allowed to send"}), DocumentRefused),
        ((401, {"ErrorCode": 10, "Message": "Bad token"}), WeAreRefused),
        ((413, {"ErrorCode": 0, "Message": "Payload too large"}), TooLarge),
        ((429, {"ErrorCode": 429, "Message": "Rate limit"}), Temporary),
        ((503, {"ErrorCode": 100, "Message": "Maintenance"}), Temporary),
        ((500, {"ErrorCode": 0, "Message": "stumbled"}), Uncertain),
        ((504, {"ErrorCode": 0, "Message": "gateway"}), Uncertain),
    ],
)
def test_T65_an_answer_means_what_it_says(
    postmark: Postmark, answer: tuple[int, dict[str, Any]], error: type[DeliveryError]
) -> None:
    postmark.answer = answer

    with pytest.raises(DeliveryError) as said:
        transport().send(mail())

    assert type(said.value) is error
    assert "\n" not in said.value.answer


def test_a_pause_that_the_provider_asks_for_is_kept(postmark: Postmark) -> None:
    postmark.answer, postmark.headers = (429, {"ErrorCode": 429, "Message": "slower"}), {"Retry-After": "120"}

    with pytest.raises(Temporary) as said:
        transport().send(mail())

    assert said.value.later == 120


def test_R32_a_line_that_breaks_after_it_was_told_is_uncertain(postmark: Postmark) -> None:
    postmark.hang_up = True

    with pytest.raises(Uncertain):
        transport().send(mail())

    assert len(postmark.accepted) == 1


def test_R31_where_nobody_listens_it_surely_was_not_told(settings: LazySettings) -> None:
    configure(settings, f"http://127.0.0.1:{free_port()}/")

    with pytest.raises(Temporary):
        transport().send(mail())


def speaking_tls(authority: Authority, folder: Path) -> ssl.SSLContext:
    return tls_for(authority, folder, "127.0.0.1")


def test_R31_to_a_server_that_can_not_prove_who_it_is_nothing_was_told(settings: LazySettings, tmp_path: Path) -> None:
    with Postmark(tls=speaking_tls(Authority("nobody's"), tmp_path)) as fake:
        configure(settings, fake.url)

        with pytest.raises(Temporary):
            transport().send(mail())

    assert fake.accepted == []


def test_R32_an_encrypted_line_that_breaks_after_it_was_told_is_uncertain(
    settings: LazySettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = Authority("the tests'")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.write(tmp_path / "ca.pem")))
    with Postmark(tls=speaking_tls(authority, tmp_path), garble=True) as fake:
        configure(settings, fake.url)

        with pytest.raises(Uncertain, match="SSL"):
            transport().send(mail())

    assert len(fake.accepted) == 1


def test_the_providers_settings_come_from_the_environment_and_from_files(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "token").write_text("secret\n")
    monkeypatch.setenv("ANYMAIL_POSTMARK_SERVER_TOKEN_FILE", str(tmp_path / "token"))
    monkeypatch.setenv("ANYMAIL_WEBHOOK_SECRET", "user:password")

    read = anymail_settings()

    assert (read["POSTMARK_SERVER_TOKEN"], read["WEBHOOK_SECRET"]) == ("secret", "user:password")
