"""CSV as a Norwegian Excel opens it by a double click: UTF-8 with a byte order mark, semicolons, and no cell that is run as a formula."""

import csv
import io
from collections.abc import Iterable, Iterator

BOM = "\ufeff"
STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_chunks(chunks: Iterable[list[list[str]]]) -> Iterator[str]:
    """One text for each chunk of rows, so that a long list is never whole in memory."""
    yield BOM
    for rows in chunks:
        text = io.StringIO()
        csv.writer(text, delimiter=";").writerows([harmless(cell) for cell in row] for row in rows)
        yield text.getvalue()


def harmless(cell: str) -> str:
    """A leading apostrophe keeps Excel from reading what a customer is called as a formula (OWASP, CSV injection)."""
    return f"'{cell}" if cell.startswith(STARTS_A_FORMULA) else cell
