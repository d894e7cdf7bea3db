"""F32: whatever bytes come, they end in an answer with words, never in a crash."""

import json
from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st
from pikepdf import Array, Dictionary, Name

from distribution.documents.own_pdf.findings import as_facts
from distribution.documents.own_pdf.placement import MARGIN, WINDOW
from distribution.documents.own_pdf.words import in_words
from distribution.documents.pdf import render
from tests.distribution.documents.own_pdf.making import look, pdf_of, script, written
from tests.distribution.documents.samples import invoice


@cache
def seeds() -> tuple[bytes, ...]:
    """One that programs make, and one whose parts can be read, so that a change of a byte changes what it says."""
    pdf = pdf_of(b"q 1 0 0 1 20 20 cm /D Do Q BT /F0 10 Tf 100 400 Td (x) Tj ET", pages=2)
    form = pdf.make_stream(b"0 0 100 100 re f", Subtype=Name.Form, BBox=Array([0, 0, 100, 100]))
    pdf.pages[0].Resources.XObject = Dictionary(D=form)
    pdf.Root.OpenAction = script()
    pdf.Root.AcroForm = Dictionary(Fields=Array([Dictionary(AA=Dictionary(K=script()))]))
    return render(invoice(), language="nb"), written(pdf)


def answer(content: bytes) -> None:
    for keep_free in ((), (MARGIN, WINDOW)):
        examined = look(content, *keep_free)
        facts = as_facts((*examined.findings, *examined.mended))
        assert json.loads(json.dumps(facts)) == [list(one) for one in facts]
        assert in_words(facts).isprintable()
        if not examined.findings:
            assert look(examined.content, *keep_free).findings == ()
            assert look(examined.content, *keep_free).mended == ()


@given(st.binary(max_size=600), st.booleans())
@settings(max_examples=200, deadline=None)
def test_random_bytes(content: bytes, like_one: bool) -> None:
    answer(b"%PDF-1.4\n" + content if like_one else content)


PLACE = st.floats(0, 1, exclude_max=True)


@given(st.data(), st.integers(0, 1), st.lists(st.tuples(PLACE, st.integers(0, 255)), max_size=12))
@settings(max_examples=300, deadline=None)
def test_a_good_one_with_bytes_changed_or_taken_out(
    data: st.DataObject, which: int, changes: list[tuple[float, int]]
) -> None:
    content = bytearray(seeds()[which])
    for place, byte in changes:
        content[int(place * len(content))] = byte
    start, length = data.draw(st.tuples(PLACE, st.integers(0, 40)))
    position = int(start * len(content))
    del content[position : position + length]
    answer(bytes(content))
