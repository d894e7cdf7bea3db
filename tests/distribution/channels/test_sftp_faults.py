"""A line to the print house that is cut at every request, and a print house that can't (R32, F35)."""

import threading
import time
from dataclasses import replace
from typing import Any

import pytest

from distribution.channels.base import (
    AlreadySent,
    DeliveryError,
    Temporary,
    Uncertain,
)
from distribution.channels.print.sftp import Sftp
from tests.letters import letter, lies_there_once, once, refused
from tests.sftp_server import House

pytestmark = pytest.mark.usefixtures("print_house")

TIMES = {"open": 3, "write": 2, "fsync": 2, "close": 4, "read": 2, "posix_rename": 1}  # that succeed, with one letter
STEPS = [
    (f"{side} {what}", time)
    for what, most in TIMES.items()
    for side in ("before", "after")
    for time in range(1, most + 1)
]


@pytest.mark.parametrize(("step", "number"), STEPS)
def test_R32_cut_before_the_manifest_has_its_name_it_is_surely_not_there(house: House, step: str, number: int) -> None:
    outgoing = letter()
    house.cuts = once(step, number)

    assert isinstance(refused(outgoing), Temporary)
    assert house.handed == []
    assert Sftp().ask(outgoing) is None
    Sftp().send(outgoing)

    lies_there_once(house, outgoing)


@pytest.mark.parametrize("side", ["before", "after"])
def test_R32_cut_at_the_manifests_rename_only_the_print_house_knows(house: House, side: str) -> None:
    outgoing = letter()
    house.cuts = once(f"{side} rename")

    assert isinstance(refused(outgoing), Uncertain)

    there = Sftp().ask(outgoing)
    assert (there is not None) == (side == "after")
    if there is None:
        Sftp().send(outgoing)
    lies_there_once(house, outgoing)
    assert isinstance(refused(outgoing), AlreadySent)


def test_R32_a_rename_that_was_refused_is_surely_not_done(house: House) -> None:
    house.denied = frozenset({"rename"})

    assert isinstance(refused(letter()), Temporary)
    assert house.handed == []


def test_of_two_workers_with_one_letter_only_one_hands_it_over(house: House) -> None:
    house.slow = 0.005
    outgoing, said, start = letter(), list[str](), threading.Barrier(2)

    def work() -> None:
        start.wait()
        try:
            said.append(type(Sftp().send(outgoing)).__name__)
        except DeliveryError as error:
            said.append(type(error).__name__)

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    house.slow = 0
    if not house.handed:
        Sftp().send(outgoing)
    assert said.count("Accepted") <= 1
    assert "Uncertain" not in said
    assert house.handed == [outgoing.key]


@pytest.mark.parametrize(
    "fault", [{"full": True}, {"spoils": ".pdf"}, {"spoils": ".json"}, {"denied": frozenset({"open"})}]
)
def test_a_print_house_that_can_not_keep_it_has_not_got_it(house: House, fault: dict[str, Any]) -> None:
    for name, value in fault.items():
        setattr(house, name, value)
    assert isinstance(refused(letter()), Temporary)
    assert house.handed == []

    house.full, house.spoils, house.denied = False, "", frozenset()
    Sftp().send(letter())

    lies_there_once(house, letter())


def test_a_server_without_the_extensions_takes_letters_too(house: House) -> None:
    house.missing = frozenset({"fsync", "posix_rename"})
    (house.folder / f"{letter().key}.pdf").write_bytes(b"half")

    Sftp().send(letter())

    lies_there_once(house, letter())


def test_a_print_house_that_never_answers_takes_no_more_than_its_time(house: House) -> None:
    house.slow, began = 60, time.monotonic()

    assert isinstance(refused(letter(ends=began + 0.7)), Temporary)
    assert time.monotonic() - began < 2


def test_a_deadline_in_the_middle_leaves_no_line_that_stands_there(house: House) -> None:
    house.slow = 0.2
    assert isinstance(refused(letter(ends=time.monotonic() + 0.5)), Temporary)
    house.slow = 0

    outgoing = replace(letter(), ends=time.monotonic() + 10)
    Sftp().send(outgoing)

    lies_there_once(house, outgoing)
