"""Mail over real sockets: every class of answer, kept connections, several addresses (T65, T70, F37, R31, R32)."""

import time
from dataclasses import replace
from typing import Any

import pytest
from django.conf import LazySettings

from distribution.channels.base import (
    Accepted,
    DeliveryError,
    DocumentRefused,
    Outgoing,
    RecipientRefused,
    Temporary,
    TooLarge,
    Uncertain,
    WeAreRefused,
)
from distribution.channels.email import connections
from distribution.channels.email.smtp import Smtp
from distribution.channels.email.verp import mark_of, read_return_path
from distribution.channels.registry import channel_for
from distribution.states import ChannelName, Outcome
from tests.distribution.channels.contract import brief_for, outgoing_for
from tests.smtp_sink import Server, Sink

ANNA, BO, CATO = "anna@firma.test", "bo@firma.test", "cato@firma.test"


@pytest.fixture(autouse=True, params=[True, False], ids=["in one go", "one by one"])
def _pipelining(request: pytest.FixtureRequest, smtp: Sink) -> None:
    smtp.pipelining = request.param


def mail(*to: str, **more: Any) -> Outgoing:
    to = to or (ANNA,)
    content = channel_for(ChannelName.EMAIL).prepare(brief_for(to, own_pdf=b"%PDF-1.7 made already"))
    return outgoing_for(ChannelName.EMAIL, content, to, **more)


def refused(sink: Sink, outgoing: Outgoing) -> DeliveryError:
    with pytest.raises(DeliveryError) as said:
        Smtp().send(outgoing)
    assert sink.accepted == []
    return said.value


@pytest.mark.parametrize(
    ("step", "answer", "error"),
    [
        ("rcpt", "550 5.1.1 no such user", RecipientRefused),
        ("rcpt", "550 no such user", RecipientRefused),
        ("rcpt", "553 mailbox name not allowed", RecipientRefused),
        ("rcpt", "550 5.1.2 no such domain", RecipientRefused),
        ("rcpt", "550 5.2.1 mailbox disabled", RecipientRefused),
        ("rcpt", "550 5.4.1 access denied", RecipientRefused),
        ("rcpt", "556 5.1.10 takes no mail", RecipientRefused),
        ("rcpt", "552 5.2.2 mailbox full", Temporary),
        ("rcpt", "552 mailbox full", Temporary),
        ("rcpt", "450 4.2.0 greylisted", Temporary),
        ("rcpt", "451 4.3.0 later", Temporary),
        ("rcpt", "452 4.2.2 mailbox full", Temporary),
        ("rcpt", "550 5.7.1 relaying denied", WeAreRefused),
        ("rcpt", "554 we know you", WeAreRefused),
        ("mail", "550 5.7.1 not from here", WeAreRefused),
        ("mail", "553 5.1.8 sender's domain does not exist", WeAreRefused),
        ("mail", "552 5.3.4 message too big", TooLarge),
        ("mail", "550 5.1.0 sender denied", WeAreRefused),
        ("mail", "552 message too big", TooLarge),
        ("rcpt", "550 5.0.0 user unknown", RecipientRefused),
        ("rcpt", "550 5.5.0 mailbox unavailable", RecipientRefused),
        ("mail", "432 4.3.2 concurrent connections exceeded", Temporary),
        ("data", "552 5.3.4 message too big", TooLarge),
        ("data", "552 message too big", TooLarge),
        ("data", "550 5.2.3 longer than the mailbox takes", TooLarge),
        ("data", "554 5.6.0 content refused", DocumentRefused),
        ("data", "554 content refused", DocumentRefused),
        ("data", "550 5.7.1 looks like spam", WeAreRefused),
        ("data", "550 5.1.1 no such user after all", RecipientRefused),
        ("data", "421 4.3.2 going down", Temporary),
        ("data", "451 4.7.1 slower", Temporary),
    ],
)
def test_T65_an_answer_means_what_its_code_says(smtp: Sink, step: str, answer: str, error: type[DeliveryError]) -> None:
    setattr(smtp, step, answer)

    said = refused(smtp, mail())

    assert type(said) is error
    assert said.answer == answer


@pytest.mark.parametrize(
    ("answer", "seconds"), [("432 4.3.2 slower", 60), ("452 4.2.2 full", 3600), ("451 4.3.0 later", 0)]
)
def test_F37_a_full_mailbox_and_a_throttle_are_given_time(smtp: Sink, answer: str, seconds: float) -> None:
    smtp.rcpt = answer
    said = refused(smtp, mail())

    assert isinstance(said, Temporary)
    assert said.later == seconds


@pytest.mark.parametrize("step", ["connect", "EHLO", "MAIL", "RCPT", "DATA"])
def test_R31_a_line_cut_before_the_last_dot_is_surely_not_accepted(smtp: Sink, step: str) -> None:
    smtp.cuts = lambda at: at == step

    assert isinstance(refused(smtp, mail()), Temporary)


@pytest.mark.parametrize("answer", ["354 go on", "199 soon", "what?", "600 0.0.0 no such thing"])
def test_R32_an_answer_after_the_last_dot_that_says_neither_yes_nor_no_is_uncertain(smtp: Sink, answer: str) -> None:
    smtp.data = answer

    with pytest.raises(Uncertain):
        Smtp().send(mail())


def test_a_server_that_says_later_keeps_its_connection(smtp: Sink) -> None:
    smtp.rcpt = "450 4.2.0 greylisted"
    for _time in range(3):
        with pytest.raises(Temporary):
            Smtp().send(mail())

    assert smtp.connections == 1


@pytest.mark.parametrize("step", ["lost", "kept"])
def test_R32_a_line_cut_after_it_is_uncertain_whether_it_was_kept_or_not(smtp: Sink, step: str) -> None:
    smtp.cuts = lambda at: at == step

    with pytest.raises(Uncertain):
        Smtp().send(mail())


@pytest.mark.parametrize("command", ["EHLO", "MAIL", "RCPT", "DATA"])
def test_a_server_that_never_answers_takes_no_more_than_its_time(smtp: Sink, command: str) -> None:
    smtp.silent = frozenset({command})
    began = time.monotonic()

    said = refused(smtp, mail(ends=began + 0.5))

    assert isinstance(said, Temporary)
    assert time.monotonic() - began < 5


def test_starttls_that_is_stripped_on_the_way_gets_nothing(smtp: Sink, settings: LazySettings) -> None:
    settings.EMAIL_USE_TLS = True  # as smtp+tls:// sets it; this server offers none

    said = refused(smtp, mail())

    assert isinstance(said, Temporary)
    assert "STARTTLS" in said.answer
    assert smtp.seen == 0


def test_one_connection_serves_many_mails(smtp: Sink) -> None:
    for number in range(5):
        Smtp().send(mail(key=f"4b5c0f6e-9d2f-4c3a-8f6a-0a3f4f1d2e{number:02}"))

    assert (len(smtp.accepted), smtp.connections) == (5, 1)


def test_a_refused_mail_does_not_spoil_the_next_one(smtp: Sink) -> None:
    smtp.of = {BO: "550 5.1.1 no such user"}
    with pytest.raises(RecipientRefused):
        Smtp().send(mail(BO))

    Smtp().send(mail(ANNA))

    assert (smtp.recipients, smtp.connections) == ([[ANNA]], 1)


def test_a_kept_connection_that_the_server_has_ended_is_replaced(smtp: Sink) -> None:
    Smtp().send(mail())
    cuts = iter([True])
    smtp.cuts = lambda at: at == "MAIL" and next(cuts, False)

    assert isinstance(Smtp().send(mail()), Accepted)
    assert (len(smtp.accepted), smtp.connections) == (2, 2)


def test_another_mail_server_in_the_settings_is_another_connection(smtp: Sink, settings: LazySettings) -> None:
    Smtp().send(mail())
    with Server() as other:
        settings.EMAIL_URL, settings.EMAIL_PORT = other.url, other.port
        Smtp().send(mail())
        connections.close()

    assert (len(smtp.accepted), len(other.sink.accepted)) == (1, 1)


def test_T70_each_of_several_addresses_gets_one_mail_and_a_return_path_of_its_own(smtp: Sink) -> None:
    outgoing = mail(ANNA, BO, CATO)

    accepted = Smtp().send(outgoing)

    assert smtp.recipients == [[ANNA], [BO], [CATO]]
    assert set(smtp.accepted) == {outgoing.data}
    tags = [read_return_path(sender) for sender in smtp.senders]
    assert [(str(tag.key), tag.mark) for tag in tags if tag] == [(outgoing.key, mark_of(one)) for one in outgoing.to]
    assert {one.outcome for one in accepted.recipients} == {Outcome.ACCEPTED}


@pytest.mark.parametrize(
    ("of_bo", "error"),
    [("550 5.1.1 no such user", None), ("450 4.2.0 greylisted", Temporary)],
)
def test_T70_one_refusal_does_not_hide_the_others(smtp: Sink, of_bo: str, error: type[DeliveryError] | None) -> None:
    smtp.of = {BO: of_bo}
    try:
        recipients = Smtp().send(mail(ANNA, BO, CATO)).recipients
        raised = None
    except DeliveryError as said:
        recipients, raised = said.recipients, type(said)

    assert raised is error
    assert [one.outcome == Outcome.ACCEPTED for one in recipients] == [True, False, True]
    assert smtp.recipients == [[ANNA], [CATO]]


def test_T70_where_all_are_refused_the_channel_is(smtp: Sink) -> None:
    smtp.rcpt = "550 5.1.1 no such user"

    assert isinstance(refused(smtp, mail(ANNA, BO)), RecipientRefused)


def test_T70_one_uncertain_makes_the_whole_uncertain_and_the_others_are_told(smtp: Sink) -> None:
    cuts = iter([False, True, False])
    smtp.cuts = lambda at: at == "kept" and next(cuts)

    with pytest.raises(Uncertain) as said:
        Smtp().send(mail(ANNA, BO, CATO))

    outcomes = [one.outcome for one in said.value.recipients]
    assert outcomes == [Outcome.ACCEPTED, Outcome.UNCERTAIN, Outcome.ACCEPTED]


def test_a_line_that_begins_with_a_dot_arrives_as_it_was_frozen(smtp: Sink) -> None:
    outgoing = mail()
    dotted = replace(outgoing, data=outgoing.data + b".\r\n..two\r\n")

    Smtp().send(dotted)

    assert smtp.accepted == [dotted.data]
