"""An Excel file's first sheet as lines of text. Nothing in it is run: of a formula, the value that Excel stored is read."""

import logging
import re
from collections.abc import Iterator
from datetime import date, datetime, time
from io import BytesIO
from typing import Any
from zipfile import BadZipFile, ZipFile

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from openpyxl import load_workbook

logger = logging.getLogger(__name__)

ZIP = b"PK\x03\x04"
LOCKED_OR_OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # with a password, or .xls
MEGABYTES_UNPACKED = 64
MOST_PARTS = 1000
LAST_ROW = 1_048_576  # of Excel; a file may claim more
ENCRYPTED = 0x1


def is_workbook(content: bytes) -> bool:
    """Also one that can't be read: `lines_of` says why."""
    return content.startswith((ZIP, LOCKED_OR_OLD))


def lines_of(content: bytes, most_columns: int) -> Iterator[tuple[int, list[str]]]:
    """The lines that have something, each with its number in the sheet. Raises ValidationError."""
    _check_before_unpacking(content)
    try:
        workbook = load_workbook(BytesIO(content), read_only=True, data_only=True, keep_links=False)
        sheet = workbook.worksheets[0]
        for number, cells in enumerate(sheet.iter_rows(1, LAST_ROW, 1, most_columns), start=1):
            texts = [_text(cell) for cell in cells]
            if any(texts):
                yield number, texts
    except (
        Exception
    ) as error:  # the reader lets out whatever a damaged part made it raise, from KeyError to SyntaxError
        logger.info("workbook unreadable: %s", type(error).__name__)
        raise ValidationError(_("Excel-filen er skadet og kan ikke leses. Lagre den på nytt i Excel.")) from error


def _check_before_unpacking(content: bytes) -> None:
    """By the sizes that the archive states: unpacking stops there, whatever lies in it."""
    if content.startswith(LOCKED_OR_OLD):
        words = _("Filen har passord eller er i et eldre Excel-format. Lagre den som .xlsx uten passord.")
        raise ValidationError(words)
    try:
        parts = ZipFile(BytesIO(content)).infolist()
    except (BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise ValidationError(_("Excel-filen er skadet og kan ikke leses. Lagre den på nytt i Excel.")) from error
    if any(part.flag_bits & ENCRYPTED for part in parts):
        raise ValidationError(_("Filen har passord. Lagre den uten."))
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MEGABYTES_UNPACKED * 1024 * 1024:
        most = {"most": MEGABYTES_UNPACKED}
        raise ValidationError(_("Excel-filen er større enn %(most)s MB pakket ut. Del den i flere.") % most)


def _text(cell: Any) -> str:
    """As the sheet shows it where that matters: a number without «.0», with the zeros that its format puts before it."""
    match cell.value:
        case None:
            return ""
        case bool():
            return "ja" if cell.value else "nei"
        case int() | float():
            return _digits(cell)
        case datetime() if cell.value.time() == time():
            return f"{cell.value:%d.%m.%Y}"
        case datetime():
            return f"{cell.value:%d.%m.%Y %H:%M}"
        case date():
            return f"{cell.value:%d.%m.%Y}"
        case _:
            return str(cell.value).strip()


def _digits(cell: Any) -> str:
    whole = cell.value == int(cell.value) if abs(cell.value) < 1e15 else False
    digits = str(int(cell.value)) if whole else str(cell.value)
    zeros = re.fullmatch("0+", cell.number_format or "")
    return digits.zfill(len(zeros.group())) if zeros and whole else digits
