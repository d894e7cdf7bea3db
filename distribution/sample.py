"""«Send meg en prøve»: the mail as previewed, to whoever asks. Nothing is delivered: no delivery, no attempt, no event."""

import email
import smtplib
from email.header import Header
from email.message import Message
from email.utils import formatdate, make_msgid

from anymail.exceptions import AnymailError, AnymailInvalidAddress, AnymailRecipientsRefused, AnymailRequestsAPIError
from django.conf import settings
from django.core import mail
from django.core.exceptions import ValidationError
from django.core.mail.message import MIMEMixin
from django.utils import translation
from django.utils.translation import gettext as _

from customers.limits import may_mail
from customers.mailing import NOT_MAILED
from customers.models import User
from distribution.channels.base import Brief, RecipientRefused
from distribution.channels.email.parts import as_django_mail
from distribution.channels.registry import channel_for
from distribution.reasons import printable
from distribution.states import ChannelName

MOST = 5  # samples per user and hour


class NotSent(ValidationError):
    """The sample did not leave; the words say why."""


def send_sample(brief: Brief, user: User) -> None:
    """Raises NotSent. Over the network: never within a transaction."""
    _count(user)
    try:
        _as_sample(channel_for(ChannelName.EMAIL).prepare(brief).data, brief.language, user.email).send()
    except RecipientRefused as refusal:
        raise NotSent(_("E-postadressen din kan ikke brukes: %(address)s") % {"address": refusal.answer}) from refusal
    except NOT_MAILED as error:
        raise NotSent(_in_words(error)) from error


def _count(user: User) -> None:
    """Tries count, not successes: the limit guards the mail server."""
    if not may_mail(f"sample-mails-{user.pk}", MOST):
        raise NotSent(_("Du har bedt om %(most)s prøver den siste timen. Vent litt, og prøv igjen.") % {"most": MOST})


class _Written(MIMEMixin, Message):  # type: ignore[misc]  # as Django mixes them
    """Bytes that are a mail already, as a mail backend takes them."""


class _Sample(mail.EmailMultiAlternatives):
    """The channel's own mail, byte for byte in its parts, with a mark and an identity of its own."""

    content = b""

    def message(self) -> _Written:  # type: ignore[override]  # what Django's documentation asks for; its class of multiparts makes them anew
        """For SMTP; a provider's API reads the parts."""
        written = email.message_from_bytes(self.content, _Written)
        for name in ("Subject", "Message-ID", "Date"):
            del written[name]
        written["Subject"] = Header(str(self.subject), "utf-8").encode()
        written["Message-ID"] = make_msgid(domain=settings.DEFAULT_FROM_EMAIL.rpartition("@")[2])
        written["Date"] = formatdate(localtime=True)
        return written


def _as_sample(content: bytes, language: str, to: str) -> _Sample:
    sample = as_django_mail(content, to, _Sample)
    assert isinstance(sample, _Sample)
    sample.content = content
    with translation.override(language):
        mark = _("PRØVE")
    sample.subject = f"{mark} · {sample.subject}"
    return sample


def _in_words(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        said = "; ".join(_said(*answer) for answer in error.recipients.values())
        return _("Mailserveren avviste adressen din: %(said)s") % {"said": said}
    if isinstance(error, AnymailRecipientsRefused | AnymailInvalidAddress):
        return _("E-posttilbyderen avviste adressen din: %(said)s") % {"said": _on_one_line(error)}
    if isinstance(error, AnymailError) and not _silence(error):
        return _("E-posttilbyderen avviste prøven: %(said)s") % {"said": _on_one_line(error)}
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return _("Mailserveren godtok ikke påloggingen. Si fra til drift.")
    if isinstance(error, smtplib.SMTPResponseException):
        return _("Mailserveren avviste prøven: %(said)s") % {"said": _said(error.smtp_code, error.smtp_error)}
    return _("Mailserveren svarte ikke (%(error)s). Prøv igjen om litt.") % {"error": type(error).__name__}


def _said(code: int, text: bytes | str) -> str:
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return f"{code} {words}"[:300]


def _silence(error: AnymailError) -> bool:
    """The provider's API was asked, and gave no answer."""
    return isinstance(error, AnymailRequestsAPIError) and error.status_code is None


def _on_one_line(error: AnymailError) -> str:
    return printable(" ".join(str(error).split()))[:300]
