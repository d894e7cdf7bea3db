"""The transport alone, against the fake on a socket: its contract, each answer's class, keys that never show."""

import json
import logging
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import LazySettings
from hypothesis import given
from hypothesis import strategies as st

from distribution.account import Account
from distribution.autoinvoice import breaker, client
from distribution.autoinvoice.breaker import BREAKERS, TryLater
from distribution.autoinvoice.client import KeysRefused, Said, call
from distribution.channels.base import (
    AccountRefused,
    DeliveryError,
    DocumentRefused,
    Outgoing,
    RecipientRefused,
    Temporary,
    Uncertain,
)
from distribution.channels.einvoice.answers import NOT_REACHED, news_of, refusal
from distribution.channels.hints import Hint, hints_in
from distribution.http import Answer
from distribution.states import ChannelName, Fate
from tests.autoinvoice import ACCOUNT
from tests.distribution.channels.contract import TransportContract
from tests.fake_autoinvoice import Remote


@pytest.fixture(autouse=True)
def provider(provider: Remote) -> Remote:
    provider.company(invoices={})
    return provider


class TestAutoInvoice(TransportContract):
    name = ChannelName.EINVOICE
    to = ("0192:987654325",)

    @pytest.fixture(autouse=True)
    def _at(self, provider: Remote) -> None:
        self.provider = provider

    def outgoing(self, **more: Any) -> Outgoing:
        return super().outgoing(account=ACCOUNT, **more)

    def left(self, outgoing: Outgoing) -> str | None:
        found = self.provider.invoices().get(outgoing.key)
        return found["sha256"] if found else None

    def test_we_decide_the_channel(self) -> None:
        outgoing = self.outgoing()
        self.transport().send(outgoing)

        form = self.provider.invoices()[outgoing.key]["form"]
        assert (form["disabled_routes[]"], form["recipient_type"]) == (["print", "email"], ["b2b"])
        assert (form["recipient_eia"], form["format"], form["uuid"]) == ([self.to[0]], ["PEPPOLBIS30"], [outgoing.key])

    @pytest.mark.parametrize(
        ("to", "told"),
        [
            ("90012345", {"recipient_phone_number": ["+4790012345"]}),
            ("0046 70 123", {"recipient_phone_number": ["+4670123"]}),
            ("ola@person.test", {"recipient_email": ["ola@person.test"]}),
            ("efaktura:1234-abc", {"recipient_efaktura_id": ["1234-abc"]}),
        ],
    )
    def test_a_consumer_gets_it_in_the_netbank_and_nowhere_else(self, to: str, told: dict[str, list[str]]) -> None:
        outgoing = self.outgoing()
        self.transport().send(Outgoing(**{**_facts(outgoing), "to": (to,)}))

        form = self.provider.invoices()[outgoing.key]["form"]
        assert (form["recipient_type"], form["route_order[]"]) == (["consumer"], ["netbank"])
        assert told.items() <= form.items()
        assert len([name for name in form if name.startswith("recipient_")]) == 2  # whom, and that he is a consumer

    @pytest.mark.parametrize(
        ("fault", "kind"),
        [
            ("refuse_recipient", RecipientRefused), ("refuse_document", DocumentRefused), ("duplicate", DocumentRefused),
            ("quota", AccountRefused), ("forbidden", AccountRefused), ("temporary", Temporary), ("busy", Temporary),
            ("server_error", Uncertain), ("accept_then_cut", Uncertain), ("reset_after", Uncertain),
            ("wrong_answer", Uncertain), ("wrong_json", Uncertain),
        ],
    )  # fmt: skip
    def test_each_answer_has_one_class(self, fault: str, kind: type[DeliveryError]) -> None:
        self.provider.fail(fault)

        with pytest.raises(DeliveryError) as caught:
            self.transport().send(self.outgoing())

        assert type(caught.value) is kind

    def test_retry_after_is_what_the_next_attempt_waits_for(self) -> None:
        self.provider.fail("busy")

        with pytest.raises(Temporary) as caught:
            self.transport().send(self.outgoing())

        assert caught.value.later == 70

    def test_a_token_that_ran_out_early_is_made_anew_once(self) -> None:
        self.provider.fail("expired_token")

        self.transport().send(self.outgoing())

        assert len(self.provider.invoices()) == 1

    def test_T43_it_hangs_after_accepting_and_that_ends_in_time(self) -> None:
        self.provider.fail("accept_then_hang")
        began = time.monotonic()

        with pytest.raises(Uncertain):
            self.transport().send(self.outgoing(ends=time.monotonic() + 1))

        assert time.monotonic() - began < 3

    def test_nobody_there_is_surely_not_sent(self, settings: LazySettings) -> None:
        settings.AUTOINVOICE_URL = "http://127.0.0.1:1"

        with pytest.raises(Temporary):
            self.transport().send(self.outgoing())

    def test_wrong_keys_are_a_matter_of_the_account_and_show_nowhere(self, caplog: pytest.LogCaptureFixture) -> None:
        """Also where the provider puts them into its answer, as this one does."""
        wrong = "feil-nokkel-0815"
        outgoing = Outgoing(
            **{**_facts(self.outgoing()), "account": Account(company_uuid=ACCOUNT.company_uuid, user_api_key=wrong)}
        )
        with caplog.at_level(logging.DEBUG), pytest.raises(AccountRefused) as caught:
            self.transport().send(outgoing)

        assert "no such keys" in caught.value.answer
        for text in (caught.value.answer, caplog.text, repr(outgoing), str(caught.value.__cause__)):
            assert wrong not in text
            assert ACCOUNT.company_uuid not in text

    def test_more_recipients_than_it_can_express_are_refused(self) -> None:
        with pytest.raises(DocumentRefused):
            self.transport().send(Outgoing(**{**_facts(self.outgoing()), "to": ("0192:1", "0192:2")}))


def _facts(outgoing: Outgoing) -> dict[str, Any]:
    return {name: getattr(outgoing, name) for name in Outgoing.__slots__}


INVOICES, LOOKUPS, REST = "/v1/invoices/1", "/v1/lookup/consumers", "/v1/company/settings"


def get(path: str, account: Account = ACCOUNT) -> Said:
    return call(account, "GET", path, seconds=5)


def answering(monkeypatch: pytest.MonkeyPatch, said: Callable[[str], Answer]) -> list[str]:
    """The API as `said` has it, by path; the token is always there. Returns the paths that it was asked for."""
    asked, token = list[str](), json.dumps({"access_token": "t", "expires_in": 3600}).encode()

    def answer(_method: str, url: str, **_how: Any) -> Answer:
        path = urlsplit(url).path
        if path == "/oauth2/token":
            return Answer(200, {}, token)
        asked.append(path)
        return said(path)

    monkeypatch.setattr("distribution.http.call", answer)
    return asked


def test_the_breaker_opens_after_five_and_lets_one_try_again(provider: Remote, monkeypatch: pytest.MonkeyPatch) -> None:
    well = list[bool]()
    asked = answering(monkeypatch, lambda _path: Answer(200 if well else 500, {}, b"{}"))
    for _ in range(breaker.FAILURES):
        assert get(REST).status == 500
    with pytest.raises(TryLater) as caught:
        get(REST)
    assert 0 < caught.value.later <= breaker.PAUSE

    (kept,) = [one for one in BREAKERS.values() if one.failed]
    kept.closed_until = 0  # the pause is over
    assert get(REST).status == 500
    with pytest.raises(TryLater):
        get(REST)
    assert len(asked) == breaker.FAILURES + 1

    kept.closed_until = 0
    well.append(True)
    assert [get(REST).good for _ in range(2)] == [True, True]


def test_nobody_there_opens_it_too(settings: LazySettings) -> None:
    settings.AUTOINVOICE_URL = "http://127.0.0.1:1"
    for _ in range(breaker.FAILURES):
        with pytest.raises(Exception, match="refused"):
            get(REST)
    with pytest.raises(TryLater):
        get(INVOICES)  # without a token nothing goes


@pytest.mark.parametrize("down", [INVOICES, LOOKUPS, REST])
def test_what_is_down_stops_nothing_else(provider: Remote, monkeypatch: pytest.MonkeyPatch, down: str) -> None:
    """Lookups that fail alone must not stop what needs none."""
    answering(monkeypatch, lambda path: Answer(503 if path == down else 200, {}, b"{}"))
    for _ in range(breaker.FAILURES):
        assert get(down).status == 503
    with pytest.raises(TryLater):
        get(down)
    client._tokens.clear()

    assert [get(path).good for path in (INVOICES, LOOKUPS, REST) if path != down] == [True, True]


@pytest.mark.parametrize(
    ("status", "headers", "pause"), [(429, {"Retry-After": "40"}, 40), (503, {"Retry-After": "40"}, 40), (429, {}, 10)]
)
def test_who_is_asked_to_wait_does_not_go_on_knocking(
    provider: Remote, monkeypatch: pytest.MonkeyPatch, status: int, headers: dict[str, str], pause: float
) -> None:
    """Another company does, and so does what is of another family."""
    other = Account(company_uuid="another", user_api_key="x" * 12)
    asked = answering(monkeypatch, lambda path: Answer(status, headers, b"{}"))
    assert get(INVOICES).status == status

    with pytest.raises(TryLater) as caught:
        get("/v1/invoices")
    assert pause - 5 < caught.value.later <= pause
    assert asked == [INVOICES]
    assert (get(LOOKUPS).status, get(INVOICES, other).status) == (status, status)

    later = time.monotonic() + pause + 1
    monkeypatch.setattr("distribution.autoinvoice.breaker.time.monotonic", lambda: later)
    assert get(INVOICES).status == status


def test_an_overload_without_a_word_about_when_closes_no_door(
    provider: Remote, monkeypatch: pytest.MonkeyPatch
) -> None:
    answering(monkeypatch, lambda path: Answer(503, {}, b"{}"))

    assert [get(INVOICES).status for _ in range(2)] == [503, 503]


def test_one_company_and_another_have_their_own_token(provider: Remote) -> None:
    call(ACCOUNT, "GET", "/oauth2/current", seconds=5)

    with pytest.raises(KeysRefused):
        call(Account(company_uuid=ACCOUNT.company_uuid, user_api_key="x" * 12), "GET", "/oauth2/current", seconds=5)


@pytest.mark.parametrize("body", [b"[" * 100_000, b"9" * 5000, b"\xff", b""])
def test_an_answer_that_no_parser_takes_has_no_facts(
    provider: Remote, monkeypatch: pytest.MonkeyPatch, body: bytes
) -> None:
    call(ACCOUNT, "GET", "/oauth2/current", seconds=5)  # the token is there
    monkeypatch.setattr("distribution.http.call", lambda *_what, **_how: Answer(200, {}, body))

    assert call(ACCOUNT, "GET", "/oauth2/current", seconds=5).facts is None


@pytest.mark.parametrize("status", range(200, 600))
def test_no_status_opens_another_channel_by_itself(status: int) -> None:
    error = refusal(Said(status, None, str(status), 0, b""))

    assert not isinstance(error, RecipientRefused)
    assert status < 500 or isinstance(error, Uncertain)


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("Receiver does not accept EHF", RecipientRefused),
        ("422 receiver_not_found: Receiver does not accept EHF.", RecipientRefused),
        ("400 invalid_parameters: Invalid e-invoice address", RecipientRefused),
        ("operator missing and not in the directory", RecipientRefused),
        ("Recipient not found", RecipientRefused),
        ("422 No applicable route", RecipientRefused),
        ("", DocumentRefused),
        ("400 invalid_parameters", DocumentRefused),
        ("invalid_parameters: invalid recipient_eia", DocumentRefused),
        ("400 invalid_parameters: recipient_type does not have a valid value", DocumentRefused),
        ("receiving operator did not respond, try again later", DocumentRefused),
        ("could not be delivered to recipient: internal error", DocumentRefused),
        ("Receiver's access point rejected the document: BR-01 is not fulfilled", DocumentRefused),
        ("Receiver not found: internal error", DocumentRefused),
        ("Receiver not found in the cache, try again later", DocumentRefused),
        ("Duplicate invoice for this recipient, not sent", DocumentRefused),
        ("XML: recipient name is missing", DocumentRefused),
        ("BR-CO-15", DocumentRefused),
        ("COMPANY ACCOUNT IS LOCKED", AccountRefused),
        ("Unauthorized", AccountRefused),
    ],
)
def test_what_an_error_is_about(words: str, kind: type[DeliveryError]) -> None:
    assert type(refusal(Said(422, None, words, 0, b""))) is kind


@given(before=st.text(min_size=1), after=st.text(min_size=1), phrase=st.sampled_from(sorted(NOT_REACHED)))
def test_only_a_whole_known_sentence_opens_another_channel(before: str, after: str, phrase: str) -> None:
    for words in (f"{before} x{phrase}", f"{phrase}x {after}", f"{before}: x: {phrase}", f"{phrase}, {after} x"):
        assert not isinstance(refusal(Said(422, None, words, 0, b"")), RecipientRefused)


@pytest.mark.parametrize(
    ("entity", "fate"),
    [
        ({"status": "DELIVERED"}, Fate.DELIVERED),
        ({"status": "PENDING", "actions": [{"type": "ERROR", "message": "Receiver not found"}]}, Fate.PENDING),  # T45
        ({"status": "FAILED", "actions": [{"type": "ERROR", "message": "Receiver not found"}]}, Fate.RECIPIENT_REFUSED),
        ({"status": "FAILED", "actions": [{"type": "ERROR", "message": "Duplicate invoice"}]}, Fate.DOCUMENT_REFUSED),
        ({"status": "FAILED", "actions": "?"}, Fate.FAILED),
        ({"status": "FAILED", "actions": [{"type": "ERROR", "message": "No operator, internal error"}]}, Fate.FAILED),
        ({"status": "VIEWED"}, Fate.PENDING),
        ({}, Fate.PENDING),
    ],
)
def test_what_has_become_of_it(entity: dict[str, Any], fate: Fate) -> None:
    assert news_of(entity, "").fate == fate


@pytest.mark.parametrize(
    ("body", "hints"),
    [
        (b'{"event": "E", "invoice": {"id": "1"}}', [Hint("1", "E")]),
        (b'{"event_type": "E", "id": "1"}', [Hint("1", "E")]),
        (b'[{"id": "1"}, {"uuid": "2"}]', [Hint("1"), Hint("2")]),
        (b'{"events": [{"document_id": "1"}, 7]}', [Hint("1"), Hint()]),
        (b"[]", [Hint()]),
        (b"\xff<html>", [Hint()]),
        (b'{"id": 17}', [Hint()]),
        (b"[" * 100_000, [Hint()]),
        (b'{"id": "1\\u0000"}', [Hint()]),
        (b'{"id": "\\ud800", "event": "\\udfff"}', [Hint()]),
        (b'{"id": "1", "event": "a\\u0000"}', [Hint("1")]),
        (b'{"id": "' + b"1" * 101 + b'"}', [Hint()]),
        (b'{"id": "' + b"1" * 100 + b'"}', [Hint("1" * 100)]),
        (b'[{"id": "1"}, {"id": "2"}, {"id": "1"}]', [Hint("1"), Hint("2")]),
    ],
)
def test_a_webhooks_text_names_invoices_or_nothing(body: bytes, hints: list[Hint]) -> None:
    assert hints_in(body) == hints


def test_a_webhooks_text_gives_no_more_than_a_hundred_hints() -> None:
    body = json.dumps([{"id": str(number)} for number in range(15_000)]).encode()

    assert hints_in(body) == [Hint(str(number)) for number in range(100)]


CONSUMER = {"recipient_type": "consumer", "route_order[]": ["netbank"], "recipient_phone_number": "+4790012345"}


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"format": "PDF"}, "format"),
        ({"uuid": ""}, "uuid"),
        ({"recipient_type": "private"}, "recipient_type"),
        ({"route_order[]": ["netbank"]}, "route_order"),
        ({"recipient_eia": ""}, "recipient_eia"),
        ({"disabled_routes[]": ["post"]}, "disabled_routes"),
        ({"recipient_phone": "+4790012345"}, "no such field"),
        ({**CONSUMER, "route_order[]": ["post"]}, "route_order"),
        ({**CONSUMER, "recipient_phone_number": "90012345"}, "recipient_phone_number"),
        ({**CONSUMER, "recipient_phone_number": ""}, "nothing names"),
        ({**CONSUMER, "b2cno_document_type": "BILL"}, "b2cno_document_type"),
        ({"file": ("", b"<x/>", "application/xml")}, "filename"),
    ],
)
def test_the_fake_is_as_strict_as_the_api(provider: Remote, changed: dict[str, Any], words: str) -> None:
    form = {"format": "PEPPOLBIS30", "uuid": "1", "recipient_type": "b2b", "recipient_eia": "0192:987654325", **changed}
    file = form.pop("file", ("a.xml", b"<x/>", "application/xml"))

    said = call(ACCOUNT, "POST", "/v1/invoices", seconds=5, data=form, files={"file": file})

    assert said.status == 400
    assert words in said.words
    assert provider.invoices() == {}
