from distribution.channels.base import Content
from distribution.documents.ubl import read
from distribution.states import ChannelName
from tests.distribution.channels.contract import DOCUMENT, ChannelContract


class TestEInvoice(ChannelContract):
    name = ChannelName.EINVOICE
    to = ("0192:987654325",)

    def harmless(self, content: Content) -> None:
        assert read(content.data).number == DOCUMENT.number

    def test_what_leaves_is_the_ubl_as_it_came(self) -> None:
        assert self.prepare(ubl=b"<as-it-came/>").data == b"<as-it-came/>"
