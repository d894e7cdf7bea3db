"""R11, F35: without a cover sheet the window's field and the margin must be free, however the page is painted or turned."""

import time
from dataclasses import replace

import pytest
from pikepdf import Array, Dictionary, Name, Pdf, String

from distribution.documents.own_pdf.placement import MARGIN, WINDOW
from distribution.documents.pdf import render
from tests.distribution.documents.own_pdf.making import A4, MM, at, changed, codes, packed, pdf_of, told, written
from tests.distribution.documents.samples import invoice, line

BOTH = (MARGIN, WINDOW)
IN_MARGIN, IN_WINDOW = "INSUFFICIENT_MARGIN_FOR_PRINT", "CONTENT_IN_ADDRESS_WINDOW"
TURN = {0: (A4[0], A4[1]), 90: (A4[1], A4[0]), 180: (A4[0], A4[1]), 270: (A4[1], A4[0])}


@pytest.mark.parametrize(
    ("left", "top", "expected"),
    [
        (17, 200, [IN_MARGIN]), (19, 200, []), (124, 88, [IN_WINDOW]), (126, 88, []), (124, 90, []),
        (5, 50, [IN_MARGIN, IN_WINDOW]), (-5, 200, []), (100, -5, []),
    ],
)  # fmt: skip
def test_T79_text_counts_by_where_it_starts_on_the_paper(left: float, top: float, expected: list[str]) -> None:
    assert codes(written(pdf_of(at(left, top))), *BOTH) == expected


def test_it_is_told_in_words_and_only_where_no_cover_sheet_goes_first() -> None:
    content = written(pdf_of(at(5, 50)))
    assert told(content, *BOTH) == (
        "Side 1 har tekst eller bilde i venstre marg. De ytterste 18 mm må være tomme."
        " Første side har tekst eller bilde der adressen skal stå, øverst til venstre (125 x 89 mm)."
    )
    assert codes(content) == []


def test_the_window_is_on_the_first_page_and_the_margin_on_all() -> None:
    pdf = pdf_of()
    pdf.pages.extend(pdf_of(at(100, 50)).pages)
    assert codes(written(pdf), *BOTH) == []
    pdf.pages.extend(pdf_of(at(5, 250)).pages)
    assert told(written(pdf), *BOTH).startswith("Side 3 har tekst eller bilde i venstre marg.")


@pytest.mark.parametrize("turned", [0, 90, 180, 270])
def test_a_page_that_is_turned_counts_as_it_is_seen(turned: int) -> None:
    """Upright on the paper, whatever way its own points run: the text stands 10 mm from the left, 200 mm from the top."""
    width, height = TURN[turned]
    x, y = 10 * MM, 200 * MM
    point = {0: (x, height - y), 90: (y, x), 180: (width - x, y), 270: (width - y, height - x)}[turned]

    pdf = pdf_of(b"BT 1 0 0 1 %f %f Tm (x) Tj ET" % point, size=(width, height))
    pdf.pages[0].obj.Rotate = turned

    assert codes(written(pdf), *BOTH) == [IN_MARGIN]
    moved = pdf_of(at(30, 200))
    moved.pages[0].obj.Rotate = 360
    assert codes(written(moved), *BOTH) == []


@pytest.mark.parametrize(
    ("painted", "expected"),
    [
        (b"1 g 0 0 600 900 re f", []),  # a white sheet under it all
        (b"1 1 1 rg 0 0 600 900 re f", []),
        (b"0 0 0 0 k 0 0 600 900 re f", []),
        (b"0.9 g 0 0 600 900 re f", [IN_MARGIN, IN_WINDOW]),
        (b"1 g 0 0 600 900 re B", [IN_MARGIN, IN_WINDOW]),  # with a black edge
        (b"/Cs1 cs 1 scn 0 0 600 900 re f", [IN_MARGIN, IN_WINDOW]),
        (b"10 10 m 10 200 l S", [IN_MARGIN]),
        (b"10 10 m 10 200 l n", []),
        (b"200 10 300 100 re W n 0 0 600 900 re f", []),  # cut to what is right of the margin
        (b"q 200 10 300 100 re W n Q 0 0 30 30 re f", [IN_MARGIN]),
        (b"q 0.1 0 0 0.1 300 300 cm 0 0 100 100 re f Q", []),
        (b"1 0 0 1 -80 0 cm BT 100 200 Td (x) Tj ET", [IN_MARGIN]),
        (b"BT 100 200 Td -80 0 Td (x) Tj ET", [IN_MARGIN]),
        (b"BT 20 900 Td 14 TL (x) ' ET", []),  # still above the paper
        (b"BT 20 850 TD 100 TL T* (x) Tj ET", [IN_MARGIN, IN_WINDOW]),
        (b"BT 3 Tr 20 200 Td (x) Tj ET", []),  # invisible, under a scanned picture
        (b"q 50 0 0 50 10 100 cm BI /W 1 /H 1 /CS /G /BPC 8 ID \x00 EI Q", [IN_MARGIN]),
        (b"200 200 50 50 re W n /Sh0 sh", []),
        (b"/Sh0 sh", [IN_MARGIN, IN_WINDOW]),
        (b"200 200 50 50 re W n 300 300 50 50 re W n 0 0 600 900 re f /Sh0 sh", []),  # cut to nothing
        (b"Q Q Q BT 100 200 Td (x) Tj ET", []),
    ],
)
def test_ink_is_told_from_what_leaves_none(painted: bytes, expected: list[str]) -> None:
    assert codes(written(pdf_of(painted)), *BOTH) == expected


def with_drawing(matrix: list[float], content: bytes, box: list[float]) -> bytes:
    def draw(pdf: Pdf) -> None:
        form = pdf.make_stream(content, Subtype=Name.Form, Matrix=Array(matrix), BBox=Array(box))
        pdf.pages[0].Resources.XObject = Dictionary(D=form)
        pdf.pages[0].Contents = pdf.make_stream(b"/D Do")

    return changed(draw)


def test_a_drawing_is_followed_with_its_own_matrix_and_cut_to_its_box() -> None:
    square = b"0 0 100 100 re f"
    assert codes(with_drawing([1, 0, 0, 1, 10, 10], square, [0, 0, 100, 100]), *BOTH) == [IN_MARGIN]
    assert codes(with_drawing([1, 0, 0, 1, 100, 10], square, [0, 0, 100, 100]), *BOTH) == []
    assert codes(with_drawing([1, 0, 0, 1, 10, 10], square, [80, 0, 100, 100]), *BOTH) == []


def test_a_drawing_that_draws_itself_ends() -> None:
    def itself(pdf: Pdf) -> None:
        form = pdf.make_stream(b"/D Do /D Do", Subtype=Name.Form, BBox=Array([0, 0, 600, 900]))
        form.Resources = Dictionary(XObject=Dictionary(D=form))
        pdf.pages[0].Resources = form.Resources
        pdf.pages[0].Contents = pdf.make_stream(b"/D Do")

    assert told(changed(itself), *BOTH) == (
        "Side 1 er tegnet slik at vi ikke kan se om margen og adressefeltet er tomme."
    )


def test_a_drawing_that_is_drawn_ten_thousand_times_costs_little() -> None:
    def often(pdf: Pdf) -> None:
        form = pdf.make_stream(b"(" + b"x" * 900_000 + b") pop", Subtype=Name.Form, BBox=Array([0, 0, 600, 900]))
        pdf.pages[0].Resources.XObject = Dictionary(D=form)
        pdf.pages[0].Contents = pdf.make_stream(b"/D Do " * 10_000)

    started = time.process_time()
    assert codes(changed(often), *BOTH) == ["UNABLE_TO_VERIFY_SUITABLE_MARGIN_FOR_PRINT"]
    assert time.process_time() - started < 2


def test_more_than_anyone_looks_at_is_said_to_be_unknown_and_goes_behind_a_cover_sheet() -> None:
    much = written(pdf_of(b"q Q " * 500_000))
    assert codes(much, *BOTH) == ["UNABLE_TO_VERIFY_SUITABLE_MARGIN_FOR_PRINT"]
    assert codes(much) == []


def test_what_unpacks_without_a_bound_is_not_unpacked() -> None:
    def lzw(pdf: Pdf) -> None:
        pdf.pages[0].Contents = packed(pdf, bytes([0x80, 0x0B, 0x60, 0x50]), Name.LZWDecode)

    assert codes(changed(lzw), *BOTH) == ["UNABLE_TO_VERIFY_SUITABLE_MARGIN_FOR_PRINT"]
    assert codes(changed(lzw)) == []


@pytest.mark.parametrize(
    "garbled",
    [b"<< /a >> > ) ] } " * 30, b"( unfinished ", b"BI /W 1 ID xxxx "],
    ids=["brackets", "a text without end", "a picture without end"],
)
def test_what_stands_behind_something_garbled_is_unknown(garbled: bytes) -> None:
    content = written(pdf_of(garbled + at(5, 200)))
    assert codes(content, *BOTH) == ["UNABLE_TO_VERIFY_SUITABLE_MARGIN_FOR_PRINT"]
    assert codes(content) == []


def test_an_annotation_that_is_printed_is_ink() -> None:
    def note(flags: int) -> bytes:
        one = Dictionary(
            Type=Name.Annot,
            Subtype=Name.FreeText,
            Rect=Array([10, 100, 40, 120]),
            F=flags,
            AP=Dictionary(),
            DA=String(""),
        )
        return changed(lambda pdf: pdf.pages[0].obj.update({"/Annots": Array([one])}))

    assert [codes(note(flags), *BOTH) for flags in (4, 0, 6)] == [[IN_MARGIN], [], []]


@pytest.mark.parametrize("lines", [1, 60])
def test_T80_our_own_layout_leaves_the_margin_free(lines: int) -> None:
    data = replace(invoice(), lines=tuple(line(number) for number in range(1, lines + 1)))
    content = render(data, language="nb")
    assert codes(content, MARGIN) == []
    assert codes(content, WINDOW) == [IN_WINDOW]  # the address itself
