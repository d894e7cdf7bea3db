"""A credit note from an invoice: a draft with the lines copied, and a document that names what it credits."""

import re
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from distribution import frozen
from distribution.documents.invoice import AllowanceCharge, DocumentType, PrecedingInvoice
from distribution.documents.ubl import read
from distribution.models import Draft, Invoice
from tests.factories import document, make_company, make_customer, take_in
from tests.test_pages import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def drafted(client: Client, invoice: Invoice) -> Draft:
    client.post(f"/fakturaer/{invoice.pk}/kreditnota/")
    return Draft.objects.latest("pk")


def sent(client: Client, draft: Draft, **facts: str) -> Any:
    seen = {"made_of": draft.changed_at.isoformat(), "send": "1"}
    return client.post(f"/fakturaer/kladder/{draft.pk}/", {**draft.fields, **seen, **facts})


def test_a_credit_note_names_its_invoice_and_goes_to_the_same_customer() -> None:
    customer = make_customer(make_company(), email="kunde@firma.test")
    invoice = take_in(customer, number="20417").invoice
    client = signed_in(customer.company)
    assert "Lag kreditnota" in client.get(f"/fakturaer/{invoice.pk}/").content.decode()

    draft = drafted(client, invoice)
    page = client.get(f"/fakturaer/kladder/{draft.pk}/").content.decode()
    assert "Krediterer" in page
    assert 'value="20418"' in page
    assert not Invoice.objects.filter(document_type=DocumentType.CREDIT_NOTE).exists()
    sent(client, draft)

    note = Invoice.objects.get(document_type=DocumentType.CREDIT_NOTE)
    written = read(frozen.read(note.sha256))
    assert (note.customer, note.payable, note.due_date) == (customer, Decimal("1250.00"), None)
    assert written.preceding == (PrecedingInvoice(number="20417", issue_date=invoice.issue_date),)
    assert [(line.name, line.net_amount) for line in written.lines] == [("Rådgivning", Decimal("1000.00"))]
    assert b"CreditNoteTypeCode>381<" in frozen.read(note.sha256)
    assert (written.account, written.payment_id) == ("", "")


def test_more_than_is_left_of_the_invoice_takes_a_confirmation_of_that_sum() -> None:
    customer = make_customer(make_company(), email="kunde@firma.test")
    invoice = take_in(customer).invoice
    client = signed_in(customer.company)
    sent(client, drafted(client, invoice), **{"linje-0-price": "600"})

    again = drafted(client, invoice)
    told = sent(client, again, **{"linje-0-price": "600"})
    assert told.status_code == 422
    assert re.search(r'name="over" value="750\.00"', told.content.decode())
    assert sent(client, again, **{"linje-0-price": "601", "over": "750.00"}).status_code == 422

    assert sent(client, again, **{"linje-0-price": "600", "over": "750.00"}).status_code == 302
    assert Invoice.objects.filter(document_type=DocumentType.CREDIT_NOTE).count() == 2


def test_what_the_invoice_took_off_as_a_whole_is_a_line() -> None:
    customer = make_customer(make_company(), email="kunde@firma.test")
    whole = document(customer)
    off = AllowanceCharge(
        is_charge=False, amount=Decimal("200.00"), reason="Rabatt", vat_category="S", vat_rate=Decimal(25)
    )
    subtotal = replace(whole.vat[0], taxable=Decimal("800.00"), tax=Decimal("200.00"))
    totals = replace(
        whole.totals,
        allowance_total=Decimal("200.00"),
        tax_exclusive=Decimal("800.00"),
        tax_total=Decimal("200.00"),
        tax_inclusive=Decimal("1000.00"),
        payable=Decimal("1000.00"),
    )
    invoice = take_in(customer, allowances=(off,), vat=(subtotal,), totals=totals).invoice
    client = signed_in(customer.company)

    sent(client, drafted(client, invoice))

    assert Invoice.objects.get(document_type=DocumentType.CREDIT_NOTE).payable == Decimal("1000.00")


def test_vat_codes_that_the_page_cant_write_are_refused_in_words() -> None:
    customer = make_customer(make_company())
    line = replace(document(customer).lines[0], vat_category="AE", vat_rate=Decimal(0))
    invoice = take_in(customer, lines=(line,)).invoice

    page = signed_in(customer.company).post(f"/fakturaer/{invoice.pk}/kreditnota/", follow=True)

    assert "Lag kreditnotaen i økonomisystemet" in page.content.decode()
    assert not Draft.objects.exists()


def test_a_credit_note_is_not_credited() -> None:
    customer = make_customer(make_company())
    note = take_in(customer, kind=DocumentType.CREDIT_NOTE).invoice
    client = signed_in(customer.company)

    client.post(f"/fakturaer/{note.pk}/kreditnota/")

    assert "Lag kreditnota" not in client.get(f"/fakturaer/{note.pk}/").content.decode()
    assert not Draft.objects.exists()
