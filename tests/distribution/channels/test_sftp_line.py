"""Whom we call and by which key, and how long we stay on the line."""

import logging
import os

import asyncssh
import pytest
from django.conf import LazySettings
from django.core.checks import run_checks

from distribution.channels.base import Temporary
from distribution.channels.print import connections
from distribution.channels.print.place import Malformed, Place
from distribution.channels.print.sftp import Sftp
from tests.letters import letter, refused
from tests.processes import until
from tests.sftp_server import HOST_KEY, OTHER_KEY, OWN_KEY, House, Server, private, public

pytestmark = pytest.mark.usefixtures("print_house")


def test_nobody_there_is_surely_not_sent(settings: LazySettings) -> None:
    settings.PRINT_SFTP_URL = "sftp://faktura@127.0.0.1:1/inn"

    assert isinstance(refused(letter()), Temporary)


@pytest.mark.parametrize(
    "key", [OTHER_KEY, asyncssh.generate_private_key("ecdsa-sha2-nistp256")], ids=["same kind", "other kind"]
)
def test_another_host_key_gets_nothing_and_is_told_of_loudly(
    house: House, settings: LazySettings, caplog: pytest.LogCaptureFixture, key: asyncssh.SSHKey
) -> None:
    settings.PRINT_SFTP_HOST_KEY = public(key)

    said = refused(letter())

    assert isinstance(said, Temporary)
    assert "vertsnøkkel" in said.answer
    assert [record.levelno for record in caplog.records if record.name.startswith("distribution")] == [logging.ERROR]
    assert (house.requests, house.names()) == ([], [])


def test_a_key_of_ours_that_is_not_let_in_sends_nothing(
    print_house: Server, house: House, settings: LazySettings
) -> None:
    settings.PRINT_SFTP_KEY = print_house.settings(key=OTHER_KEY)["PRINT_SFTP_KEY"]

    said = refused(letter())

    assert isinstance(said, Temporary)
    assert "PermissionDenied" in said.answer
    assert house.requests == []


def test_one_line_serves_many_letters_and_is_replaced_when_it_is_hung_up(print_house: Server, house: House) -> None:
    for number in range(5):
        Sftp().send(letter(key=f"letter-{number}"))
    assert house.connections == 1

    line = connections._keeper().line
    assert line is not None
    print_house.hang_up()
    until(line.ssh.is_closed, "our side heard of it")
    Sftp().send(letter(key="letter-5"))

    assert (house.connections, len(house.handed)) == (2, 6)


def test_an_idle_line_is_hung_up(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "IDLE_SECONDS", 0.05)
    Sftp().send(letter(key="letter-1"))
    until(lambda: connections._keeper().line is None, "it was hung up")

    Sftp().send(letter(key="letter-2"))

    assert house.connections == 2


def test_a_forked_worker_has_a_line_of_its_own(house: House) -> None:
    Sftp().send(letter(key="parent-1"))
    pid = os.fork()
    if pid == 0:
        try:
            Sftp().send(letter(key="child"))
        except BaseException:
            os._exit(1)
        os._exit(0)
    _pid, status = os.waitpid(pid, 0)
    Sftp().send(letter(key="parent-2"))

    assert os.waitstatus_to_exitcode(status) == 0
    assert house.handed == ["parent-1", "child", "parent-2"]
    assert house.connections == 2


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PRINT_SFTP_URL", ""),
        ("PRINT_SFTP_URL", "sftp://trykk.test/inn"),
        ("PRINT_SFTP_URL", "sftp://faktura:hemmelig@trykk.test/inn"),
        ("PRINT_SFTP_URL", "sftp://faktura@trykk.test:port/inn"),
        ("PRINT_SFTP_URL", "https://faktura@trykk.test/inn"),
        ("PRINT_SFTP_KEY", ""),
        ("PRINT_SFTP_KEY", "hemmelig"),
        # Named, since the key is another one in each process.
        pytest.param("PRINT_SFTP_KEY", OWN_KEY.export_public_key().decode(), id="PRINT_SFTP_KEY-the public one"),
        ("PRINT_SFTP_HOST_KEY", ""),
        ("PRINT_SFTP_HOST_KEY", "trykk.test ssh-ed25519 hemmelig"),
    ],
)
def test_half_of_a_print_house_is_an_error_by_name(settings: LazySettings, name: str, value: str) -> None:
    setattr(settings, name, value)

    (found,) = [message for message in run_checks(tags=["settings"]) if message.id == "autoinvoice.E010"]

    assert name in found.msg
    assert "hemmelig" not in str(found)
    assert isinstance(refused(letter()), Temporary)


def test_a_whole_one_is_none_and_only_print_may_choose_it(settings: LazySettings) -> None:
    assert [message.id for message in run_checks(tags=["settings"])] == []

    settings.EINVOICE_TRANSPORT = "sftp"
    assert [message.id for message in run_checks(tags=["settings"])] == ["autoinvoice.E001"]


def test_the_host_key_may_be_written_as_a_scan_prints_it_and_as_two(settings: LazySettings) -> None:
    settings.PRINT_SFTP_HOST_KEY = f"# trykk.test\n[trykk.test]:22 {public(OTHER_KEY)}\n\n{public(HOST_KEY)} nytt\n"

    assert len(Place.of_settings().host_keys) == 2
    Sftp().send(letter())


def test_no_secret_shows_in_what_may_end_in_a_log(settings: LazySettings) -> None:
    line = private(OWN_KEY).splitlines()[1]
    settings.PRINT_SFTP_KEY = private(OWN_KEY).replace("-----END", "-----ENDE")

    with pytest.raises(Malformed) as said:
        Place.of_settings()

    assert line not in repr(said.value)
    settings.PRINT_SFTP_KEY = private(OWN_KEY)
    assert line not in repr(Place.of_settings())
