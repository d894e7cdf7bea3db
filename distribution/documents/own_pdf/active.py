"""What acts in a PDF instead of lying still: scripts, programs to start, films, forms that draw themselves.

`pikepdf.sanitize` takes such things away too, but does not tell what it took, and a timeline must.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from pikepdf import Array, Dictionary, Name, Object, Pdf, Stream

from distribution.documents.own_pdf.findings import Code
from distribution.documents.own_pdf.reading import name_of

Holder = Dictionary | Stream
# By the kind of action. A jump within the document and a link to the web do nothing on paper, and stay.
ACTIONS = {
    "/JavaScript": Code.JAVASCRIPT,
    "/Launch": Code.LAUNCH,
    "/SubmitForm": Code.ACTION,
    "/ImportData": Code.ACTION,
    "/GoToE": Code.ACTION,
    "/Movie": Code.RICH_MEDIA,
    "/Sound": Code.RICH_MEDIA,
    "/Rendition": Code.RICH_MEDIA,
    "/RichMediaExecute": Code.RICH_MEDIA,
    "/GoTo3DView": Code.RICH_MEDIA,
}
KEYS = {"/AA": Code.ACTION, "/XFA": Code.XFA, "/JavaScript": Code.JAVASCRIPT}
# The media of an annotation; the picture that stands for it is printed, and stays.
MEDIA = {
    "/RichMedia": ("/RichMediaContent", "/RichMediaSettings"),
    "/3D": ("/3DD", "/3DV"),
    "/Movie": ("/Movie",),
    "/Sound": ("/Sound",),
}


@dataclass(frozen=True, slots=True)
class Slot:
    """Where something that acts is held: taking `key` out of `holder` ends it."""

    holder: Holder
    key: str
    code: Code


def slots_of(holder: Holder) -> Iterator[Slot]:
    media = MEDIA.get(name_of(holder.get(Name.Subtype)), ())
    for key, value in holder.items():
        if code := _code(key, value, media):
            yield Slot(holder, key, code)


def is_dynamic_form(pdf: Pdf) -> bool:
    """Its pages say «please wait» until a program draws the form over them."""
    return bool(pdf.Root.get_bool(Name.NeedsRendering, False))


def _code(key: str, value: Object, media: tuple[str, ...]) -> Code | None:
    if key in media:
        return Code.RICH_MEDIA
    if acting := _acting(value):
        return acting
    if key == "/OpenAction" and isinstance(value, Dictionary) and name_of(value.get(Name.S)) != "/GoTo":
        return Code.ACTION
    return KEYS.get(key) if isinstance(value, Dictionary | Array | Stream) else None


def _acting(value: Object) -> Code | None:
    """Of an action, or of the first in a list that acts."""
    actions = list(value)[:100] if isinstance(value, Array) else [value]
    codes = (ACTIONS.get(name_of(one.get(Name.S))) for one in actions if isinstance(one, Dictionary | Stream))
    return next((code for code in codes if code), None)
