"""A frozen mail, part for part, as Django's mail backends take one."""

import email
from collections.abc import Iterator
from email.message import EmailMessage
from email.mime.image import MIMEImage
from email.policy import default
from itertools import islice

from django.core import mail

OUR_KEY = "delivery"  # by this name a provider is given the delivery's key, and gives it back


def opened(content: bytes) -> EmailMessage:
    made = email.message_from_bytes(content, policy=default)
    assert isinstance(made, EmailMessage)
    return made


def as_django_mail(
    content: bytes, to: str, kind: type[mail.EmailMultiAlternatives] = mail.EmailMultiAlternatives
) -> mail.EmailMultiAlternatives:
    """To this one address, with all that the mail says. Attachments keep their name, type and Content-ID."""
    made = opened(content)
    message = kind(
        str(made["Subject"]),
        _text(made, "plain"),
        from_email=str(made["From"]),
        to=[to],
        reply_to=[str(made["Reply-To"])] if made["Reply-To"] else None,
        headers=dict(_headers(made)),
    )
    message.attach_alternative(_text(made, "html"), "text/html")
    for part in _files(made):
        if part["Content-ID"]:
            message.attach(_shown_inside(part))
        else:
            message.attach(part.get_filename(), part.get_content(), part.get_content_type())
    return message


def _shown_inside(part: EmailMessage) -> MIMEImage:
    """A picture of the text's, not beside it."""
    image = MIMEImage(part.get_content(), part.get_content_subtype())
    image["Content-ID"] = str(part["Content-ID"])
    image["Content-Disposition"] = "inline"
    return image


def _headers(made: EmailMessage) -> Iterator[tuple[str, str]]:
    """Those that a backend does not write itself, wherever they stand: what is about content moves into its part."""
    for name in ("Auto-Submitted", "Content-Language"):
        found = (str(part[name]) for part in made.walk() if part[name])
        yield from ((name, value) for value in islice(found, 1))


def _text(made: EmailMessage, kind: str) -> str:
    part = made.get_body((kind,))
    assert isinstance(part, EmailMessage)  # the channel writes both
    return str(part.get_content())


def _files(made: EmailMessage) -> list[EmailMessage]:
    leaves = [part for part in made.walk() if not part.is_multipart()]
    return [
        part
        for part in leaves
        if isinstance(part, EmailMessage) and part.get_content_type() not in ("text/plain", "text/html")
    ]
