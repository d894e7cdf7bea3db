"""What we write is EHF, in the schema's order, and reads back as what it was."""

from dataclasses import fields, replace
from decimal import Decimal

import pytest
from lxml import etree

from distribution.documents.invoice import Attachment, InvoiceData, Party
from distribution.documents.ubl import read, write
from distribution.documents.validation.check import check
from tests.distribution.documents.samples import SELLER, credit_note, full_invoice, invoice, line, official
from tests.distribution.documents.test_ubl_read import NAMES


def names(content: bytes) -> list[str]:
    return [etree.QName(child).localname for child in etree.fromstring(content)]


@pytest.mark.parametrize("name", NAMES)
def test_what_was_read_is_written_and_reads_the_same(name: str) -> None:
    document = read(official(f"{name}.xml"))
    assert read(write(document)) == document


@pytest.mark.parametrize("document", [invoice(), credit_note(), full_invoice()], ids=["invoice", "credit note", "full"])
def test_every_field_survives_writing_and_reading(document: InvoiceData) -> None:
    again = read(write(document))
    for field in fields(InvoiceData):
        assert getattr(again, field.name) == getattr(document, field.name)


def test_it_names_the_specification_verbatim() -> None:
    content = write(invoice())
    assert b">urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0<" in content
    assert b">urn:fdc:peppol.eu:2017:poacc:billing:01:1.0<" in content


def test_the_elements_stand_in_the_order_of_the_schema() -> None:
    assert names(write(full_invoice())) == [
        *("CustomizationID", "ProfileID", "ID", "IssueDate", "DueDate", "InvoiceTypeCode", "Note", "TaxPointDate"),
        *("DocumentCurrencyCode", "TaxCurrencyCode", "AccountingCost", "BuyerReference", "InvoicePeriod"),
        *("OrderReference", "BillingReference", "BillingReference", "DespatchDocumentReference"),
        *("ReceiptDocumentReference", "OriginatorDocumentReference", "ContractDocumentReference"),
        *("AdditionalDocumentReference", "AdditionalDocumentReference", "AdditionalDocumentReference"),
        *("ProjectReference", "AccountingSupplierParty", "AccountingCustomerParty", "PayeeParty"),
        *("TaxRepresentativeParty", "Delivery", "PaymentMeans", "PaymentMeans"),
        *("PaymentTerms", "AllowanceCharge", "AllowanceCharge", "TaxTotal", "TaxTotal", "LegalMonetaryTotal"),
        *("InvoiceLine", "InvoiceLine"),
    ]


def test_a_credit_note_refers_to_its_invoice() -> None:
    content = write(credit_note())
    assert etree.QName(etree.fromstring(content)).localname == "CreditNote"
    assert b"<cbc:CreditNoteTypeCode>381<" in content
    assert b"<cbc:CreditedQuantity" in content
    assert read(content).preceding[0].number == "10427"


def test_a_seller_in_foretaksregisteret_says_so() -> None:
    assert b"<cbc:CompanyID>Foretaksregisteret</cbc:CompanyID>" in write(invoice())
    assert b"Foretaksregisteret" not in write(invoice(seller=replace(SELLER, registered_in_foretaksregisteret=False)))


def test_T23_characters_that_xml_forbids_are_left_out() -> None:
    hostile = "A\x00B\x01C\x0b\x1f\ufffe\ud800Æ🙂<&>\"'"
    content = write(invoice(notes=(hostile,), seller=replace(SELLER, name=hostile)))
    document = read(content)
    assert document.notes == ("ABCÆ🙂<&>\"'",)
    assert document.seller.name == "ABCÆ🙂<&>\"'"


def test_no_element_is_empty() -> None:
    bare = invoice(
        seller=Party(name="Fjellro"),
        buyer=Party(name=" Kari "),
        customer_number="\x00",
        lines=(line(unit="", item_number=" "),),
        attachments=(Attachment(reference="1"),),
    )
    for element in etree.fromstring(write(bare)).iter():
        assert len(element) or (element.text or "").strip()
        assert all(str(value).strip() for value in element.attrib.values())


def test_the_same_data_gives_the_same_bytes_however_its_numbers_were_written() -> None:
    plain = invoice(totals=replace(invoice().totals, payable=Decimal("148.75")))
    long = invoice(totals=replace(invoice().totals, payable=Decimal("148.750000")))
    assert write(plain) == write(long) == write(plain)


def test_a_large_round_number_is_written_without_an_exponent() -> None:
    content = write(invoice(totals=replace(invoice().totals, payable=Decimal("1E+6"))))
    assert b">1000000.00<" in content


@pytest.mark.parametrize(
    ("notes", "written"),
    [
        (("Ordre #123#",), "Ordre # 123#"),
        (("#;;;#", "mer"), "# ;;;#\nmer"),
        (("#AAI#Takk",), "#AAI#Takk"),
        (("#1 og #2",), "#1 og #2"),
        (("#12345#", "#abc#"), "#12345#\n#abc#"),
    ],
)
def test_text_that_looks_like_a_subject_code_is_told_from_one(notes: tuple[str, ...], written: str) -> None:
    """BR-CL-08 refuses three characters between the first two # that are no code."""
    content = write(invoice(notes=notes))

    assert "\n".join(read(content).notes) == written
    assert not [finding for finding in check(content, layers=["cen"]).findings if finding.rule == "BR-CL-08"]
