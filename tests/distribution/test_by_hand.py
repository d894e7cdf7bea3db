"""«Ny faktura»: sums by the server, words at the field, and a document like any other once it is sent."""

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from customers.models import Customer, Kind
from distribution import delivery, frozen
from distribution.by_hand import Typed, TypedLine, document_of, sums_of
from distribution.documents.ubl import read
from distribution.models import Invoice, Run
from distribution.states import Status
from tests.factories import delivery_of, make_company, make_customer, take_in
from tests.test_pages import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.database]
PATH = "/fakturaer/ny/"


def form(to: Customer, /, *lines: tuple[str, str, str, str], **facts: str) -> dict[str, str]:
    """A filled-in form; lines are (description, quantity, price, VAT)."""
    today = timezone.localdate()
    data = {
        "customer": f"{to.number} {to.name}",
        "number": "501",
        "issue_date": today.isoformat(),
        "due_date": (today + timedelta(days=14)).isoformat(),
        "delivered_on": today.isoformat(),
        "currency": "NOK",
        "linje-TOTAL_FORMS": "4",
        "linje-INITIAL_FORMS": "0",
        **{f"linje-{place}-vat_rate": "25" for place in range(4)},
    }
    for place, line in enumerate(lines or [("Rådgivning", "2", "1 000,50", "25")]):
        names = ("name", "quantity", "price", "vat_rate")
        data |= {f"linje-{place}-{name}": value for name, value in zip(names, line, strict=True)}
    return data | facts


def post(client: Client, data: dict[str, str], button: str = "send", **how: Any) -> Any:
    return client.post(PATH, {**data, button: "1"}, **how)


def test_it_becomes_a_document_like_any_other_and_goes() -> None:
    customer = make_customer(make_company(), email="kunde@firma.test")
    lines = (("Rådgivning", "2,5", "1 000,50", "25"), ("Kurs", "1", "99.99", "12"), ("Bok", "3", "100", "0"))

    answer = post(signed_in(customer.company), form(customer, *lines, payment_id="1234567890128"))

    invoice = Invoice.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/utsendelser/{invoice.run_id}/")
    document = read(frozen.read(invoice.sha256))
    assert [(line.name, line.net_amount, line.vat_category) for line in document.lines] == [
        ("Rådgivning", Decimal("2501.25"), "S"),
        ("Kurs", Decimal("99.99"), "S"),
        ("Bok", Decimal("300.00"), "Z"),
    ]
    assert [subtotal.tax for subtotal in document.vat] == [Decimal("625.31"), Decimal("12.00"), Decimal("0.00")]
    assert document.totals.payable == invoice.payable == Decimal("3538.55")
    assert (document.payment_id, document.buyer_reference) == ("1234567890128", customer.number)
    assert invoice.customer == customer


def test_without_a_kid_none_is_made_up() -> None:
    customer = make_customer(make_company())
    post(signed_in(customer.company), form(customer))

    assert read(frozen.read(Invoice.objects.get().sha256)).payment_id == ""


def test_R40_it_waits_as_any_run_from_a_page(settings: LazySettings) -> None:
    settings.SEND_DELAY_SECONDS = 60
    customer = make_customer(make_company(), email="kunde@firma.test")
    client = signed_in(customer.company)
    post(client, form(customer))

    assert delivery.run() == 0
    client.post(f"/utsendelser/{Run.objects.get().pk}/angre/")
    assert delivery_of(Invoice.objects.get()).status == Status.CANCELLED


def test_the_chosen_customer_gets_it_also_where_two_share_an_org_number() -> None:
    company = make_company()
    first = make_customer(company)
    branch = make_customer(company, org_number=first.org_number)

    post(signed_in(company), form(branch))

    assert Invoice.objects.get().customer == branch


def test_a_private_customer_has_no_org_number_in_it() -> None:
    customer = make_customer(make_company(), kind=Kind.PRIVATE, org_number="", email="kari@hjem.test")

    post(signed_in(customer.company), form(customer))

    assert read(frozen.read(Invoice.objects.get().sha256)).buyer.legal_id == ""


def test_to_send_twice_is_one_invoice() -> None:
    customer = make_customer(make_company())
    client, data = signed_in(customer.company), form(customer)

    first, second = post(client, data), post(client, data)

    assert first["Location"] == second["Location"]
    assert Invoice.objects.count() == 1


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"customer": "finnes ikke"}, "Finner ikke kunden"),
        ({"customer": ""}, "Kunde: "),
        ({"due_date": "2020-01-01"}, "Forfallsdatoen er før fakturadatoen."),
        ({"issue_date": "i går"}, "dato"),
        ({"payment_id": "1234567890123"}, "KID stemmer ikke"),
        ({"currency": "EUR"}, "Norsk mva må også stå i kroner"),
        ({"currency": "XXX"}, "XXX"),
        ({"number": "77"}, "Nummeret er brukt på en annen faktura."),
        ({"linje-0-quantity": "mange"}, "Linje 1, Antall"),
        ({"linje-0-price": "-1"}, "Linje 1, Pris uten mva"),
        ({"linje-0-price": "1e999"}, "Linje 1, Pris uten mva"),
        ({"linje-0-name": "", "linje-0-quantity": "", "linje-0-price": ""}, "Skriv minst én linje."),
        ({"linje-0-vat_rate": "99"}, "Linje 1, Mva"),
        ({"linje-TOTAL_FORMS": "x"}, "Ikke sendt"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_is_sent(facts: dict[str, str], words: str) -> None:
    customer = make_customer(make_company())
    take_in(customer, number="77")

    answer = post(signed_in(customer.company), form(customer, **facts))

    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert Invoice.objects.count() == 1


def test_two_customers_of_one_name_are_told_apart_by_number() -> None:
    company = make_company()
    customer = make_customer(company, name="Granli")
    make_customer(company, name="Granli")
    client = signed_in(company)

    assert "Flere kunder heter det" in post(client, form(customer, customer="Granli")).content.decode()
    assert post(client, form(customer, customer=customer.number)).status_code == 302


def test_another_companys_customer_does_not_exist() -> None:
    foreign = make_customer(make_company(), name="Fremmed Kunde")
    company = make_company()
    client = signed_in(company)

    assert "Finner ikke kunden" in post(client, form(foreign)).content.decode()
    assert "Fremmed" not in client.get(f"{PATH}kunder/{company.pk}/", {"customer": "fremmed"}).content.decode()


def test_the_customers_offered_are_of_the_drafts_company_whichever_the_user_works_in_now() -> None:
    company, other = make_company(), make_company()
    make_customer(company, name="Granli Eiendom")
    make_customer(other, name="Granli Regnskap")
    client = signed_in(company, other)
    client.post(f"/firma/{company.pk}/velg/")
    page = client.get(PATH).content.decode()
    client.post(f"/firma/{other.pk}/velg/")

    address = re.search(r'hx-get="(/fakturaer/ny/kunder/[^"]*)"', page)

    assert address
    options = client.get(address[1], {"customer": "granli"}).content.decode()
    assert ("Granli Eiendom" in options, "Granli Regnskap" in options) == (True, False)


def test_sums_are_shown_without_sending_and_alone_to_htmx() -> None:
    customer = make_customer(make_company())
    client, data = signed_in(customer.company), form(customer, ("Time", "3", "100", "15"), ("halv", "", "", "25"))

    page = post(client, data, "regn").content.decode()
    part = post(client, data, "regn", headers={"HX-Request": "true"}).content.decode()

    for shown in (page, part):
        assert "345,00" in shown
        assert "Mva 15 % av 300,00" in shown
    assert "<html" not in part
    assert 'value="Time"' in page
    assert "Ikke sendt" not in page
    assert not Invoice.objects.exists()


def test_more_lines_keep_what_is_written() -> None:
    customer = make_customer(make_company())

    page = post(signed_in(customer.company), form(customer), "flere").content.decode()

    assert 'name="linje-8-name"' in page
    assert "Rådgivning" in page


def test_the_next_number_is_proposed_and_customers_follow_what_is_typed() -> None:
    company = make_company()
    found, other = make_customer(company, name="Granli Eiendom"), make_customer(company, name="Heddal Regnskap")
    take_in(other, number="20417")
    client = signed_in(company)

    assert 'value="20418"' in client.get(PATH).content.decode()
    options = client.get(f"{PATH}kunder/{company.pk}/", {"customer": "granli\0"}).content.decode()
    assert (found.name in options, other.name in options) == (True, False)


def test_the_page_takes_as_many_queries_for_many_customers_as_for_few() -> None:
    def queries(size: int) -> int:
        company = make_company()
        for _ in range(size):
            make_customer(company)
        client = signed_in(company)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(PATH).status_code == 200
        return len(captured)

    assert queries(2) == queries(20)


def test_vat_is_rounded_once_per_rate_and_half_up() -> None:
    line = TypedLine(name="Skrue", quantity=Decimal(1), price=Decimal("0.30"), vat_rate=Decimal(15))
    odd = TypedLine(name="Kabel", quantity=Decimal("0.5"), price=Decimal("0.25"), vat_rate=Decimal(25))

    sums = sums_of([line] * 3 + [odd])

    assert sums.lines[3].net_amount == Decimal("0.13")
    assert {subtotal.rate: subtotal.tax for subtotal in sums.vat} == {25: Decimal("0.03"), 15: Decimal("0.14")}


@pytest.mark.parametrize(
    ("name", "registered"),
    [
        ("Fjellro Kaffe AS", True),
        ("AS Fjellro", True),
        ("Nordic A.S.", True),
        ("Aasen Rør", False),
        ("Kari As Lie", False),
    ],
)
def test_a_company_whose_name_tells_it_says_that_it_is_in_foretaksregisteret(name: str, registered: bool) -> None:
    customer = make_customer(make_company(name=name))
    typed = Typed(number="1", issue_date=date(2026, 11, 24), delivered_on=date(2026, 11, 24), currency="NOK", lines=())
    assert document_of(customer, typed).seller.registered_in_foretaksregisteret is registered


def test_an_invoice_for_the_company_of_another_tab_is_not_sent() -> None:
    company, other = make_company(), make_company()
    client = signed_in(company, other)
    shown = client.get("/fakturaer/ny/").context["draft"].company_id
    elsewhere = other.pk if shown == company.pk else company.pk

    answer = client.post(
        "/fakturaer/ny/", {"firma": elsewhere, "send": "1", "linje-TOTAL_FORMS": "1", "linje-INITIAL_FORMS": "0"}
    )

    assert answer.status_code == 422
    assert "Du arbeider nå i" in answer.content.decode()
    assert not Invoice.objects.exists()
