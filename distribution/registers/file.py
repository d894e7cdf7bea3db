"""A register that is a file: `DATA_DIR/receivers.csv`, which the demo writes and a person can edit.

    identifier,documents
    0192:987654325,invoice credit_note
    +4790012345,efaktura

An identifier that is not in it is not registered. No file, or one that cannot be read, is an outage: unknown. A row whose
documents are «unknown» makes the register silent about that one, to try what an outage does.
"""

import csv
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from distribution.registers.base import Query, Register, RegisterName, Reply
from distribution.states import Answer

FILE_NAME = "receivers.csv"
SILENT = "unknown"


def receivers_file() -> Path:
    return Path(settings.DATA_DIR) / FILE_NAME


class FileRegister(Register):
    def ask(self, query: Query) -> Reply:
        answer, reason = _answer(query)
        return Reply(answer, reason, timezone.now())


def _answer(query: Query) -> tuple[Answer, str]:
    path = receivers_file()
    try:
        stat = path.stat()
        rows = _rows(path, stat.st_mtime_ns, stat.st_size)
    except (OSError, ValueError, csv.Error) as error:
        return Answer.UNKNOWN, f"{FILE_NAME}: {type(error).__name__}"
    documents = rows.get(query.identifier.lower(), frozenset())
    if SILENT in documents:
        return Answer.UNKNOWN, f"{FILE_NAME}: {SILENT}"
    wanted = "efaktura" if query.register == RegisterName.EFAKTURA else query.document
    return (Answer.REGISTERED if wanted in documents else Answer.NOT_REGISTERED), FILE_NAME


@lru_cache(maxsize=2)
def _rows(path: Path, changed: int, size: int) -> dict[str, frozenset[str]]:
    """By identifier in lower case (T12). `changed` and `size` are what make a newer file another one."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file, strict=True)
        if not {"identifier", "documents"} <= set(reader.fieldnames or ()):
            raise ValueError("columns")
        return {
            row["identifier"].strip().lower(): frozenset((row["documents"] or "").lower().split())
            for row in reader
            if row["identifier"]
        }
