"""E-mail: one MIME message to the customer, with the PDF or a link to it (R13, R14, R22)."""

from distribution.channels.base import Brief, Channel, Content
from distribution.channels.email.mail import compose
from distribution.channels.email.smtp import mail_transport
from distribution.channels.names import file_name
from distribution.documents.pdf import render
from distribution.states import ChannelName


class Email(Channel):
    name = ChannelName.EMAIL
    starts_service = False

    def prepare(self, brief: Brief) -> Content:
        document, pdf = brief.open_document(), None
        if brief.attach_pdf:
            pdf = brief.own_pdf or render(document, language=brief.language)
        message = compose(brief, document, "email/invoice", pdf=pdf)
        return Content(
            file_name(brief.document_type, brief.number, brief.language, "eml"), message, uses_link=pdf is None
        )

    def transport(self, to: tuple[str, ...]) -> str:
        return mail_transport()
