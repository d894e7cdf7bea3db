"""Excel files as people save them, and as those who mean harm do."""

import io
import zipfile
from datetime import date, datetime
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from openpyxl import Workbook

from customers.columns import guessed
from customers.tables import MOST_ROWS, Row, read_sheet, table_of
from customers.workbooks import MEGABYTES_UNPACKED


def workbook(*rows: list[Any], formats: dict[str, str] | None = None) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    for place, number_format in (formats or {}).items():
        sheet[place].number_format = number_format
    book.create_sheet("Et ark til").append(["Kundenummer"])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def parts_changed(content: bytes, **changed: bytes) -> bytes:
    """`sheet1=b"…"` for another sheet1.xml."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            stem = name.rpartition("/")[2].partition(".")[0]
            new.writestr(name, changed.get(stem, old.read(name)))
    return file.getvalue()


def rows_of(content: bytes) -> list[Row]:
    """As «Importer kunder» previews them."""
    sheet = read_sheet(content)
    return table_of(sheet, guessed(sheet.heads)).rows


def test_the_first_sheet_is_read_with_the_numbers_of_its_lines() -> None:
    rows = rows_of(workbook(["Kundenummer", "Navn"], ["1", "Bjørkedal Båt"], [], ["2", " Ås "]))

    assert [(row.line, row.cells) for row in rows] == [
        (2, {"number": "1", "name": "Bjørkedal Båt"}),
        (4, {"number": "2", "name": "Ås"}),
    ]


def test_a_sheet_is_as_wide_as_what_is_in_it() -> None:
    assert read_sheet(workbook(["Kundenummer", None, "Navn"], ["1", None, "Ås", "uten overskrift"])).heads == [
        "Kundenummer",
        "",
        "Navn",
        "",
    ]


def test_a_number_is_its_digits_and_a_date_is_a_text() -> None:
    rows = (
        ["Kundenummer", "Organisasjonsnummer", "Mobil", "Navn", "Kun elektronisk faktura"],
        [10001.0, 923609016, 4790000000, date(2026, 11, 24), True],
        [1.5, None, None, datetime(2026, 11, 24, 8, 12), False],
    )

    first, second = (row.cells for row in rows_of(workbook(*rows)))

    assert first == {
        "number": "10001",
        "org_number": "923609016",
        "phone": "4790000000",
        "name": "24.11.2026",
        "electronic_only": "ja",
    }
    assert second == {"number": "1.5", "name": "24.11.2026 08:12", "electronic_only": "nei"}


def test_the_zeros_that_a_format_shows_are_read() -> None:
    content = workbook(["Kundenummer", "Postnummer"], [42, 150], formats={"A2": "000000", "B2": "0000"})

    assert rows_of(content)[0].cells == {"number": "000042", "postcode": "0150"}


def test_a_formula_is_not_run_and_a_text_that_looks_like_one_is_a_text() -> None:
    sheet = b"""<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>
      <row r="1"><c r="A1" t="inlineStr"><is><t>Kundenummer</t></is></c><c r="B1" t="inlineStr"><is><t>Navn</t></is></c></row>
      <row r="2"><c r="A2"><f>40+2</f><v>41</v></c><c r="B2" t="inlineStr"><is><t>=SUM(A1)</t></is></c></row>
      <row r="3"><c r="A3"><v>2</v></c><c r="B3"><f>HYPERLINK("http://x")</f></c></row>
    </sheetData></worksheet>"""

    rows = rows_of(parts_changed(workbook(["x"]), sheet1=sheet))

    assert [row.cells for row in rows] == [{"number": "41", "name": "=SUM(A1)"}, {"number": "2"}]


@pytest.mark.parametrize(
    "sheet",
    [
        b"<worksheet",
        b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><worksheet>&a;</worksheet>',
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        b'<row r="1"><c r="A1" t="s"><v>99</v></c></row></sheetData></worksheet>',
    ],
)
def test_a_damaged_part_is_told(sheet: bytes) -> None:
    with pytest.raises(ValidationError, match=r"skadet|ingen kunder"):
        read_sheet(parts_changed(workbook(["Kundenummer"], ["1"]), sheet1=sheet))


def test_a_sheet_that_claims_a_row_far_away_is_read_no_further_than_excels_last() -> None:
    sheet = b"""<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>
      <row r="1"><c r="A1" t="inlineStr"><is><t>Kundenummer</t></is></c></row>
      <row r="2"><c r="A2"><v>1</v></c></row><row r="999999999999"><c r="A999999999999"><v>2</v></c></row>
    </sheetData></worksheet>"""

    assert len(rows_of(parts_changed(workbook(["x"]), sheet1=sheet))) == 1


def test_a_zip_bomb_is_refused_before_it_is_unpacked() -> None:
    with pytest.raises(ValidationError, match=f"større enn {MEGABYTES_UNPACKED} MB"):
        read_sheet(parts_changed(workbook(["x"]), sheet1=b" " * (MEGABYTES_UNPACKED * 1024 * 1024 + 1)))


def test_a_part_that_is_larger_than_it_states_is_read_no_further() -> None:
    content = parts_changed(workbook(["Kundenummer"], ["1"]), sheet1=b" " * 5_000_000)
    stated = content.replace((5_000_000).to_bytes(4, "little"), (500).to_bytes(4, "little"))

    with pytest.raises(ValidationError, match="skadet"):
        read_sheet(stated)


def test_a_zip_with_a_password_and_one_that_is_no_workbook_are_told() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as other:
        other.writestr("les.txt", "hei")
    content = file.getvalue()
    place = content.index(b"PK\x01\x02") + 8

    with pytest.raises(ValidationError, match="skadet"):
        read_sheet(content)
    with pytest.raises(ValidationError, match="passord"):
        read_sheet(content[:place] + b"\x01" + content[place + 1 :])


def test_a_sheet_has_the_same_limit_of_rows_as_a_text() -> None:
    with pytest.raises(ValidationError, match=f"over {MOST_ROWS} kunder"):
        read_sheet(workbook(["Kundenummer"], *([number] for number in range(MOST_ROWS + 1))))
