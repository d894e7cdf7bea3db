"""Bytes from strangers become an invoice or words; never anything else."""

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from distribution.documents.invoice import Attachment, DocumentType, InvoiceData
from distribution.documents.payment import Payee
from distribution.documents.ubl import MAX_BYTES, Unreadable, read, write
from tests.distribution.documents.samples import credit_note, full_invoice, invoice, official

NAMES = (
    "Allowance-example",
    "Norwegian-example-1",
    "Vat-category-S",
    "base-creditnote-correction",
    "base-example",
    "base-example_profile02",
    "base-negative-inv-correction",
    "sales-order-example",
    "vat-category-E",
    "vat-category-O",
    "vat-category-Z",
)
BILLION_LAUGHS = b"""<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;">
<!ENTITY e "&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;"><!ENTITY f "&e;&e;&e;&e;&e;&e;&e;&e;&e;&e;">
<!ENTITY g "&f;&f;&f;&f;&f;&f;&f;&f;&f;&f;">]><a x="&g;">&g;</a>"""


def changed(pattern: str, by: str, content: bytes | None = None) -> bytes:
    """The sample with what `pattern` matches first replaced; it must match."""
    text, count = re.subn(pattern, by, (content or write(invoice())).decode(), count=1, flags=re.DOTALL)
    assert count == 1
    return text.encode()


def refusal(content: bytes) -> str:
    with pytest.raises(Unreadable) as caught:
        read(content)
    with translation.override("nb"):
        return str(caught.value)


@pytest.mark.parametrize("name", NAMES)
def test_it_reads_each_official_example(name: str) -> None:
    document = read(official(f"{name}.xml"))
    assert document.seller.name
    assert document.buyer.name
    assert document.lines
    assert document.totals.payable
    assert document.vat


def test_it_finds_every_term_of_the_norwegian_example() -> None:
    document = read(official("Norwegian-example-1.xml"))
    assert document.document_type == DocumentType.INVOICE
    assert (document.number, document.issue_date, document.due_date) == (
        "TOSL108",
        date(2013, 6, 30),
        date(2013, 7, 20),
    )
    assert document.seller.endpoint == ("0192", "123456785")
    assert document.seller.legal_name == "The Sellercompany ASA"
    assert document.seller.vat_number == "NO123456785MVA"
    assert document.seller.registered_in_foretaksregisteret
    assert not document.buyer.registered_in_foretaksregisteret
    assert (document.payment_id, document.account, document.bic) == ("0003434323213231", "NO9386011117947", "DNBANOKK")
    assert document.payee == Payee(
        name="Ebeneser Scrooge AS",
        identifiers=(("0088", "2298740918237"),),
        legal_id="999999999",
        legal_id_scheme="0192",
    )
    assert document.totals.payable == Decimal("802.00")
    assert document.totals.prepaid == Decimal(1000)
    assert [each.is_charge for each in document.allowances] == [True, False]
    assert document.attachments[1].content == b"Test base 64 encoding"
    assert "1440x900" in document.lines[0].description


def test_it_takes_the_buyers_number_at_the_seller_from_an_identifier_without_scheme() -> None:
    content = write(invoice(customer_number="10042"))
    assert b"<cbc:ID>10042</cbc:ID>" in content
    assert read(content).customer_number == "10042"
    assert read(content).buyer.identifiers == ()


def test_the_account_id_of_the_supplier_wins_as_customer_number() -> None:
    given = "<cac:AccountingCustomerParty><cbc:SupplierAssignedAccountID>77</cbc:SupplierAssignedAccountID>"
    document = read(changed("<cac:AccountingCustomerParty>", given))
    assert document.customer_number == "77"
    assert document.buyer.identifiers == (("", "10042"),)


def test_a_document_without_endpoints_is_read() -> None:
    document = read(
        changed("<cbc:EndpointID.*?</cbc:EndpointID>", "", changed("<cbc:EndpointID.*?</cbc:EndpointID>", ""))
    )
    assert document.seller.endpoint is None
    assert document.buyer.endpoint is None


def test_kid_and_account_are_of_the_same_payment_means() -> None:
    cash = "<cac:PaymentMeans><cbc:PaymentID>999</cbc:PaymentID></cac:PaymentMeans><cac:PaymentMeans>"
    document = read(changed("<cac:PaymentMeans>", cash))
    assert (document.payment_id, document.account) == ("100420104273", "NO9386011117947")


def test_sums_that_are_left_out_follow_from_the_others() -> None:
    content = changed(
        "<cbc:LineExtensionAmount[^/]*/cbc:LineExtensionAmount>\\s*<cbc:TaxExclusive.*?TaxInclusiveAmount>", ""
    )
    assert read(content).totals == invoice().totals


def test_the_due_date_of_a_credit_note_stands_with_its_payment() -> None:
    assert read(write(credit_note(due_date=date(2026, 12, 8)))).due_date == date(2026, 12, 8)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1"])
def test_the_declaration_of_the_document_decides_its_encoding(encoding: str) -> None:
    content = write(invoice()).decode().replace("UTF-8", encoding).encode(encoding)
    assert read(content).lines[0].name == "Filterkaffe Mørketid, malt, 500 g"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "tom"),
        (b" \n ", "tom"),
        (b"hei", "ikke en XML-fil"),
        (b"%PDF-1.7", "ikke en XML-fil"),
        (b"<a>\n\n<b></a>", "linje 3"),
        (b"<a>&unknown;</a>", "ikke gyldig XML"),
        (b"<a>" * 5000, "for stor"),
        (b'<?xml version="1.0" encoding="no-such"?><a/>', "ikke gyldig XML"),
        (b"<a/>", "ikke en faktura"),
        (b'<Invoice xmlns="urn:other"/>', "ikke en faktura"),
        (b"x" * (MAX_BYTES + 1), "25 MB"),
        (b'<?xml version="1.0" encoding="EUC-JP"?><a>' + b"x" * 11_000_000 + b"</a>", "for stor"),
    ],
)
def test_it_refuses_what_is_no_invoice_in_words(content: bytes, words: str) -> None:
    assert words in refusal(content)


@pytest.mark.parametrize(
    "doctype",
    [
        b"<!DOCTYPE Invoice>",
        b'<!DOCTYPE Invoice SYSTEM "http://127.0.0.1:9/x.dtd">',
        b'<!DOCTYPE Invoice [<!ENTITY x SYSTEM "file:///etc/hostname">]>',
    ],
)
def test_it_refuses_a_document_with_a_doctype(doctype: bytes) -> None:
    content = write(invoice()).replace(b"\n", b"\n" + doctype, 1)
    assert "DOCTYPE" in refusal(content)


def test_an_entity_bomb_is_refused_before_it_grows() -> None:
    assert "DOCTYPE" in refusal(BILLION_LAUGHS)
    assert "DOCTYPE" in refusal(BILLION_LAUGHS.decode().encode("utf-16"))


def test_text_that_only_looks_like_a_doctype_is_read() -> None:
    content = changed("<cbc:Name>Filterkaffe.*?</cbc:Name>", "<cbc:Name><![CDATA[<!DOCTYPE html>]]></cbc:Name>")
    assert read(content).lines[0].name == "<!DOCTYPE html>"


@pytest.mark.parametrize(
    ("pattern", "by", "words"),
    [
        ("<cbc:ID>10427</cbc:ID>", "", "utkast"),
        ("<cbc:ID>10427</cbc:ID>", "<cbc:ID> </cbc:ID>", "utkast"),
        ("10427", "Draft", "utkast"),
        ("10427", "KLADD", "utkast"),
        ("10427", " Utkast ", "utkast"),
        ("10427", "1" * 101, "for langt"),
        ("<cbc:IssueDate>.*?</cbc:IssueDate>", "", "Fakturadatoen mangler"),
        ("2026-11-24", "24.11.2026", "24.11.2026"),
        ("2026-11-24", "2026-02-30", "2026-02-30"),
        ("2026-11-24", "20261124", "20261124"),
        ("2026-12-08", "snart", "snart"),
        ("<cbc:DocumentCurrencyCode>NOK</cbc:DocumentCurrencyCode>", "", "Valutaen mangler"),
        (">NOK<", ">kroner<", "kroner"),
        ("<cac:AccountingSupplierParty>.*</cac:AccountingSupplierParty>", "", "selgeren"),
        ("<cac:AccountingCustomerParty>.*</cac:AccountingCustomerParty>", "", "kjøperen"),
        ("<cac:InvoiceLine>.*</cac:InvoiceLine>", "", "ingen fakturalinjer"),
        ("<cbc:PayableAmount.*</cbc:PayableAmount>", "", "hvor mye som skal betales"),
        ('<cbc:PayableAmount currencyID="NOK">', '<cbc:PayableAmount currencyID="USD">', "annen valuta"),
        ("(InvoicedQuantity>\\s*)<cbc:LineExtensionAmount.*?</cbc:LineExtensionAmount>", "\\1", "mangler beløp"),
    ],
)
def test_it_refuses_what_an_invoice_can_not_do_without(pattern: str, by: str, words: str) -> None:
    assert words in refusal(changed(pattern, by))


@pytest.mark.parametrize(
    "amount",
    ["ti", "1.234,50", "NaN", "Infinity", "-INF", "1e999", "0x10", "1_000", "٣", "1" * 16, "9" * 100_000, "1 0", "--1"],
)
def test_it_refuses_an_amount_that_is_not_a_number(amount: str) -> None:
    assert "ikke et gyldig tall" in refusal(changed("(<cbc:PayableAmount[^>]*>)[^<]*", f"\\g<1>{amount}"))


def test_a_damaged_attachment_is_refused_by_name() -> None:
    content = write(full_invoice())
    assert "timer.pdf" in refusal(changed("(EmbeddedDocumentBinaryObject [^>]*>)[^<]*", "\\1%%%", content))


def test_a_refusal_speaks_the_language_of_the_one_who_reads_it() -> None:
    with translation.override("nb"), pytest.raises(Unreadable) as caught:
        read(b"")
    with translation.override("nb"):
        assert str(caught.value) == "Filen er tom."
    with translation.override("en"):
        assert str(caught.value) == "The file is empty."


def outcome(content: bytes) -> InvoiceData | str:
    try:
        return read(content)
    except Unreadable as error:
        return str(error)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_give_an_invoice_or_words(content: bytes) -> None:
    assert outcome(content)


SAMPLES = [write(full_invoice()), write(credit_note())]


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(SAMPLES), st.data())
def test_a_damaged_document_gives_an_invoice_or_words(content: bytes, data: st.DataObject) -> None:
    for _time in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(content)))
        end = start + data.draw(st.integers(0, 40))
        content = content[:start] + data.draw(st.binary(max_size=12)) + content[end:]
    assert outcome(content)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(SAMPLES), st.text(max_size=40), st.data())
def test_any_text_in_any_field_gives_an_invoice_or_words(content: bytes, text: str, data: st.DataObject) -> None:
    root = etree.fromstring(content)
    fields = [each for each in root.iter() if not len(each)]
    try:
        data.draw(st.sampled_from(fields)).text = text
    except ValueError:
        return  # XML can't hold it, so it can't come in
    assert outcome(etree.tostring(root))


def test_an_attachment_may_be_as_large_as_the_file_may_be() -> None:
    content = b"".join(b"QUJD" for _ in range(4 * 1024 * 1024))  # 16 MB of base64, above libxml2's own limit for a text
    sample = write(
        replace(
            invoice(),
            attachments=(Attachment(reference="1", filename="tegning.pdf", mime="application/pdf", content=b"PLACE"),),
        )
    )

    read_back = read(sample.replace(b"UExBQ0U=", content))

    assert len(read_back.attachments[0].content or b"") == 12 * 1024 * 1024
