"""What every channel promises (house.md, line 6). A channel's test inherits this and names its channel and recipient."""

import time
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar

import pytest
from django.conf import LazySettings, settings

from distribution import frozen
from distribution.channels.base import (
    Accepted,
    AlreadySent,
    Brief,
    Content,
    DocumentRefused,
    Outgoing,
    Sender,
    Temporary,
    Transport,
)
from distribution.channels.registry import CHANNELS, channel_for, transport_named
from distribution.delivery.preparing import transport_for
from distribution.documents.invoice import Address, DocumentType, InvoiceData, Line, Party, Totals, VatSubtotal
from distribution.documents.ubl import write
from distribution.states import ChannelName

DOCUMENT = InvoiceData(
    document_type=DocumentType.INVOICE,
    number="10427",
    issue_date=date(2026, 11, 24),
    due_date=date(2026, 12, 8),
    currency="NOK",
    seller=Party(
        name="Fjellro Kaffebrenneri AS",
        legal_name="Fjellro Kaffebrenneri AS",
        endpoint=("0192", "987654325"),
        legal_id="987654325",
        vat_number="NO987654325MVA",
        registered_in_foretaksregisteret=True,
        address=Address(street="Storgata 1", postcode="0155", town="Oslo", country="NO"),
    ),
    buyer=Party(
        name="Havblikk Arkitekter AS",
        legal_name="Havblikk Arkitekter AS",
        endpoint=("0192", "991825827"),
        address=Address(street="Kirkegata 5", postcode="7014", town="Trondheim", country="NO"),
    ),
    totals=Totals(
        line_total=Decimal(1000),
        tax_exclusive=Decimal(1000),
        tax_total=Decimal(250),
        tax_inclusive=Decimal(1250),
        payable=Decimal(1250),
    ),
    vat=(VatSubtotal(category="S", rate=Decimal(25), taxable=Decimal(1000), tax=Decimal(250)),),
    lines=(
        Line(
            id="1",
            name="Kaffe",
            quantity=Decimal(10),
            unit="KGM",
            price=Decimal(100),
            net_amount=Decimal(1000),
            vat_category="S",
            vat_rate=Decimal(25),
        ),
    ),
    payment_means_code="30",
    payment_id="100420104273",
    account="86011117947",
    buyer_reference="Ingvild",
)
NASTY = 'Rør & Sønn "AS"\r\nBcc: alle@person.test <script>{{ 7*7 }}</script> \u202etxt.exe %s {firma}'


def brief_for(to: tuple[str, ...], **more: Any) -> Brief:
    facts: dict[str, Any] = {
        "key": "4b5c0f6e-9d2f-4c3a-8f6a-0a3f4f1d2e11", "made_at": datetime(2026, 11, 24, 8, 0, tzinfo=UTC), "to": to,
        "sender": Sender(identifier="0192:987654325", name="Fjellro Kaffebrenneri AS", email="faktura@fjellro.test"),
        "document_type": DOCUMENT.document_type,
        "number": DOCUMENT.number,
        "open_document": lambda: DOCUMENT, "ubl": write(DOCUMENT), "own_pdf": None, "own_pdf_for_print": False, "attach_pdf": True,
        "email_text": "", "language": "nb", "link": "http://127.0.0.1:8000/i/token", "test": False,
    }  # fmt: skip
    return Brief(**{**facts, **more})


def outgoing_for(name: ChannelName, content: Content, to: tuple[str, ...], **more: Any) -> Outgoing:
    facts: dict[str, Any] = {
        "key": "4b5c0f6e-9d2f-4c3a-8f6a-0a3f4f1d2e11", "channel": name, "company": "0192:987654325", "invoice": "10427", "to": to,
        "filename": content.filename, "data": content.data, "sha256": frozen.sha256_of(content.data),
        "created": datetime(2026, 11, 24, 8, 0, tzinfo=UTC), "ends": time.monotonic() + 30, "test": False,
    }  # fmt: skip
    return Outgoing(**{**facts, **more})


class TransportContract:
    """What every transport promises that can be asked; `left` tells what lies at the provider under a key."""

    name: ClassVar[ChannelName]
    to: ClassVar[tuple[str, ...]]

    def prepare(self, **more: Any) -> Content:
        return channel_for(self.name).prepare(brief_for(more.pop("to", self.to), **more))

    def transport(self) -> Transport:
        return transport_named(channel_for(self.name).transport(self.to))

    def outgoing(self, **more: Any) -> Outgoing:
        return outgoing_for(self.name, self.prepare(), self.to, **more)

    def left(self, outgoing: Outgoing) -> str | None:
        """The SHA-256 of what left."""
        folder = Path(settings.DATA_DIR) / "out" / self.name / outgoing.key
        return frozen.sha256_of((folder / outgoing.filename).read_bytes()) if folder.exists() else None

    def test_handed_over_it_can_be_asked_for_by_its_key(self) -> None:
        transport, outgoing = self.transport(), self.outgoing()

        assert isinstance(transport.send(outgoing), Accepted)
        assert isinstance(transport.ask(outgoing), Accepted)

    def test_T46_the_same_key_again_is_already_sent_and_other_bytes_are_refused(self) -> None:
        transport, outgoing = self.transport(), self.outgoing()
        transport.send(outgoing)

        with pytest.raises(AlreadySent):
            transport.send(outgoing)
        with pytest.raises(DocumentRefused):
            transport.send(replace(outgoing, data=b"other", sha256=frozen.sha256_of(b"other")))

    def test_a_key_that_never_came_is_surely_not_there(self) -> None:
        assert self.transport().ask(self.outgoing(key="unknown")) is None

    def test_what_left_is_what_was_frozen(self) -> None:
        outgoing = self.outgoing()
        self.transport().send(outgoing)

        assert self.left(outgoing) == outgoing.sha256

    def test_R32_after_its_deadline_nothing_leaves(self) -> None:
        """A worker that stood still wakes up: another may have sent it by then."""
        outgoing = self.outgoing(ends=time.monotonic() - 1)
        with pytest.raises(Temporary):
            self.transport().send(outgoing)

        assert self.left(outgoing) is None


class ChannelContract(TransportContract):
    """With the folder as its transport."""

    def test_it_stands_in_the_registry_under_its_name(self) -> None:
        assert self.name in CHANNELS
        assert channel_for(self.name).name == self.name

    def test_R34_the_same_brief_makes_the_same_bytes(self) -> None:
        assert self.prepare() == self.prepare()

    @pytest.mark.parametrize("language", ["nb", "en"])
    def test_it_has_a_file_name_that_any_file_system_takes(self, language: str) -> None:
        content = self.prepare(language=language, number="../../etc/passwd\x00 ÆØÅ")

        assert "/" not in content.filename
        assert "\x00" not in content.filename
        assert content.data

    def test_F34_a_name_that_wants_to_be_code_does_no_harm(self) -> None:
        nasty = replace(DOCUMENT, buyer=Party(name=NASTY), seller=replace(DOCUMENT.seller, name=NASTY))
        sender = Sender(identifier="0192:987654325", name=NASTY, email="faktura@fjellro.test")

        content = self.prepare(open_document=lambda: nasty, sender=sender, email_text="Hei {kunde}")

        self.harmless(content)

    def harmless(self, content: Content) -> None:
        assert content.data

    def test_the_folder_holds_the_file_and_its_manifest_for_nobody_else(self, settings: LazySettings) -> None:
        outgoing = self.outgoing()
        self.transport().send(outgoing)

        folder = Path(settings.DATA_DIR) / "out" / self.name / outgoing.key
        assert sorted(path.name for path in folder.iterdir()) == sorted([outgoing.filename, "manifest.json"])
        assert folder.stat().st_mode & 0o077 == 0, "invoices are nobody else's business on this machine"

    def test_a_dead_workers_draft_is_taken_over(self, settings: LazySettings) -> None:
        outgoing = self.outgoing()
        draft = Path(settings.DATA_DIR) / "out" / self.name / f".tmp-{outgoing.key}"
        draft.mkdir(parents=True)
        (draft / "half").write_bytes(b"half")

        self.transport().send(outgoing)

        assert not draft.exists()
        assert not (draft.parent / outgoing.key / "half").exists()

    def test_R17_a_test_company_uses_the_folder_whatever_is_set(self, settings: LazySettings) -> None:
        settings.EMAIL_URL = "smtp://127.0.0.1:1"
        settings.EINVOICE_TRANSPORT = settings.EFAKTURA_TRANSPORT = settings.PRINT_TRANSPORT = "fake"

        assert transport_for(self.outgoing(test=True)) == "folder"
        assert transport_for(self.outgoing()) != "folder"
