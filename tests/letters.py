"""Letters to the print house, for the tests of the way there."""

from collections.abc import Callable
from typing import Any

import pytest

from distribution.channels.base import Content, DeliveryError, Outgoing
from distribution.channels.print.sftp import Sftp
from distribution.states import ChannelName
from tests.distribution.channels.contract import outgoing_for
from tests.pdfs import small_pdf
from tests.sftp_server import House

TO = ("Havblikk Arkitekter AS", "Postboks 214 Sentrum", "5804 Bergen")


def letter(pdf: bytes = b"", **more: Any) -> Outgoing:
    content = Content("Faktura-10427.pdf", pdf or small_pdf())
    return outgoing_for(ChannelName.PRINT, content, TO, **more)


def refused(outgoing: Outgoing) -> DeliveryError:
    with pytest.raises(DeliveryError) as said:
        Sftp().send(outgoing)
    return said.value


def once(step: str, number: int = 1) -> Callable[[str], bool]:
    """Cuts the line when it comes to this step for the first time, or the given one,, and never again."""
    steps = iter(range(1, number + 1))
    return lambda at: at == step and next(steps, 0) == number


def lies_there_once(house: House, outgoing: Outgoing) -> None:
    assert house.handed == [outgoing.key]
    assert house.names() == [f"{outgoing.key}.json", f"{outgoing.key}.pdf"], "nothing half done is left"
    assert (house.folder / f"{outgoing.key}.pdf").read_bytes() == outgoing.data
