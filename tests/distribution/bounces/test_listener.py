"""The door for a local mail server: a process that speaks SMTP or LMTP, on a database whose commits are real (T67, T57)."""

import re
import smtplib
import time
from pathlib import Path

import pytest
from django.conf import settings as of_the_site
from django.db import connection

from distribution.models import Delivery, ProviderNews
from distribution.states import Status, Verdict
from tests.distribution.bounces import mails
from tests.distribution.bounces.flood import many_mailed
from tests.distribution.bounces.listening import listening, open_here
from tests.distribution.bounces.mails import report
from tests.distribution.bounces.world import counted, last, mailed, path_of
from tests.processes import environment

pytestmark = pytest.mark.database
SHORT, LONG = 200, 10_000


@pytest.fixture
def env(committed: str, data_dir: Path) -> dict[str, str]:
    return environment(data_dir, committed, SECRET_KEY=of_the_site.SECRET_KEY)


def bring(server: smtplib.SMTP, to: str, raw: bytes) -> int:
    """The code of the last answer, as a mail server with an empty sender gets it."""
    server.ehlo_or_helo_if_needed()
    for code, _said in (server.mail(""), server.rcpt(to)):
        if code != 250:
            server.rset()
            return code
    return server.data(raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))[0]


def most_memory(pid: int) -> int:
    """In MB, of a process that lives."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found
    return int(found[1]) // 1024


@pytest.mark.parametrize("lmtp", [False, True], ids=["smtp", "lmtp"])
def test_what_a_mail_server_hands_over_is_applied_before_it_is_answered(lmtp: bool, committed: str) -> None:
    row = mailed()
    with open_here(lmtp=lmtp) as port:
        server = (smtplib.LMTP if lmtp else smtplib.SMTP)("127.0.0.1", port)
        assert bring(server, path_of(row), report()) == 250
        row.refresh_from_db()
        assert row.status == Status.FAILED
        assert bring(server, path_of(row), report()) == 250
        server.quit()

    assert last(row).channel == "print"
    assert counted() == {Verdict.APPLIED: 1, Verdict.NOTHING: 1}


def test_what_we_did_not_sign_is_refused_before_it_is_sent(committed: str) -> None:
    row = mailed()
    with open_here() as port, smtplib.SMTP("127.0.0.1", port) as server:
        assert bring(server, path_of(row).replace("@", "a@"), report()) == 550
        assert bring(server, "noen@andre.test", report()) == 550
        assert bring(server, path_of(row), mails.out_of_office()) == 250

    assert last(row).status == Status.ACCEPTED
    assert counted() == {Verdict.FORGED: 1, Verdict.FOREIGN: 1, Verdict.NOTHING: 1}


def test_T57_early_news_is_sent_back_to_come_again(committed: str) -> None:
    row = mailed()
    Delivery.objects.filter(pk=row.pk).update(status=Status.SENDING)
    with open_here() as port, smtplib.SMTP("127.0.0.1", port) as server:
        assert bring(server, path_of(row), report()) == 451
        Delivery.objects.filter(pk=row.pk).update(status=Status.ACCEPTED)
        assert bring(server, path_of(row), report()) == 250

    assert last(row).channel == "print"


def test_a_database_that_fails_costs_time_and_no_bounce(committed: str) -> None:
    row, other = mailed(), mailed()
    with open_here() as port, smtplib.SMTP("127.0.0.1", port) as server:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE distribution_mailnewscount RENAME TO elsewhere")
        assert bring(server, path_of(row), report()) == 451
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE elsewhere RENAME TO distribution_mailnewscount")
        assert bring(server, path_of(other), report()) == 250
        assert bring(server, path_of(row), report()) == 250

    assert [last(one).channel for one in (row, other)] == ["print", "print"]
    assert ProviderNews.objects.count() == 2


def test_a_bounce_with_all_of_a_large_mail_in_it_is_taken(committed: str) -> None:
    row = mailed()
    with open_here() as port, smtplib.SMTP("127.0.0.1", port) as server:
        assert bring(server, path_of(row), report() + (b"y" * 70_000 + b"\n") * 100) == 250
    assert last(row).channel == "print"


def test_as_a_process_it_speaks_LMTP_and_stops_at_once_when_it_is_told_to(env: dict[str, str]) -> None:
    row = mailed()
    with listening(env, "--lmtp") as door:
        server = smtplib.LMTP("127.0.0.1", door.port)
        assert bring(server, path_of(row), report()) == 250
        door.process.terminate()
        assert door.process.wait(15) == 0
        server.close()
    assert last(row).channel == "print"


def test_many_bounces_of_which_half_are_forged_end_as_many_invoices_once(
    env: dict[str, str], request: pytest.FixtureRequest
) -> None:
    """F37, T67. 10,000 with --long."""
    number = LONG if request.config.getoption("--long") else SHORT
    rows = many_mailed(number // 2)
    with listening(env) as door, smtplib.SMTP("127.0.0.1", door.port) as server:
        started = time.monotonic()
        for place, row in enumerate(rows):
            path = path_of(row, row.to[0])
            assert bring(server, path, report(to=row.to[0], serial=place)) == 250
            assert bring(server, path.replace("@", "a@"), report(to=row.to[0], serial=place)) == 550
        took, peak = time.monotonic() - started, most_memory(door.process.pid)
    print(f"{number} bounces in {took:.1f} s, {number / took:.0f} a second; {peak} MB at most")

    assert counted() == {Verdict.APPLIED: number // 2, Verdict.FORGED: number // 2}
    assert Delivery.objects.filter(status=Status.FAILED, refused=True).count() == number // 2
    assert Delivery.objects.filter(status=Status.QUEUED).count() == number // 2
    assert ProviderNews.objects.count() == number // 2
