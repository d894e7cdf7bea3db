from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings

from distribution.channels.base import Content, NotValid
from distribution.documents.ubl import read, write
from distribution.documents.validation import check as checking
from distribution.documents.validation import verdicts
from distribution.documents.validation.findings import Result
from distribution.states import ChannelName
from tests.distribution.channels.contract import DOCUMENT, ChannelContract
from tests.distribution.documents.validation.plainly import EXAMPLES, RULES, SHARED

needs_rules = pytest.mark.skipif(not EXAMPLES.is_dir(), reason=f"the examples and rules are not in {SHARED}")
WITHOUT_ADDRESS = write(replace(DOCUMENT, buyer=replace(DOCUMENT.buyer, endpoint=None)))


class TestEInvoice(ChannelContract):
    name = ChannelName.EINVOICE
    to = ("0192:987654325",)

    def harmless(self, content: Content) -> None:
        assert read(content.data).number == DOCUMENT.number

    def test_what_leaves_is_the_ubl_as_it_came(self) -> None:
        as_it_came = write(DOCUMENT).replace(b"<cbc:ID>10427", b"<!-- as it came -->\n  <cbc:ID>10427")
        assert self.prepare(ubl=as_it_came).data == as_it_came

    @pytest.mark.parametrize(
        ("ubl", "rule"),
        [
            (b"<order/>", "UBL"),
            (write(DOCUMENT).replace(b"<cbc:ID>10427</cbc:ID>", b""), "XSD"),
            (
                write(replace(DOCUMENT, totals=replace(DOCUMENT.totals, payable=DOCUMENT.totals.payable + 1))),
                "BR-CO-16",
            ),
        ],
    )
    def test_T90_a_document_that_fails_the_rules_never_reaches_the_transport(self, ubl: bytes, rule: str) -> None:
        with pytest.raises(NotValid, match=f"^{rule}"):
            self.prepare(ubl=ubl)

    @needs_rules
    def test_peppols_rules_are_asked_where_they_are_installed(self, settings: LazySettings) -> None:
        settings.EHF_RULES_DIR = str(RULES)
        without = write(replace(DOCUMENT, buyer_reference="", order_reference=""))
        with pytest.raises(NotValid, match=r"^PEPPOL-EN16931-R003$"):
            self.prepare(ubl=without)

    def test_the_address_of_the_register_is_put_in_where_it_is_missing_and_told(self) -> None:
        content = self.prepare(ubl=WITHOUT_ADDRESS)
        assert read(content.data).buyer.endpoint == ("0192", "987654325")
        assert content.added == "0192:987654325"
        assert replace(read(content.data), buyer=DOCUMENT.buyer) == read(write(DOCUMENT))  # and nothing else

    @needs_rules
    def test_a_consumer_needs_no_address_of_peppol(self, settings: LazySettings) -> None:
        settings.EHF_RULES_DIR = str(RULES)
        assert self.prepare(ubl=WITHOUT_ADDRESS, to=("efaktura-1",)).data == WITHOUT_ADDRESS

    @needs_rules
    def test_the_same_bytes_are_checked_once_until_the_rules_change(
        self, settings: LazySettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked = list[bytes]()

        def check(content: bytes, **how: Any) -> Result:
            asked.append(content)
            return checking.check(content, **how)

        monkeypatch.setattr(verdicts, "_kept", type(verdicts._kept)())
        monkeypatch.setattr(verdicts, "check", check)
        settings.EHF_RULES_DIR = str(tmp_path)
        for _attempt in range(2):
            self.prepare()
        settings.EHF_RULES_DIR = str(RULES)
        self.prepare()
        assert len(asked) == 2
