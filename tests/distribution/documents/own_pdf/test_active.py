"""R11: what acts in a PDF is taken out, and told; what only lies there stays, and the file with it."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Pdf, String

from tests.distribution.documents.own_pdf.making import changed, codes, look, packed, pdf_of, script, told, written


def launch() -> Dictionary:
    return Dictionary(S=Name.Launch, F=String("cmd.exe"))


def annotate(pdf: Pdf, **facts: Any) -> None:
    one = Dictionary(Type=Name.Annot, Rect=Array([100, 100, 200, 120]), **facts)
    pdf.pages[0].Annots = Array([pdf.make_indirect(one)])


def opening(action: Dictionary) -> Callable[[Pdf], None]:
    return lambda pdf: pdf.Root.update({"/OpenAction": action})


def names(pdf: Pdf) -> None:
    pdf.Root.Names = Dictionary(JavaScript=Dictionary(Names=Array([String("a"), pdf.make_indirect(script())])))


def chained(pdf: Pdf) -> None:
    """A harmless jump that starts a program next, in a list."""
    jump = Dictionary(
        S=Name.GoTo, D=Array([pdf.pages[0].obj, Name.Fit]), Next=Array([Dictionary(S=Name.Named), launch()])
    )
    annotate(pdf, Subtype=Name.Link, A=jump)


def hidden_in_a_field(pdf: Pdf) -> None:
    parent = pdf.make_indirect(Dictionary(AA=Dictionary(K=script())))
    pdf.Root.AcroForm = Dictionary(Fields=Array([parent]))


def film(pdf: Pdf) -> None:
    annotate(
        pdf, Subtype=Name.RichMedia, RichMediaContent=Dictionary(Assets=Dictionary()), RichMediaSettings=Dictionary()
    )


def xfa(pdf: Pdf) -> None:
    pdf.Root.AcroForm = Dictionary(Fields=Array([]), XFA=pdf.make_stream(b"<xdp/>"))


@pytest.mark.parametrize(
    ("change", "mended"),
    [
        (opening(script()), ["JAVASCRIPT"]),
        (names, ["JAVASCRIPT"]),
        (opening(launch()), ["LAUNCH_ACTION"]),
        (chained, ["LAUNCH_ACTION"]),
        (hidden_in_a_field, ["JAVASCRIPT", "AUTOMATIC_ACTION"]),
        (opening(Dictionary(S=Name.Named, N=Name.Print)), ["AUTOMATIC_ACTION"]),
        (film, ["RICH_MEDIA"]),
        (xfa, ["XFA_FORM"]),
    ],
    ids=["script", "named scripts", "program", "program in a chain", "field", "opens printing", "film", "XFA"],
)  # fmt: skip
def test_what_acts_is_taken_out_and_named(change: Callable[[Pdf], None], mended: list[str]) -> None:
    content = changed(change)

    examined = look(content)

    assert examined.findings == ()
    assert [str(one.code) for one in examined.mended] == mended
    again = look(examined.content)
    assert (again.findings, again.mended) == ((), ())
    assert b"cmd.exe" not in plain(examined.content)
    assert b"app.alert" not in plain(examined.content)


def plain(content: bytes) -> bytes:
    out = BytesIO()
    with pikepdf.open(BytesIO(content)) as pdf:
        pdf.save(out, compress_streams=False, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    return out.getvalue()


def test_what_stands_on_the_page_is_the_same_afterwards() -> None:
    content = changed(opening(script()))
    with pikepdf.open(BytesIO(content)) as before, pikepdf.open(BytesIO(look(content).content)) as after:
        assert before.pages[0].Contents.read_bytes() == after.pages[0].Contents.read_bytes()


def test_streams_are_copied_and_never_unpacked_on_the_way() -> None:
    def scripted(pdf: Pdf) -> None:
        pdf.Root.OpenAction = script()
        pdf.pages[0].Contents = packed(pdf, bytes([0x80, 0x0B, 0x60, 0x50]), Name.LZWDecode)

    mended = look(changed(scripted)).content

    with pikepdf.open(BytesIO(mended)) as pdf:
        assert pdf.pages[0].Contents.Filter == Name.LZWDecode


def jump(pdf: Pdf) -> None:
    pdf.Root.OpenAction = Dictionary(S=Name.GoTo, D=Array([pdf.pages[0].obj, Name.Fit]))


def link(pdf: Pdf) -> None:
    annotate(pdf, Subtype=Name.Link, A=Dictionary(S=Name.URI, URI=String("https://firma.test")))


@pytest.mark.parametrize("change", [jump, link, lambda pdf: pdf.Root.update({"/OpenAction": Array([0, Name.Fit])})])
def test_links_and_where_it_opens_are_left_alone(change: Callable[[Pdf], None]) -> None:
    content = changed(change)
    assert (look(content).mended, look(content).content) == ((), content)


def test_a_form_that_a_program_draws_is_refused_since_its_pages_say_please_wait() -> None:
    pdf = pdf_of()
    xfa(pdf)
    pdf.Root.NeedsRendering = True
    content = written(pdf)

    assert codes(content) == ["DYNAMIC_FORM"]
    assert told(content) == "PDF-filen er et skjema som bare vises riktig på skjerm. Lagre den som en vanlig PDF."
