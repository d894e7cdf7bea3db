"""R11, T79, F32, F35: an own PDF that can't be printed is told from one that can, in words, within bounded time and memory."""

import resource
import time
import zlib
from collections.abc import Callable
from io import BytesIO

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Encryption, Name, Object, Pdf, Stream

from distribution.documents.own_pdf.findings import Code
from distribution.documents.own_pdf.words import TEXTS
from distribution.documents.pdf import BadPdf, check_own_pdf, render
from tests.distribution.documents.own_pdf.making import (
    A4,
    changed,
    codes,
    font,
    look,
    packed,
    pdf_of,
    told,
    written,
)
from tests.distribution.documents.samples import invoice

LIES = (A4[1], A4[0])


def test_a_good_one_goes_as_it_came() -> None:
    for good in (written(pdf_of(pages=9)), render(invoice(), language="nb")):
        assert (look(good).findings, look(good).mended, look(good).content) == ((), (), good)


def encrypted() -> bytes:
    out = BytesIO()
    pdf_of().save(out, encryption=Encryption(owner="x", user="y"))
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "Filen er ikke en PDF."),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(500), "Filen er ikke en PDF."),
        (written(pdf_of())[:-300], "PDF-filen er skadet og kan ikke leses. Lag den på nytt."),
        (encrypted(), "PDF-filen er beskyttet med passord. Lag den uten beskyttelse."),
        (written(pikepdf.new()), "PDF-filen har ingen sider."),
        (written(pdf_of(pages=10)), "PDF-filen har 10 sider. Printtjenesten tar høyst 9."),
        (written(pdf_of(), "2.0"), "PDF-filen er av versjon 2.0. Printtjenesten tar versjon 1.7 og eldre."),
        (
            written(pdf_of(size=(8504, 8504))),
            "Side 1 er 3000 x 3000 mm. Printtjenesten tar bare A4 (210 x 297 mm).",
        ),
    ],
    ids=["0 bytes", "a JPEG", "cut short", "encrypted", "no pages", "10 pages", "PDF 2.0", "a page of 3 m"],
)  # fmt: skip
def test_T79_what_cant_be_printed_is_told_in_words(content: bytes, words: str) -> None:
    assert told(content) == words
    assert look(content).content == content


def test_the_version_of_the_catalog_counts_too() -> None:
    later = changed(lambda pdf: pdf.Root.update({"/Version": Name("/2.0")}))
    assert codes(later) == ["UNSUPPORTED_PDF_VERSION_FOR_PRINT"]


@pytest.mark.parametrize(
    ("millimetres", "fits"),
    [((210, 297), True), ((200, 287), True), ((199, 297), False), ((211, 297), False), ((210, 298), False)],
)
def test_A4_may_lack_ten_millimetres_and_have_none_too_many(millimetres: tuple[int, int], fits: bool) -> None:
    width, height = (side * 72 / 25.4 for side in millimetres)
    assert codes(written(pdf_of(size=(width, height)))) == ([] if fits else ["UNSUPPORTED_DIMENSIONS"])


def test_what_is_seen_of_a_page_is_measured() -> None:
    def crop(pdf: Pdf) -> None:
        pdf.pages[0].obj.MediaBox = Array([-50, -50, 700, 900])
        pdf.pages[0].obj.CropBox = Array([0, 0, *A4])

    assert codes(changed(crop)) == []


def test_a_page_that_lies_is_turned_and_the_bytes_are_the_same_each_time() -> None:
    pdf = pdf_of(pages=2)
    pdf.pages.extend(pdf_of(size=LIES).pages)
    content = written(pdf)

    first, second = look(content), look(content)

    assert [(one.code, one.facts) for one in first.mended] == [(Code.LANDSCAPE, {"pages": "3"})]
    assert first.findings == ()
    assert first.content == second.content != content
    with pikepdf.open(BytesIO(first.content)) as mended:
        assert [page.rotation for page in mended.pages] == [0, 0, 90]
    assert look(first.content).mended == ()


@pytest.mark.parametrize("name", ["/Helvetica", "/ABCDEF+Times-Bold", "/ArialMT", "/Arial,Bold", "/ZapfDingbats"])
def test_standard_fonts_and_Arial_need_not_come_along(name: str) -> None:
    assert codes(changed(lambda pdf: use(pdf, font(name, "/TrueType")))) == []


def test_any_other_font_must_be_embedded() -> None:
    bare = font("/ABCDEF+MyriadPro-Regular", "/TrueType")
    broken = font("/Foo", "/TrueType")
    broken.FontDescriptor = Dictionary(Type=Name.FontDescriptor, FontFile2=1)
    composed = Dictionary(Type=Name.Font, Subtype=Name.Type0, DescendantFonts=Array([font("/Foo", "/CIDFontType2")]))

    assert told(changed(lambda pdf: use(pdf, bare))) == (
        "Skrifttypene MyriadPro-Regular følger ikke med i PDF-filen. Bygg dem inn når du lager den."
    )
    assert codes(changed(lambda pdf: use(pdf, broken))) == ["REFERENCES_INVALID_FONT"]
    assert codes(changed(lambda pdf: use(pdf, composed))) == ["REFERENCES_INVALID_FONT"]


def test_names_in_Latin_1_as_older_programs_write_them_are_names() -> None:
    def old(pdf: Pdf) -> None:
        pdf.pages[0].Resources = Object.parse(
            b"<< /Font << /F#e5 << /Type /Font /Subtype /Type1 /BaseFont /Bl#e5b#e6r >> >> /ColorSpace << /G#f8nn /DeviceGray >> >>"
        )
        pdf.Root.Eier = Object.parse(b"/S#f8ren")

    assert told(changed(old)) == (
        "Skrifttypene Bl\ufffdb\ufffdr følger ikke med i PDF-filen. Bygg dem inn når du lager den."
    )


def test_a_font_that_only_a_form_might_use_is_not_missed() -> None:
    resources = Dictionary(Font=Dictionary(F1=font("/MyriadPro-Regular")))
    assert codes(changed(lambda pdf: pdf.Root.update({"/AcroForm": Dictionary(DR=resources)}))) == []


def test_a_page_whose_content_is_damaged_is_not_printed_half() -> None:
    half = zlib.compress(b" ".join(b"BT 1 0 0 1 %d 400 Tm (x) Tj ET" % (60 + n * n % 500) for n in range(400)))[:-80]
    assert told(changed(lambda pdf: paint(pdf, packed(pdf, half, Name.FlateDecode)))) == (
        "Side 1 er skadet og kan ikke leses. Lag PDF-filen på nytt."
    )


def test_a_page_of_several_streams_is_read_as_one() -> None:
    parts = (b"BT /F0 10 Tf 1 0 0 1 100", b"400 Tm (x) Tj ET")
    assert codes(changed(lambda pdf: paint(pdf, Array([pdf.make_stream(part) for part in parts])))) == []


def bomb(pdf: Pdf) -> None:
    """300 MB of nothing in 2 KB."""
    twice = zlib.compress(zlib.compress(bytes(300_000_000)))
    paint(pdf, packed(pdf, twice, Name.FlateDecode, Name.FlateDecode))


def long(pdf: Pdf) -> None:
    for _ in range(9_999):
        pdf.add_blank_page(page_size=A4)


def wide(pdf: Pdf) -> None:
    pdf.Root.Wide = Array([Dictionary(A=1) for _ in range(150_000)])


@pytest.mark.parametrize(
    ("change", "code"),
    [(bomb, "PDF_PARSE_PAGE_ERROR"), (wide, "TOO_COMPLEX_FOR_PRINT"), (long, "TOO_MANY_PAGES_FOR_AUTOMATED_PRINT")],
    ids=["decompression bomb", "150,000 parts", "10,000 pages"],
)
def test_a_file_made_to_harm_us_costs_little(change: Callable[[Pdf], None], code: str) -> None:
    content = changed(change)
    before, started = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()

    assert codes(content) == [code]

    assert time.process_time() - started < 8
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 400_000  # KB


def test_a_bomb_in_the_files_own_list_of_objects_is_refused_when_it_comes_in() -> None:
    content = written_with_bomb_as_list_of_objects()
    with pytest.raises(BadPdf):
        check_own_pdf(content)
    assert codes(content) == ["PDF_PARSE_ERROR"]


def written_with_bomb_as_list_of_objects() -> bytes:
    """The cross-reference stream that a reader must unpack before it knows of any object."""
    packed_list = zlib.compress(bytes(300_000_000))
    head = b"%PDF-1.5\n"
    entry = (
        b"1 0 obj <</Type /XRef /W [1 2 1] /Size 125000000 /Root 2 0 R /Filter /FlateDecode /Length %d>> stream\n"
        % len(packed_list)
    )
    return head + entry + packed_list + b"\nendstream endobj\nstartxref\n%d\n%%%%EOF" % len(head)


def test_every_code_has_words() -> None:
    assert set(TEXTS) == set(Code)


def use(pdf: Pdf, one: Dictionary) -> None:
    pdf.pages[0].Resources.Font.F1 = one


def paint(pdf: Pdf, contents: Stream | Array) -> None:
    pdf.pages[0].Contents = contents
