"""Copies of databases that lie in files."""

import sqlite3
from contextlib import closing
from pathlib import Path

DATABASE = "committed.sqlite3"


def copy_database(original: str | Path, copy: str | Path) -> None:
    """What is committed in the one becomes all that is in the other; nobody may have it open."""
    with closing(sqlite3.connect(original)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
