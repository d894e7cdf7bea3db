"""What a mail says, in parts. HTML and plain text are two ways to write the same parts, and neither has a word of its own."""

import struct
from dataclasses import dataclass

from django.template.loader import get_template

HTML = "email/letter.html"
SHOWN_LOGO = (200, 64)  # at most, in CSS pixels; the file has up to three times as many


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """In one language, as plain text: whoever writes it as HTML escapes it. Empty parts are left out.

    A paragraph may have several lines. `facts` are labels with values, the first of them the one to see from afar.
    """

    language: str
    subject: str
    sender: str
    paragraphs: tuple[str, ...]
    facts: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    link: tuple[str, str] = ("", "")  # label and address
    closing: tuple[str, ...] = ()
    footnote: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """A logo and the address that the HTML shows it by."""

    address: str
    width: int


def text_of(letter: Letter) -> str:
    """What a mail program without HTML shows."""
    label, address = letter.link
    blocks = (
        *letter.paragraphs,
        "\n".join(f"{name}: {value}" for name, value in letter.facts),
        "\n".join(letter.notes),
        f"{label}:\n{address}" if address else "",
        "\n".join(letter.closing),
        letter.footnote,
    )
    return "\n\n".join(block for block in blocks if block) + "\n"


def html_of(letter: Letter, logo: Picture | None = None) -> str:
    label, address = letter.link
    first, *rest = letter.facts or [("", "")]
    return get_template(HTML).render(
        {"letter": letter, "logo": logo, "first": first, "rest": rest, "label": label, "address": address}
    )


def picture(png: bytes, address: str) -> Picture | None:
    """None where there is no logo. Its size stands in the first chunk of a PNG."""
    if not png:
        return None
    width, height = struct.unpack(">II", png[16:24])
    scale = min(1.0, SHOWN_LOGO[0] / width, SHOWN_LOGO[1] / height)
    return Picture(address, max(1, round(width * scale)))
