"""The embedded broker: no worker ever sees half a message."""

import threading
from pathlib import Path
from queue import Empty
from typing import Any

from kombu import Connection

from autoinvoice_site import celery

MESSAGES = 500


def channel_of(connection: Connection) -> Any:
    return connection.channel()


def test_what_is_read_while_it_is_written_is_whole(tmp_path: Path) -> None:
    folder = str(tmp_path)
    options = {"data_folder_in": folder, "data_folder_out": folder, "control_folder": str(tmp_path / "control")}
    assert celery.app  # where the application is loaded, kombu's own gives way to ours

    def write() -> None:
        with Connection("filesystem://", transport_options=options) as connection, channel_of(connection) as channel:
            for number in range(MESSAGES):
                channel._put("celery", {"number": number, "body": "x" * 20_000})

    writer = threading.Thread(target=write)
    writer.start()
    read = set[int]()
    with Connection("filesystem://", transport_options=options) as connection, channel_of(connection) as channel:
        while len(read) < MESSAGES:
            try:
                read.add(channel._get("celery")["number"])
            except Empty:
                assert writer.is_alive() or list(tmp_path.glob("*.msg"))
    writer.join()
    assert read == set(range(MESSAGES))
