from distribution import frozen
from distribution.channels.base import Accepted
from distribution.channels.registry import channel_for, transport_named
from distribution.states import ChannelName
from tests.distribution.channels.contract import ChannelContract, brief_for, outgoing_for
from tests.distribution.channels.test_email import body, parsed


class TestToUser(ChannelContract):
    name = ChannelName.TO_USER
    to = ("marit@kontor.test",)

    def test_it_says_what_to_do_with_it(self) -> None:
        message = parsed(self.prepare())

        assert "Skriv den ut, eller send den videre" in body(message, "plain")
        assert "Havblikk Arkitekter AS" in body(message, "html")
        assert [part.get_filename() for part in message.iter_attachments()] == ["Faktura-10427.pdf"]

    def test_R27_without_a_recipient_the_pdf_is_made_ready_and_nothing_leaves(self) -> None:
        channel = channel_for(self.name)
        content = channel.prepare(brief_for(()))
        outgoing = outgoing_for(self.name, content, ())

        assert content.data.startswith(b"%PDF-")
        assert isinstance(transport_named(channel.transport(())).send(outgoing), Accepted)
        assert frozen.sha256_of(content.data) == outgoing.sha256
