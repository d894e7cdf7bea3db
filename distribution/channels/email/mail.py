"""A letter as a MIME message, the same bytes for the same brief: no clock, no random boundary (R34)."""

from contextlib import suppress
from email.utils import format_datetime
from functools import lru_cache

from django.conf import settings
from django.utils import timezone

from distribution.channels.base import Brief, RecipientRefused
from distribution.channels.email.addresses import BadAddress, on_the_wire
from distribution.channels.email.letter import Letter, html_of, picture, text_of
from distribution.channels.email.mime import Part, attachment, header, inline, mailbox, multipart, text, written
from distribution.channels.names import file_name, one_line


def compose(brief: Brief, letter: Letter, *, pdf: bytes | None) -> bytes:
    """Raises RecipientRefused, in words, for an address that can't be written."""
    if pdf is None:
        return compose_with(brief, letter)
    name = file_name(brief.document_type, brief.number, brief.language, "pdf")
    return compose_with(brief, letter, attachment("application/pdf", name, pdf))


def compose_with(brief: Brief, letter: Letter, *attached: Part) -> bytes:
    """The same, with whatever is to lie beside the letter."""
    body = _words_of(letter, brief)
    if attached:
        body = multipart("mixed", _boundary("mixed", brief), body, *attached)
    return written(_headers(brief, letter), body)


def logo_id(key: str) -> str:
    """The Content-ID of the logo (RFC 2392)."""
    return f"logo.{key}@{_our_domain()}"


def _words_of(letter: Letter, brief: Brief) -> Part:
    """Plain text first: of several alternatives the last is the best (RFC 2046, 5.1.4)."""
    logo = picture(brief.sender.logo, f"cid:{logo_id(brief.key)}")
    html = text("html", html_of(letter, logo))
    if logo is not None:
        shown = inline("image/png", logo_id(brief.key), brief.sender.logo)
        html = multipart('related; type="text/html"', _boundary("related", brief), html, shown)
    return multipart("alternative", _boundary("words", brief), text("plain", text_of(letter)), html)


def _headers(brief: Brief, letter: Letter) -> list[str]:
    try:
        to = ",\r\n ".join(map(on_the_wire, brief.to))
    except BadAddress as error:
        raise RecipientRefused(str(error)) from error
    return [
        _from(brief.sender.name, settings.DEFAULT_FROM_EMAIL),
        f"To: {to}",
        *_reply_to(brief.sender.email),
        header("Subject", letter.subject),
        f"Date: {format_datetime(timezone.localtime(brief.made_at))}",
        f"Message-ID: <{brief.key}@{_our_domain()}>",
        "Auto-Submitted: auto-generated",
        f"Content-Language: {letter.language}",
    ]


@lru_cache(maxsize=256)
def _from(company: str, address: str) -> str:
    """The company's name, and an address of the platform's domain: one of the company's own would fail SPF and DMARC."""
    return mailbox("From", one_line(company)[:100], address)


def _reply_to(address: str) -> list[str]:
    """A company whose own address is not verified, or can't be written, still reaches its customers."""
    with suppress(BadAddress):
        return [f"Reply-To: {on_the_wire(address)}"]
    return []


def _boundary(what: str, brief: Brief) -> str:
    return f"=_{what}_{brief.key}"


def _our_domain() -> str:
    return str(settings.DEFAULT_FROM_EMAIL).rpartition("@")[2]
