"""The mailbox that bounces come to: ours are read once, others' mail is left for people (T67)."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import settings as how
from hypothesis import strategies as st

from distribution.bounces.mailbox import LOOKED_AT, SEEN, Malformed, Place, Trouble, _addresses, read_mailbox
from distribution.models import Delivery, Run
from distribution.states import Status, Verdict
from distribution.tasks import read_bounces
from tests import fake_imap
from tests.certificates import Authority, tls_for
from tests.distribution.bounces import mails
from tests.distribution.bounces.mails import report
from tests.distribution.bounces.world import counted, last, mailed, path_of
from tests.fake_imap import Mailbox

pytestmark = pytest.mark.django_db
FOREIGN = b"From: ola@kunde.test\nTo: faktura@autoinvoice.example\nSubject: Hei\n\nNaar kommer fakturaen?\n"


@pytest.fixture
def box() -> Iterator[Mailbox]:
    with fake_imap.running() as box:
        yield box


def read(box: Mailbox, **how: str) -> int:
    rung: list[Run] = []
    return read_mailbox(box.url(**how), rung.append)


def test_a_bounce_moves_the_invoice_once_however_often_the_mailbox_is_read(box: Mailbox) -> None:
    row = mailed()
    for _ in range(2):
        box.put(report(), path_of(row))

    assert [read(box), read(box)] == [2, 0]

    assert last(row).channel == "print"
    assert counted() == {Verdict.APPLIED: 1, Verdict.NOTHING: 1}
    assert list(box.flags.values()) == [{SEEN}, {LOOKED_AT}]


def test_others_mail_stays_unread_and_is_fetched_once(box: Mailbox) -> None:
    uid = box.put(FOREIGN)
    row = mailed()
    box.put(report(), path_of(row))

    for _ in range(3):
        read(box)

    assert box.flags[uid] == {LOOKED_AT}
    assert box.fetched == [1, 2]
    assert last(row).channel == "print"
    assert counted()[Verdict.FOREIGN] == 1


def test_where_the_server_keeps_no_keywords_others_mail_is_marked_as_read(box: Mailbox) -> None:
    box.keeps_keywords = False
    uid = box.put(FOREIGN)

    read(box)

    assert box.flags[uid] == {SEEN}


def test_a_forged_one_changes_nothing_is_counted_and_stays_for_people(box: Mailbox) -> None:
    row = mailed()
    uid = box.put(report(), path_of(row).replace("@", "a@"))

    read(box)

    assert (last(row).status, counted(), box.flags[uid]) == (Status.ACCEPTED, {Verdict.FORGED: 1}, {LOOKED_AT})


def test_T57_early_news_is_left_as_it_is_and_found_by_the_next_pass(box: Mailbox) -> None:
    row = mailed()
    box.put(report(), path_of(row))
    Delivery.objects.filter(pk=row.pk).update(status=Status.SENDING)
    read(box)
    assert box.flags[1] == set()
    Delivery.objects.filter(pk=row.pk).update(status=Status.ACCEPTED)

    read(box)

    assert last(row).channel == "print"


def test_a_complaint_that_came_to_the_agreed_address_is_known_by_whom_the_mail_was_from(box: Mailbox) -> None:
    row = mailed()
    box.put(mails.complaint().replace(b"<x@y.test>", f"<{path_of(row)}>".encode()), "fbl@autoinvoice.example")

    read(box)

    assert counted() == {Verdict.APPLIED: 1}


def test_a_persons_mail_that_quotes_a_return_path_of_ours_stays_unread(box: Mailbox) -> None:
    row = mailed()
    quoted = FOREIGN + f"\nDere skrev:\nReturn-Path: <{path_of(row)}>\nSubject: Faktura\n".encode()
    uids = [box.put(quoted), box.put(mails.out_of_office(), path_of(row))]

    read(box), read(box)

    assert [box.flags[uid] for uid in uids] == [{LOOKED_AT}, {LOOKED_AT}]
    assert counted() == {Verdict.FOREIGN: 1, Verdict.NOTHING: 1}
    assert box.fetched == uids


def test_of_a_huge_mail_no_more_than_the_report_is_fetched(box: Mailbox) -> None:
    row = mailed()
    box.put(report() + b"x" * 5_000_000, path_of(row))
    read(box)
    assert last(row).channel == "print"


def test_a_folder_of_its_own_is_read(box: Mailbox) -> None:
    box.folder = "Retur/E-post"
    assert read(box, folder="Retur%2FE-post") == 0
    with pytest.raises(Trouble):
        read(box, folder="Annen")


def test_a_wrong_password_or_a_server_that_is_away_is_told_and_tried_again(
    box: Mailbox, settings: LazySettings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.BOUNCE_IMAP_URL = box.url().replace("hemmelig", "feil")
    read_bounces()
    settings.BOUNCE_IMAP_URL = "imap://retur:feil@127.0.0.1:9/"
    read_bounces()

    said = [record.getMessage() for record in caplog.records if "mailbox" in record.getMessage()]
    assert len(said) == 2
    assert "feil" not in "".join(said)


def test_TLS_is_verified(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = Authority("Ours")
    with fake_imap.running(tls_for(ours, tmp_path, "127.0.0.1")) as box:
        with pytest.raises(OSError, match="certificate verify failed"):
            read(box, scheme="imaps")
        monkeypatch.setenv("SSL_CERT_FILE", str(ours.write(tmp_path / "ca.pem")))
        assert read(box, scheme="imaps") == 0


def test_STARTTLS_that_the_server_does_not_offer_gets_no_password(box: Mailbox) -> None:
    with pytest.raises(Trouble):
        read(box, scheme="imap+tls")


def test_the_command_reads_once_and_says_what_is_wrong(
    box: Mailbox, settings: LazySettings, capsys: pytest.CaptureFixture[str]
) -> None:
    box.put(FOREIGN)
    settings.BOUNCE_IMAP_URL = box.url()
    call_command("bounces", "--imap")
    assert "E-poster lest: 1" in capsys.readouterr().err

    settings.BOUNCE_IMAP_URL = ""
    with pytest.raises(CommandError):
        call_command("bounces", "--imap")


@pytest.mark.parametrize("url", ["", "imaps:", "http://a:b@c/", "imaps://vert/", "imaps://a:b@c:x/", "imaps://a@c/"])
def test_an_address_that_is_none_is_refused_without_being_repeated(url: str) -> None:
    with pytest.raises(Malformed) as refusal:
        Place.of(url)
    assert "a:b" not in str(refusal.value)


@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda text: f"To: {text}\n\n".encode("utf-8", "replace")))
@how(max_examples=300, deadline=None)
def test_no_header_makes_it_fail(raw: bytes) -> None:
    assert all(address.isascii() for address in _addresses(raw))
