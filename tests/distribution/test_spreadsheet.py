"""Workbooks that Excel opens, and that run nothing."""

import io
from typing import Any

import pytest
from openpyxl import load_workbook

from distribution.spreadsheet import WIDEST, workbook_file


def sheet_of(answer: Any) -> Any:
    """Of what was downloaded, with formulas as formulas."""
    return load_workbook(io.BytesIO(b"".join(answer))).worksheets[0]


def sheet_with(*rows: list[Any]) -> Any:
    with workbook_file([[["Navn", "Antall"]], [*rows]], "Kunder") as file:
        return sheet_of(file)


@pytest.mark.parametrize("text", ["=1+1", "+47 22", "-5", "@SUM(A1)", "#REF!", "0150", "1e5", "24.11.2026", " Ås <&> "])
def test_a_text_stays_a_text_whatever_it_looks_like(text: str) -> None:
    cell = sheet_with([text, 5])["A2"]

    assert (cell.value, cell.data_type, cell.number_format) == (text, "s", "@")


def test_a_figure_is_a_figure_and_an_empty_text_is_an_empty_cell() -> None:
    sheet = sheet_with(["", 0])

    assert (sheet["A2"].value, sheet["B2"].value, sheet["B2"].data_type) == (None, 0, "n")


def test_what_no_xml_can_hold_is_left_out() -> None:
    assert sheet_with(["A\x00\x07\x1bB\ufffe", 1])["A2"].value == "AB"


def test_the_head_is_bold_and_stays_in_view_and_the_columns_are_as_wide_as_what_is_in_them() -> None:
    sheet = sheet_with(["Bjørkedal Båt og Motor", 1], ["x" * 500, 1])

    assert sheet.freeze_panes == "A2"
    assert sheet["A1"].font.b
    assert not sheet["A2"].font.b
    assert (sheet.column_dimensions["A"].width, sheet.title) == (WIDEST, "Kunder")


def test_rows_are_read_one_chunk_at_a_time() -> None:
    """What is written is on disk before the next chunk is asked for."""
    alive: list[int] = []

    class Noted(list[Any]):
        def __del__(self) -> None:
            alive.remove(id(self))

    def chunks() -> Any:
        yield [["Navn"]]
        for number in range(20):
            chunk = Noted([[f"{number}-{line}"] for line in range(100)])
            alive.append(id(chunk))
            most.append(len(alive))
            yield chunk
            del chunk

    most: list[int] = []
    with workbook_file(chunks(), "Kunder") as file:
        assert sheet_of(file).max_row == 2001
    assert max(most) <= 3
