"""Nothing that an invoice says is lost between reading and writing: by the official examples, and by random invoices of ours."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from distribution.documents.invoice import DocumentType, InvoiceData
from distribution.documents.payment import Account
from distribution.documents.ubl import read, write
from distribution.documents.ubl_write_values import written_notes
from tests.distribution.documents.random_invoices import invoices
from tests.distribution.documents.samples import full_invoice, invoice, official
from tests.distribution.documents.terms import terms
from tests.distribution.documents.test_ubl_read import NAMES, changed

CONTROL = "\x00\x01\x08\x0b\x0c\x1b\x1f\ufffe\uffff\ud800"
SLOW = list(HealthCheck)


def as_written(notes: tuple[str, ...]) -> tuple[str, ...]:
    """With a space in what only looks like a subject code (BR-CL-08)."""
    return tuple(line.strip() for line in written_notes(notes).split("\n")) if notes else ()


def examples(request: pytest.FixtureRequest) -> settings:
    most = 5000 if request.config.getoption("--long") else 30
    return settings(max_examples=most, deadline=None, suppress_health_check=SLOW)


@pytest.mark.parametrize("name", NAMES)
def test_an_official_example_comes_back_with_each_of_its_terms(name: str) -> None:
    """A name that stood there as the legal one alone is written as the trading name too; nothing else comes or goes."""
    original = official(f"{name}.xml")
    before, after = terms(original), terms(write(read(original)))

    assert before - after == Counter()
    added = {path.rpartition("/cac:Party/")[2] for path, _value, _attributes in after - before}
    assert added <= {"cac:PartyName/cbc:Name"}


FULL_CREDIT_NOTE = replace(full_invoice(), document_type=DocumentType.CREDIT_NOTE)


@pytest.mark.parametrize("document", [full_invoice(), FULL_CREDIT_NOTE], ids=["invoice", "credit note"])
def test_our_own_document_comes_back_with_each_of_its_terms(document: InvoiceData) -> None:
    content = write(document)
    assert read(content) == document
    assert terms(write(read(content))) == terms(content)


def test_what_is_written_reads_as_what_it_was(request: pytest.FixtureRequest) -> None:
    @examples(request)
    @given(invoices())
    def holds(document: InvoiceData) -> None:
        assert read(write(document)) == replace(document, notes=as_written(document.notes))

    holds()


def test_T23_control_characters_change_nothing(request: pytest.FixtureRequest) -> None:
    @examples(request)
    @given(invoices(), st.text(st.sampled_from(CONTROL), min_size=1, max_size=5), st.integers(0, 200))
    def holds(document: InvoiceData, control: str, place: int) -> None:
        def spoilt(value: str) -> str:
            return value[:place] + control + value[place:]

        lines = tuple(replace(line, name=spoilt(line.name), note=spoilt(line.note)) for line in document.lines)
        given = replace(document, lines=lines, notes=tuple(map(spoilt, document.notes)), number=spoilt(document.number))
        assert write(given) == write(document)

    holds()


def test_each_account_has_its_means_and_what_is_said_once_stands_with_the_first() -> None:
    others = (Account(number="NO8330001234567", name="Valuta", bic="DNBANOKK"), Account(number="86011117947"))
    content = write(invoice(other_accounts=others, payment_means_text="Bankoverføring"))

    assert content.count(b"<cac:PaymentMeans>") == content.count(b"<cbc:PaymentID>100420104273<") == 3
    assert content.count(b'<cbc:PaymentMeansCode name="Bankoverf') == 1
    assert read(content).other_accounts == others


def test_a_kid_that_stands_with_another_account_is_not_lost() -> None:
    two = write(invoice(other_accounts=(Account(number="86011117947"),)))
    assert read(changed("<cbc:PaymentID>[^<]*</cbc:PaymentID>", "", two)).payment_id == "100420104273"


def test_an_order_number_of_the_seller_alone_needs_none_of_the_buyers() -> None:
    """The schema wants one; BIS Billing then lets it be «NA»."""
    document = replace(invoice(), references=replace(invoice().references, sales_order="SO-9"))
    content = write(document)
    assert b"<cbc:ID>NA</cbc:ID>" in content
    assert read(content) == document


def test_a_type_code_and_a_profile_are_kept_as_they_came() -> None:
    content = changed(">380<", ">384<", changed("billing:01:1.0", "billing:99:1.0"))
    assert read(content).type_code == "384"
    assert b">384<" in write(read(content))
    assert b">urn:fdc:peppol.eu:2017:poacc:billing:99:1.0<" in write(read(content))
    assert read(write(invoice())).type_code == ""
