"""Many invoices to the same user as one mail with a zip (R20, «Samle e-post til bruker i én e-post»)."""

import zipfile
from io import BytesIO

from django.conf import settings
from django.utils import translation

from distribution.channels.base import Brief, Content, TooLarge
from distribution.channels.email.mail import compose_with
from distribution.channels.email.mime import attachment
from distribution.channels.names import file_name
from distribution.channels.to_user.words import many_to_the_user
from distribution.documents.invoice import InvoiceData
from distribution.documents.pdf import render

EPOCH = (1980, 1, 1, 0, 0, 0)  # the first day there is in a zip; the bytes depend on no clock (R34)


def together(brief: Brief) -> Content:
    """Raises TooLarge."""
    briefs = (brief, *brief.others)
    documents = [one.open_document() for one in briefs]
    with translation.override(brief.user_language):
        letter = many_to_the_user(brief, documents)
    packed = _zip(_files(briefs, documents))
    message = compose_with(brief, letter, attachment("application/zip", _zip_name(brief), packed))
    if len(message) > settings.EMAIL_MAX_BYTES:
        raise TooLarge(f"{len(message)}")
    return Content(_zip_name(brief).removesuffix(".zip") + ".eml", message)


def _zip_name(brief: Brief) -> str:
    return "Invoices.zip" if brief.user_language == "en" else "Fakturaer.zip"


def _files(briefs: tuple[Brief, ...], documents: list[InvoiceData]) -> dict[str, bytes]:
    """By name; a number that is there twice is told apart."""
    files: dict[str, bytes] = {}
    for brief, document in zip(briefs, documents, strict=True):
        name = file_name(brief.document_type, brief.number, brief.language, "pdf")
        files[_free(name, files)] = brief.own_pdf or render(document, language=brief.language)
    return files


def _free(name: str, taken: dict[str, bytes]) -> str:
    stem, number, free = name.removesuffix(".pdf"), 1, name
    while free in taken:
        number += 1
        free = f"{stem}-{number}.pdf"
    return free


def _zip(files: dict[str, bytes]) -> bytes:
    """Stored as they are: a PDF is compressed already."""
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, EPOCH), content)
    return packed.getvalue()
