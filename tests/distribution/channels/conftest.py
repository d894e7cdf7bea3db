"""A print house that letters go to."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import LazySettings

from tests.sftp_server import House, Server


@pytest.fixture
def print_house(tmp_path: Path, settings: LazySettings) -> Iterator[Server]:
    with Server(tmp_path / "house") as server:
        for name, value in server.settings().items():
            setattr(settings, name, value)
        yield server


@pytest.fixture
def house(print_house: Server) -> House:
    return print_house.house
