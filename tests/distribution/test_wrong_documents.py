"""T90: what the receiver's side would throw away as an e-invoice is held for a person before any byte leaves, and told beforehand."""

import json
import re
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client

from distribution import delivery
from distribution.models import Attempt, Delivery, Invoice
from distribution.ready import ready
from distribution.reasons import in_words
from distribution.states import Status
from distribution.timeline import timeline
from tests.factories import (
    ADDRESS,
    delivery_of,
    left,
    make_company,
    make_customer,
    make_user,
    out,
    queue,
    register_customer,
    ubl,
)

pytestmark = pytest.mark.django_db
PAYABLE = b'<cbc:PayableAmount currencyID="NOK">1250.00</cbc:PayableAmount>'
WRONG_SUM = PAYABLE.replace(b"1250", b"1251")


def work(row: Delivery) -> Delivery:
    while delivery.run() + delivery.sweep():
        pass
    return delivery_of(row.invoice)


def test_it_is_held_with_what_is_wrong_and_takes_no_other_channel() -> None:
    customer = make_customer(make_company(), email="kunde@firma.test", **ADDRESS)
    register_customer(customer)
    content = ubl(customer)
    assert PAYABLE in content

    row = work(queue(customer, content=content.replace(PAYABLE, WRONG_SUM)))

    assert row.status == Status.HELD
    assert row.reasons[0]["code"] == "not_valid"
    assert "(BR-CO-16)" in in_words(row.reasons)
    assert row not in ready([customer.company])  # nothing that the product knows of has mended it
    assert not out()
    assert not Attempt.objects.exists()


def test_the_same_document_goes_by_email_where_nobody_takes_it_by_machine() -> None:
    customer = make_customer(make_company(), email="kunde@firma.test", **ADDRESS)
    row = work(queue(customer, content=ubl(customer).replace(PAYABLE, WRONG_SUM)))
    assert (row.status, row.channel) == (Status.ACCEPTED, "email")


def test_one_without_the_buyers_address_goes_with_the_one_of_the_register() -> None:
    customer = make_customer(make_company())
    register_customer(customer)
    without = re.sub(
        rb"(<cac:AccountingCustomerParty>.*?)<cbc:EndpointID.*?</cbc:EndpointID>", rb"\1", ubl(customer), flags=re.S
    )
    assert without.count(b"</cbc:EndpointID>") == 1

    row = work(queue(customer, content=without))

    assert (row.status, row.channel) == (Status.ACCEPTED, "einvoice")
    assert "manglet i filen, og er lagt til" in " ".join(told_of(row.invoice))
    assert left("einvoice", "xml").count(b"</cbc:EndpointID>") == 2


def test_looking_ahead_tells_what_will_be_held(client: Client) -> None:
    user = make_user()
    company = make_company(admin=user)
    customer = make_customer(company)
    register_customer(customer)
    broken = ubl(customer).replace(b"<cbc:DocumentCurrencyCode>", b"<cbc:Color/><cbc:DocumentCurrencyCode>")
    client.force_login(user)

    files = [SimpleUploadedFile("broken.xml", broken), SimpleUploadedFile("good.xml", ubl(customer))]
    page = client.post("/fakturaer/send/", {"filer": files, "se": "1"}).content.decode()

    assert page.count("ikke en gyldig e-faktura") == 1
    assert "(XSD)" in page


def test_route_says_that_it_will_be_held(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    customer = make_customer(make_company())
    register_customer(customer)
    file = tmp_path / "en.xml"
    file.write_bytes(ubl(customer).replace(PAYABLE, WRONG_SUM))

    call_command("route", str(file), company=customer.company.peppol_id, json=True)

    told = json.loads(capsys.readouterr().out)
    assert (told["channel"], told["status"]) == (None, "held")
    assert "(BR-CO-16)" in told["reason"]


def test_the_timeline_tells_what_the_rules_say_of_it() -> None:
    customer = make_customer(make_company(), email="kunde@firma.test")
    wrong = ubl(customer).replace(b"<cbc:DocumentCurrencyCode>", b"<cbc:Color/><cbc:DocumentCurrencyCode>")
    by_email = work(queue(customer, content=wrong))
    register_customer(customer)
    by_einvoice = work(queue(customer))

    came, *_later = told_of(by_email.invoice)
    assert came.startswith("Kom inn. Som e-faktura ville den blitt avvist: ")
    assert "(XSD)" in came
    (chosen,) = [words for words in told_of(by_einvoice.invoice) if "Kontrollert mot" in words]
    assert re.search(
        r"Kontrollert mot skjemaet for UBL, EN 16931 [\d.]+, .*vår egen prøve på Peppols regler [\d.]+\.$", chosen
    )


def told_of(invoice: Invoice) -> list[str]:
    return [moment.text for leg in timeline(invoice) for moment in leg.moments]
