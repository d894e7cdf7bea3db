"""What the print house is told of a letter: the facts of every manifest, and how to print it.

{"key", "company", "invoice", "channel", "to": [lines], "sha256", "created", "file", "size", "pages", "colour"}
"""

import json
from collections.abc import Iterable, Iterator
from io import BytesIO

import pikepdf

from distribution.channels.base import DocumentRefused, Outgoing
from distribution.channels.manifest import facts_of

RGB, CMYK = frozenset({"rg", "RG"}), frozenset({"k", "K"})
STATE = (
    "q",
    "Q",
    "cm",
    "w",
    "J",
    "j",
    "M",
    "d",
    "ri",
    "i",
    "gs",
    "W",
    "W*",
    "BX",
    "EX",
    "BMC",
    "BDC",
    "EMC",
    "MP",
    "DP",
)
SHAPES = ("m", "l", "c", "v", "y", "h", "re", "S", "s", "f", "F", "f*", "B", "B*", "b", "b*", "n")
TEXT = ("BT", "ET", "Tc", "Tw", "Tz", "TL", "Tf", "Tr", "Ts", "Td", "TD", "Tm", "T*", "Tj", "TJ", "'", '"')
COLOURLESS = frozenset({"g", "G", *STATE, *SHAPES, *TEXT})  # operators of PDF 1.7, annex A


def manifest_of(outgoing: Outgoing) -> bytes:
    """The same bytes over all attempts. Raises DocumentRefused for what can't be read as a PDF."""
    try:
        with pikepdf.open(BytesIO(outgoing.data)) as pdf:
            printing = {"pages": len(pdf.pages), "colour": any(map(_has_colour, pdf.pages))}
    except (pikepdf.PdfError, pikepdf.PasswordError) as error:
        raise DocumentRefused(f"PDF: {error}"[:300]) from error
    letter = {"file": pdf_name(outgoing.key), "size": len(outgoing.data), **printing}
    return json.dumps({**facts_of(outgoing), **letter}, ensure_ascii=False, indent=2).encode()


def pdf_name(key: str) -> str:
    return f"{key}.pdf"


def manifest_name(key: str) -> str:
    return f"{key}.json"


def _has_colour(page: pikepdf.Page) -> bool:
    """False where only black, grey and white are certain; pictures, patterns and notes are taken for coloured."""
    return "/Annots" in page.obj or _draws_its_letters(page) or any(_colours(pikepdf.parse_content_stream(page)))


def _draws_its_letters(page: pikepdf.Page) -> bool:
    """With fonts of type 3, in which each letter is a drawing with colours of its own."""
    fonts = page.resources.get("/Font")
    return fonts is not None and any(font.get("/Subtype") == "/Type3" for _name, font in fonts.items())


def _colours(
    instructions: Iterable[pikepdf.ContentStreamInstruction | pikepdf.ContentStreamInlineImage],
) -> Iterator[bool]:
    for one in instructions:
        operator, values = str(one.operator), list(one.operands)
        if operator in RGB:
            yield len(set(values)) > 1
        elif operator in CMYK:
            yield any(values[:3])
        else:
            yield operator not in COLOURLESS
