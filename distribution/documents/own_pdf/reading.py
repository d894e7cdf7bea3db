"""A stranger's PDF, opened and read within limits."""

import re
from collections.abc import Iterator
from io import BytesIO

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Page, Pdf, Stream

from distribution.documents.own_pdf.findings import Code, Unprintable
from distribution.documents.own_pdf.limits import MAX_CONTENT, MAX_VALUES

# What pikepdf says of a file that is not as it should be: a number where a list belongs, an object that is not there.
UNREADABLE = (
    pikepdf.PikepdfError,
    RuntimeError,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    ArithmeticError,
)
HEADER = re.compile(rb"%PDF-(\d\.\d)")
HEADER_WITHIN = 1024  # bytes, where readers look for it
# LZW is not among them: qpdf unpacks it without a limit, and 20 MB of it may be 50 GB.
BOUNDED = {"/FlateDecode", "/Fl", "/ASCII85Decode", "/A85", "/ASCIIHexDecode", "/AHx", "/RunLengthDecode", "/RL"}
FORM_RESOURCES = "/DR"  # what a form might use, printed nowhere


def open_pdf(content: bytes) -> Pdf:
    """No repair: a file cut short would be repaired to fewer pages. Raises Unprintable."""
    if not HEADER.search(content[:HEADER_WITHIN]):
        raise Unprintable(Code.INVALID_PDF)
    try:
        pdf = pikepdf.open(BytesIO(content), attempt_recovery=False, suppress_warnings=True)
    except pikepdf.PasswordError as error:
        raise Unprintable(Code.IS_ENCRYPTED) from error
    except UNREADABLE as error:
        raise Unprintable(Code.PARSE_ERROR) from error
    if pdf.is_encrypted:
        raise Unprintable(Code.IS_ENCRYPTED)
    return pdf


def name_of(value: object) -> str:
    """«/Font»; empty for what is no name. Names are bytes, and older programs write them in Latin-1."""
    return bytes(value).decode(errors="replace") if isinstance(value, Name) else ""


def version_of(pdf: Pdf) -> tuple[int, int]:
    """The catalog's, where it has a later one than the first line."""
    named = [str(pdf.pdf_version), name_of(pdf.Root.get(Name.Version)).lstrip("/")]
    return max((int(major), int(minor)) for name in named for major, minor in re.findall(r"^(\d)\.(\d)", name))


def holders(pdf: Pdf) -> Iterator[Dictionary | Stream]:
    """Each dictionary that hangs together with the catalog, once. Raises Unprintable when there is no end of it."""
    waiting: list[Object] = [pdf.Root]
    met: set[tuple[int, int]] = set()
    values = 0
    while waiting:
        one = waiting.pop()
        if one.is_indirect:
            if one.objgen in met:
                continue
            met.add(one.objgen)
        if isinstance(one, Dictionary | Stream):
            yield one
        inside = _inside(one)
        values += len(inside) + 1
        if values > MAX_VALUES:
            raise Unprintable(Code.TOO_COMPLEX)
        waiting += [each for each in inside if isinstance(each, Dictionary | Stream | Array)]


def _inside(one: Object) -> list[Object]:
    if isinstance(one, Array):
        if len(one) > MAX_VALUES:
            raise Unprintable(Code.TOO_COMPLEX)
        return list(one)
    return [value for key, value in one.items() if key != FORM_RESOURCES]


def contents_of(page: Page) -> list[Stream]:
    """Its content streams, in order."""
    contents = page.obj.get(Name.Contents)
    if isinstance(contents, Stream):
        return [contents]
    return [part for part in contents if isinstance(part, Stream)] if isinstance(contents, Array) else []


def unpacked(streams: list[Stream]) -> bytes | None:
    """All of them as one; None where that is too much to look at. Raises one of UNREADABLE where it is damaged."""
    parts: list[bytes] = []
    for stream in streams:
        if not _is_bounded(stream):
            return None
        parts.append(stream.read_bytes())
        if sum(map(len, parts)) > MAX_CONTENT:
            return None
    return b"\n".join(parts)


def _is_bounded(stream: Stream) -> bool:
    filters = stream.get(Name.Filter)
    named = filters if isinstance(filters, Array) else [] if filters is None else [filters]
    return all(name_of(name) in BOUNDED for name in named)
