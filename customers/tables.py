"""A table of customers as people have it, out of Excel or another system, as rows of our fields."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import override

from customers.models import Customer
from customers.workbooks import is_workbook, lines_of

FIELDS = (
    "number",
    "name",
    "kind",
    "org_number",
    "peppol_id",
    "email",
    "invoice_email",
    "phone",
    "address_line",
    "address_line2",
    "postcode",
    "town",
    "country",
    "language",
    "method",
    "electronic_only",
    "parent",
)
ALSO_CALLED = {"kundenr": "number", "org.nr": "org_number", "orgnr": "org_number", "adresse": "address_line"}
MOST_ROWS = 20_000
MOST_COLUMNS = 100
LOOKED_AT = 10  # lines, for columns without a head
BYTE_ORDER_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


@dataclass(frozen=True, slots=True)
class Sheet:
    """The file as it is, before anyone said which column is what."""

    heads: list[str]
    lines: list[tuple[int, list[str]]]  # with the number of each in the file


@dataclass(frozen=True, slots=True)
class Row:
    line: int
    cells: dict[str, str]  # by field; empty cells are not in it


@dataclass(frozen=True, slots=True)
class Table:
    rows: list[Row]
    unread: list[str]  # heads of columns that are none of ours


def label_of(field: str) -> str:
    label = str(Customer._meta.get_field(field).verbose_name)  # type: ignore[union-attr]
    return label[:1].upper() + label[1:]


def read_sheet(content: bytes) -> Sheet:
    """Raises ValidationError where the file as a whole can't be read."""
    source = lines_of(content, MOST_COLUMNS + 1) if is_workbook(content) else _lines(_decoded(content))
    try:
        lines = list(islice(source, MOST_ROWS + 2))
    except csv.Error as error:
        raise ValidationError(_("Filen kan ikke leses som CSV.")) from error
    if len(lines) < 2:
        raise ValidationError(
            _("Filen har ingen kunder. Første linje skal være overskrifter, og så én linje per kunde.")
        )
    if len(lines) > MOST_ROWS + 1:
        raise ValidationError(_("Filen har over %(most)s kunder. Del den i flere.") % {"most": MOST_ROWS})
    heads = _with_columns_in_use(lines[:LOOKED_AT])
    if len(heads) > MOST_COLUMNS:
        raise ValidationError(_("Filen har over %(most)s kolonner.") % {"most": MOST_COLUMNS})
    return Sheet(heads, lines[1:])


def _with_columns_in_use(lines: list[tuple[int, list[str]]]) -> list[str]:
    """The heads, and an empty one for a column that has values only; a sheet's lines are as wide as we asked for."""
    width = max(place for _line, cells in lines for place, cell in enumerate(cells, start=1) if cell.strip())
    heads = [head.strip() for head in lines[0][1]]
    return [*heads[:width], *[""] * (width - len(heads))]


def table_of(sheet: Sheet, fields: list[str]) -> Table:
    """`fields` by column, empty for one that is not read; `columns.wrong_with` finds nothing to say of them."""
    unread = [head for head, field in zip(sheet.heads, fields, strict=True) if head and not field]
    return Table([Row(line, _cells(fields, cells)) for line, cells in sheet.lines], unread)


def known_fields(heads: list[str]) -> list[str]:
    known = _known_heads()
    return [known.get(head.casefold(), "") for head in heads]


def _cells(fields: list[str], cells: list[str]) -> dict[str, str]:
    named = zip(fields, map(_plain, cells), strict=False)
    return {field: cell for field, cell in named if field and cell}


def _plain(cell: str) -> str:
    """Without the apostrophe that our own file puts before what Excel would run."""
    cell = cell.replace("\0", "").strip()
    return cell[1:] if cell[:1] == "'" and cell[1:2] in ("=", "+", "-", "@") else cell


def _decoded(content: bytes) -> str:
    """Excel on Windows writes its old code page unless it is asked for UTF-8."""
    marked = next((encoding for mark, encoding in BYTE_ORDER_MARKS if content.startswith(mark)), "")
    for encoding in filter(None, (marked, "utf-8", "cp1252")):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return content.decode("latin-1")


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """With the number of the line where each ends; empty ones are left out."""
    head = text.split("\n", 1)[0]
    delimiter = max(";,\t", key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield reader.line_num, cells


def _known_heads() -> dict[str, str]:
    """In both languages, whatever the reader's, and by the names of the API."""
    known = {**ALSO_CALLED, **{field: field for field in FIELDS}}
    for language in ("nb", "en"):
        with override(language):
            known.update({label_of(field).casefold(): field for field in FIELDS})
    return known
