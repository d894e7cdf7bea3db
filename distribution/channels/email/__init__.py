"""E-mail: one MIME message to the customer, with the PDF or a link to it (R13, R14, R22)."""

from django.conf import settings
from django.utils import translation

from distribution.channels.base import Brief, Channel, Content
from distribution.channels.email.mail import compose
from distribution.channels.email.smtp import mail_transport
from distribution.channels.email.words import to_the_customer
from distribution.channels.names import file_name
from distribution.documents.invoice import InvoiceData
from distribution.documents.pdf import render
from distribution.states import ChannelName


class Email(Channel):
    name = ChannelName.EMAIL
    starts_service = False
    to_each = True

    def prepare(self, brief: Brief) -> Content:
        """With a link where the company wants it so, or where the PDF is more than a mail carries (R13)."""
        document, too_large = brief.open_document(), brief.attach_pdf and brief.too_large
        if brief.attach_pdf and not too_large:
            message = _message(brief, document, brief.own_pdf or render(document, language=brief.language))
            if len(message) <= settings.EMAIL_MAX_BYTES:
                return _content(brief, message)
            too_large = True
        return _content(brief, _message(brief, document, None), uses_link=True, too_large=too_large)

    def transport(self, to: tuple[str, ...]) -> str:
        return mail_transport()


def _message(brief: Brief, document: InvoiceData, pdf: bytes | None) -> bytes:
    with translation.override(brief.language):
        letter = to_the_customer(brief, document, attached=pdf is not None)
    return compose(brief, letter, pdf=pdf)


def _content(brief: Brief, message: bytes, *, uses_link: bool = False, too_large: bool = False) -> Content:
    name = file_name(brief.document_type, brief.number, brief.language, "eml")
    return Content(name, message, uses_link=uses_link, too_large=too_large)
