"""What servers write when a mail comes back, and what it means for the address (F37, T68)."""

import base64
import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import settings as how
from hypothesis import strategies as st

from distribution.bounces.report import READ, Report, Unreadable, names, reports_in, worst
from distribution.bounces.sorting import Kind
from tests.distribution.bounces import mails
from tests.distribution.bounces.mails import KUNDE, report


def the_only(raw: bytes) -> Report:
    (one,) = reports_in(raw)
    return one


def kind_of(raw: bytes) -> Kind:
    found = worst(reports_in(raw), KUNDE)
    return found.kind if found else Kind.NOTHING


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (report(), "550 5.1.1 User unknown"),
        (mails.EXCHANGE, "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup"),
        (mails.EXIM_TEXT, f"host mx.firma.test [192.0.2.7]: 550 5.1.1 <{KUNDE}>... User unknown"),
    ],
    ids=["postfix", "exchange", "exim"],
)
def test_a_dead_address_is_hard_with_the_servers_own_words(raw: bytes, words: str) -> None:
    found = the_only(raw)
    assert (found.kind, found.recipient, found.words) == (Kind.HARD, KUNDE, words)


def test_qmail_tells_it_in_prose() -> None:
    found = the_only(mails.QMAIL)
    assert (found.kind, found.words) == (Kind.HARD, "Remote host said: 550 sorry, no mailbox here by that name")


@pytest.mark.parametrize(
    ("status", "diagnostic", "kind"),
    [
        ("5.1.1", "", Kind.HARD),
        ("5.2.1", "smtp; 550 5.2.1 mailbox disabled", Kind.HARD),
        ("5.0.0", "smtp; 550 5.1.1 unknown", Kind.HARD),
        ("5.5.0", "smtp; 550 5.5.0 Requested action not taken: mailbox unavailable", Kind.HARD),
        ("5.2.2", "smtp; 552 5.2.2 mailbox full", Kind.SOFT),
        ("5.0.0", "smtp; 452 4.2.2 over quota", Kind.SOFT),
        ("5.0.0", "smtp; 552 no room", Kind.SOFT),
        ("4.4.7", "smtp; delivery time expired", Kind.SOFT),
        ("5.4.7", "smtp; 550 5.4.7 expired", Kind.SOFT),
        ("5.2.3", "smtp; 552 5.2.3 message too long", Kind.TOO_LARGE),
        ("5.3.4", "smtp; 552 5.3.4 message size exceeds fixed limit", Kind.TOO_LARGE),
        ("5.7.1", "smtp; 550 5.7.1 rejected as spam", Kind.REFUSED),
        ("5.7.26", "smtp; 550-5.7.26 not authenticated", Kind.REFUSED),
        ("5.1.8", "smtp; 501 5.1.8 sender's domain does not exist", Kind.REFUSED),
        ("5.6.1", "smtp; 554 5.6.1 not supported", Kind.REFUSED),
        ("5.0.0", "smtp; 554 no", Kind.REFUSED),
        ("", "x-unix; user unknown", Kind.HARD),
        ("", "", Kind.REFUSED),
        ("garbage", "550 5.1.1", Kind.HARD),
    ],
)
def test_F37_permanent_is_not_always_a_dead_address_nor_temporary_always_the_reverse(
    status: str, diagnostic: str, kind: Kind
) -> None:
    assert the_only(report(status=status, diagnostic=diagnostic, prose="")).kind == kind


@pytest.mark.parametrize("action", ["delayed", "Delayed", "delayed (still trying)"])
def test_T68_delayed_is_not_failed_whatever_its_status(action: str) -> None:
    for status in ("4.4.1", "4.0.0", "5.1.1", ""):
        assert kind_of(report(action=action, status=status)) == Kind.DELAYED
    assert kind_of(mails.GMAIL_DELAY) == Kind.DELAYED


def test_a_report_without_an_action_goes_by_its_status_and_a_temporary_one_is_no_failure() -> None:
    assert kind_of(report(action="", status="5.1.1")) == Kind.HARD
    assert kind_of(report(action="", status="4.2.2", diagnostic="")) == Kind.DELAYED
    assert kind_of(report(action="", status="2.1.5", diagnostic="")) == Kind.DELIVERED


@pytest.mark.parametrize(("action", "kind"), [("delivered", Kind.DELIVERED), ("relayed", Kind.NOTHING)])
def test_a_report_of_success_is_no_bounce(action: str, kind: Kind) -> None:
    assert kind_of(report(action=action, status="2.0.0", diagnostic="")) == kind


def test_a_warning_in_prose_is_a_delay() -> None:
    raw = b"From: MAILER-DAEMON@mx.test\nSubject: Warning: could not be delivered - delayed\n\n451 4.4.1 still being retried"
    assert kind_of(raw) == Kind.DELAYED


def test_what_came_back_for_no_known_reason_is_for_a_person() -> None:
    raw = b"From: postmaster@mx.test\nSubject: Undeliverable mail\n\nComputer says no."
    assert (kind_of(raw), the_only(raw).words) == (Kind.REFUSED, "Computer says no.")


@pytest.mark.parametrize(
    "raw",
    [
        mails.out_of_office(),
        b"",
        b"\x00\xff" * 50,
        b"From: kunde@firma.test\nSubject: Re: Faktura\n\nBetalt. 550 5.1.1",
        mails.complaint("not-spam"),
    ],
)
def test_what_is_no_report_says_nothing(raw: bytes) -> None:
    assert kind_of(raw) == Kind.NOTHING


def test_a_complaint_is_one_and_names_whose_it_is() -> None:
    assert (the_only(mails.complaint()).kind, the_only(mails.complaint()).recipient) == (Kind.COMPLAINT, KUNDE)


def test_what_the_returned_mail_says_is_never_read_as_an_answer() -> None:
    raw = report(status="", diagnostic="", prose="")
    assert b"5.7.1" in raw
    assert the_only(raw).status == ""


def test_a_report_about_several_is_read_for_ours_and_a_missing_blank_line_is_no_matter() -> None:
    both = report().replace(
        b"Action: failed\n",
        b"Action: failed\nFinal-Recipient: rfc822;annen@firma.test\nAction: delayed\nStatus: 4.4.1\n",
        1,
    )
    one, other = reports_in(both)
    assert (one.recipient, other.recipient, other.kind) == (KUNDE, "annen@firma.test", Kind.DELAYED)
    assert worst([one, other], "ANNEN@firma.test") == other
    assert worst([one, other], "tredje@firma.test") == one  # it was forwarded, and one of them failed


def test_only_a_report_that_names_our_address_is_about_it() -> None:
    assert names(the_only(report(to="KUNDE@firma.test")), KUNDE)
    assert names(the_only(report(to="videre@annet.test", original=KUNDE)), KUNDE)
    assert names(the_only(mails.QMAIL), KUNDE)
    assert not names(the_only(report(to="videre@annet.test")), KUNDE)


@pytest.mark.parametrize("encoding", ["base64", "quoted-printable"])
def test_a_status_that_was_encoded_against_the_rules_is_read(encoding: str) -> None:
    plain = b"Final-Recipient: rfc822; kunde@firma.test\nAction: failed\nStatus: 5.1.1\n"
    said = base64.encodebytes(plain) if encoding == "base64" else plain.replace(b"kunde", b"kun=64e")
    raw = (
        b"Content-Type: multipart/report; boundary=x\n\n--x\nContent-Type: message/delivery-status\n"
        b"Content-Transfer-Encoding: " + encoding.encode() + b"\n\n" + said + b"\n--x--\n"
    )
    assert (the_only(raw).kind, the_only(raw).recipient) == (Kind.HARD, KUNDE)


def test_a_mail_of_any_size_costs_little_and_its_report_is_read() -> None:
    raw = report() + b"x" * 10 * READ
    started = time.monotonic()
    assert kind_of(raw) == Kind.HARD
    assert time.monotonic() - started < 5


@pytest.mark.parametrize(
    "part",
    [
        b"Content-Type: message/rfc822\n\n",
        b"Content-Type: multipart/mixed; boundary=a\n\n--a\n",
        b"<script",
        b"smtp; said ",
        b"1.1.1.",
        b"-",
        b"Final-Recipient: x\n",
    ],
)
def test_whatever_is_repeated_it_ends_soon(part: bytes) -> None:
    started = time.monotonic()
    for head in (b"", b"From: mailer-daemon@x\nSubject: failure notice\nContent-Type: text/html\n\n", report()[:900]):
        with suppress(Unreadable):
            reports_in(head + part * (READ // len(part)))
    assert time.monotonic() - started < 30


PIECES = st.sampled_from(
    [
        b"Content-Type: multipart/report; report-type=delivery-status; boundary=x\n", b"--x\n", b"--x--\n", b"\n", b"\r\n",
        b"Content-Type: message/delivery-status\n", b"Content-Transfer-Encoding: base64\n", b"Action: failed\n",
        b"Status: 5.1.1\n", b"Final-Recipient: rfc822;", b"Subject: =?x?q?", b"failure notice\n", b"From: mailer-daemon\n",
        b"Content-Type: text/plain; charset=\xff\n", b"Content-Type: text/html; charset*0=utf\n", b"\xe6\xf8\xe5", b"\x00",
        b"Content-Type: message/feedback-report\n", b"Content-Type: message/rfc822\n",
    ]
)  # fmt: skip


@given(st.lists(PIECES | st.binary(max_size=40), max_size=40).map(b"".join))
@how(max_examples=300, deadline=None)
def test_no_bytes_make_it_fail(raw: bytes) -> None:
    for found in reports_in(raw):
        assert isinstance(found.kind, Kind)
        assert len(found.recipient) <= 254
        assert len(found.words) <= 400
