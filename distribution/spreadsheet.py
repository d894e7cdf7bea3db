"""Rows as a file for Excel: a real workbook, or CSV for other programs. No cell is run as a formula in either."""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from tempfile import TemporaryFile
from typing import IO, Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

BOM = "\ufeff"
STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")
NARROWEST, WIDEST = 10, 48  # characters
NOT_OF_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
LONGEST = 32_767  # characters that Excel takes in a cell
Cells = list[Any]  # str, or int for a figure


def csv_chunks(chunks: Iterable[list[Cells]]) -> Iterator[str]:
    """As a Norwegian Excel opens it by a double click: UTF-8 with a byte order mark, and semicolons.

    One text for each chunk of rows, so that a long list is never whole in memory.
    """
    yield BOM
    for rows in chunks:
        text = io.StringIO()
        csv.writer(text, delimiter=";").writerows([harmless(cell) for cell in row] for row in rows)
        yield text.getvalue()


def harmless(cell: str | int) -> str | int:
    """A leading apostrophe keeps Excel from reading what a customer is called as a formula (OWASP, CSV injection)."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(STARTS_A_FORMULA) else cell


def workbook_file(chunks: Iterable[list[Cells]], title: str, head: int = 1) -> IO[bytes]:
    """Open at its start and gone when closed; rows go to disk as they come. `head` is the row with the columns' names.

    Widths stand before the rows in the file, so they are of the first chunk that has the head and a row after it.
    """
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet(title)
    cells = _Cells(sheet)
    coming = iter(chunks)
    first: list[Cells] = []
    while len(first) <= head and (chunk := next(coming, None)) is not None:
        first += chunk
    sheet.freeze_panes = "A2" if head == 1 else None  # what stands above a lower head would fill the window
    for column, width in enumerate(_widths(first), start=1):
        sheet.column_dimensions[get_column_letter(column)].width = width
    for number, row in enumerate(_one_by_one(first, coming), start=1):
        sheet.append([cells.of(value, bold=number == head) for value in row])
    file = TemporaryFile()  # noqa: SIM115  # the caller's to close
    workbook.save(file)
    file.seek(0)
    return file


class _Cells:
    """Texts are texts, whatever they begin with, and stay so when somebody edits the cell: zeros in front are not lost."""

    def __init__(self, sheet: Any) -> None:
        self.sheet = sheet
        text: Any = WriteOnlyCell(sheet)
        bold: Any = WriteOnlyCell(sheet)
        text.number_format = "@"
        bold.font = Font(bold=True)
        # The style itself is handed on: to look it up by its parts takes longer than to write the cell.
        self.text, self.bold = text._style, bold._style

    def of(self, value: str | int, bold: bool) -> Any:
        if isinstance(value, int):
            return value
        if not value:
            return None
        cell: Any = WriteOnlyCell(self.sheet, NOT_OF_XML.sub("", value)[:LONGEST])
        cell.data_type = "s"
        cell._style = self.bold if bold else self.text
        return cell


def _one_by_one(first: list[Cells], rest: Iterator[list[Cells]]) -> Iterator[Cells]:
    yield from first
    for rows in rest:
        yield from rows


def _widths(rows: list[Cells]) -> list[int]:
    widths: dict[int, int] = {}
    for row in rows:
        for column, value in enumerate(row):
            widths[column] = max(widths.get(column, NARROWEST), min(WIDEST, len(str(value)) + 2))
    return [widths[column] for column in sorted(widths)]
