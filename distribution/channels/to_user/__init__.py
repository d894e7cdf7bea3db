"""To the user who sent it: after activation a mail with the PDF (R20), before it the PDF made ready to print (R27)."""

from django.conf import settings
from django.utils import translation

from distribution.channels.base import Accepted, Brief, Channel, Content, Outgoing, Transport
from distribution.channels.email.mail import compose
from distribution.channels.email.smtp import mail_transport
from distribution.channels.names import file_name
from distribution.channels.to_user.together import together
from distribution.channels.to_user.words import to_the_user
from distribution.documents.invoice import InvoiceData
from distribution.documents.pdf import render
from distribution.states import ChannelName


class ToUser(Channel):
    name = ChannelName.TO_USER
    starts_service = False

    def prepare(self, brief: Brief) -> Content:
        """Where the PDF is more than a mail carries, the mail leads to the invoice's page, for the user who signs in. Several go
        as one mail with a zip. Raises TooLarge where that is more than a mail carries."""
        if brief.others:
            return together(brief)
        document = brief.open_document()
        pdf = brief.own_pdf or render(document, language=brief.language)
        if not brief.to:
            return Content(file_name(brief.document_type, brief.number, brief.language, "pdf"), pdf)
        name = file_name(brief.document_type, brief.number, brief.language, "eml")
        if not brief.too_large:
            message = _message(brief, document, pdf)
            if len(message) <= settings.EMAIL_MAX_BYTES:
                return Content(name, message)
        return Content(name, _message(brief, document, None), too_large=True)

    def transport(self, to: tuple[str, ...]) -> str:
        return mail_transport() if to else "ready"


class MadeReady(Transport):
    """Nothing leaves: the frozen PDF is there to print and download, and that is the whole hand-over."""

    can_ask = True

    def send(self, outgoing: Outgoing) -> Accepted:
        return Accepted()

    def ask(self, outgoing: Outgoing) -> Accepted | None:
        return Accepted()


def _message(brief: Brief, document: InvoiceData, pdf: bytes | None) -> bytes:
    with translation.override(brief.user_language):
        letter = to_the_user(brief, document, attached=pdf is not None)
    return compose(brief, letter, pdf=pdf)
