"""Names of files and words in headers, out of text that strangers wrote."""

import re

from distribution.documents.invoice import DocumentType

TITLES = {
    ("nb", DocumentType.INVOICE): "Faktura",
    ("nb", DocumentType.CREDIT_NOTE): "Kreditnota",
    ("en", DocumentType.INVOICE): "Invoice",
    ("en", DocumentType.CREDIT_NOTE): "Credit-note",
}

TURNING = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def file_name(document_type: DocumentType, number: str, language: str, ending: str) -> str:
    """`Faktura-10427.pdf`: what a file system and a mail client take, whatever the number holds."""
    safe = re.sub(r"[^\w.-]+", "_", number).strip("._")[:60] or "uten-nummer"
    return f"{TITLES[(language, document_type)]}-{safe}.{ending}"


def one_line(text: str) -> str:
    """No line break gets into a header, nor a character that turns the text around."""
    spaced = " ".join(text.split())
    return "".join(char for char in spaced if char.isprintable() and char not in TURNING)
