"""Fonts that a printer must have, and fonts that must come along."""

import re

from pikepdf import Dictionary, Name, Stream

from distribution.documents.own_pdf.reading import name_of

SUBSET = re.compile(r"^/?(?:[A-Z]{6}\+)?")
# The standard 14, and Arial, which the print houses have too; each with its styles.
STANDARD = re.compile(
    r"(?:Helvetica(?:-(?:Bold|Oblique|BoldOblique))?|Courier(?:-(?:Bold|Oblique|BoldOblique))?"
    r"|Times-(?:Roman|Bold|Italic|BoldItalic)|Symbol|ZapfDingbats"
    r"|Arial(?:MT)?(?:[,-](?:Bold|Italic|BoldItalic)(?:MT)?)?)"
)
NEED_A_FILE = {"/Type1", "/MMType1", "/TrueType", "/CIDFontType0", "/CIDFontType2"}
FILES = ("/FontFile", "/FontFile2", "/FontFile3")


def missing_font(holder: Dictionary | Stream) -> str:
    """The name of a font that neither is standard nor comes along; empty for all else."""
    if name_of(holder.get(Name.Type)) != "/Font" or name_of(holder.get(Name.Subtype)) not in NEED_A_FILE:
        return ""
    descriptor = holder.get(Name.FontDescriptor)
    if isinstance(descriptor, Dictionary) and any(isinstance(descriptor.get(key), Stream) for key in FILES):
        return ""
    name = SUBSET.sub("", name_of(holder.get(Name.BaseFont)))
    return "" if STANDARD.fullmatch(name) else "".join(filter(str.isprintable, name[:60])) or "?"
