"""Letters to a real SFTP server: the contract, and what lies there (T46, F32)."""

import json
from io import BytesIO

import pikepdf
import pytest

from distribution import frozen
from distribution.channels.base import (
    Accepted,
    AlreadySent,
    DocumentRefused,
    Outgoing,
    Temporary,
)
from distribution.channels.print.sftp import Sftp
from distribution.channels.registry import channel_for
from distribution.states import ChannelName
from tests.distribution.channels.contract import TransportContract, brief_for, outgoing_for
from tests.letters import TO, letter, lies_there_once, refused
from tests.pdfs import small_pdf
from tests.sftp_server import House

pytestmark = pytest.mark.usefixtures("print_house")


class TestSftp(TransportContract):
    name = ChannelName.PRINT
    to = TO

    @pytest.fixture(autouse=True)
    def _at(self, house: House) -> None:
        self.house = house

    def left(self, outgoing: Outgoing) -> str | None:
        if f"{outgoing.key}.json" not in self.house.names():
            return None
        return frozen.sha256_of((self.house.folder / f"{outgoing.key}.pdf").read_bytes())


def test_the_manifest_tells_how_to_print_it_and_to_whom(house: House) -> None:
    content = channel_for(ChannelName.PRINT).prepare(brief_for(TO))
    outgoing = outgoing_for(ChannelName.PRINT, content, TO)

    assert isinstance(Sftp().send(outgoing), Accepted)

    lies_there_once(house, outgoing)
    told = json.loads((house.folder / f"{outgoing.key}.json").read_bytes())
    assert told == {
        "key": outgoing.key, "company": "0192:987654325", "invoice": "10427", "channel": "print", "to": list(TO),
        "sha256": outgoing.sha256, "created": "2026-11-24T08:00:00+00:00", "file": f"{outgoing.key}.pdf",
        "size": len(content.data), "pages": 1, "colour": told["colour"],
    }  # fmt: skip
    modes = {path.stat().st_mode & 0o007 for path in house.folder.iterdir()}
    assert modes == {0}, "letters are nobody else's business on the print house's machine"


@pytest.mark.parametrize(
    ("drawn", "colour"),
    [
        (b"0 0 0 rg 10 10 m 20 20 l S 0.5 g 0 0 0 0.8 k", False),
        (b"0.8 0 0 rg 10 10 20 20 re f", True),
        (b"0.2 0 0 0 k 10 10 20 20 re f", True),
        (b"/P scn 10 10 20 20 re f", True),
        (b"/Picture Do", True),
    ],
)
def test_a_letter_is_black_and_white_only_where_that_is_certain(house: House, drawn: bytes, colour: bool) -> None:
    with pikepdf.open(BytesIO(small_pdf())) as pdf:
        pdf.pages[0].Contents = pdf.make_stream(drawn)
        out = BytesIO()
        pdf.save(out)
    Sftp().send(letter(out.getvalue()))

    (manifest,) = house.folder.glob("*.json")
    assert json.loads(manifest.read_bytes())["colour"] is colour


def test_T46_another_letter_with_the_same_key_is_refused(house: House) -> None:
    Sftp().send(letter())
    other = small_pdf(500)

    assert isinstance(refused(letter(other)), DocumentRefused)
    with pytest.raises(DocumentRefused):
        Sftp().ask(letter(other))
    lies_there_once(house, letter())


def test_F32_what_is_no_pdf_never_comes_to_the_print_house(house: House) -> None:
    assert isinstance(refused(letter(b"JFIF, called .pdf")), DocumentRefused)
    assert house.connections == 0


def test_a_draft_or_a_pdf_without_its_manifest_does_not_count(house: House) -> None:
    outgoing = letter()
    for name in (f".tmp-{outgoing.key}.json", f".tmp-{outgoing.key}.pdf", f"{outgoing.key}.pdf"):
        (house.folder / name).write_bytes(outgoing.data[:100])

    assert Sftp().ask(outgoing) is None
    Sftp().send(outgoing)

    lies_there_once(house, outgoing)


def test_R32_a_letter_that_the_print_house_has_begun_with_is_still_handed_over(house: House) -> None:
    """It takes the PDF away and leaves the manifest."""
    outgoing = letter()
    Sftp().send(outgoing)
    (house.folder / f"{outgoing.key}.pdf").unlink()

    assert isinstance(Sftp().ask(outgoing), Accepted)
    assert isinstance(refused(outgoing), AlreadySent)


def test_R32_a_folder_that_is_gone_proves_nothing(house: House) -> None:
    house.folder.rename(house.root / "flyttet")

    with pytest.raises(Temporary):
        Sftp().ask(letter())
