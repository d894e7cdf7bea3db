"""To the user who sent it: after activation a mail with the PDF (R20), before it the PDF made ready to print (R27)."""

from distribution.channels.base import Accepted, Brief, Channel, Content, Outgoing, Transport
from distribution.channels.email.mail import compose
from distribution.channels.email.smtp import mail_transport
from distribution.channels.names import file_name
from distribution.documents.pdf import render
from distribution.states import ChannelName


class ToUser(Channel):
    name = ChannelName.TO_USER
    starts_service = False

    def prepare(self, brief: Brief) -> Content:
        document = brief.open_document()
        pdf = brief.own_pdf or render(document, language=brief.language)
        if not brief.to:
            return Content(file_name(brief.document_type, brief.number, brief.language, "pdf"), pdf)
        return Content(
            file_name(brief.document_type, brief.number, brief.language, "eml"),
            compose(brief, document, "to_user/invoice", pdf=pdf),
        )

    def transport(self, to: tuple[str, ...]) -> str:
        return mail_transport() if to else "ready"


class MadeReady(Transport):
    """Nothing leaves: the frozen PDF is there to print and download, and that is the whole hand-over."""

    can_ask = True

    def send(self, outgoing: Outgoing) -> Accepted:
        return Accepted()

    def ask(self, outgoing: Outgoing) -> Accepted | None:
        return Accepted()
