"""The invoice's pages: what a person orders, files from a page and the time to regret them, and the list."""

from datetime import timedelta
from io import BytesIO
from typing import Any

import pikepdf
import pytest
import time_machine
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from customers.models import Company, Customer
from distribution import delivery, frozen, invoice_list
from distribution.delivery import OpenRun
from distribution.delivery.claiming import claim_due
from distribution.models import Delivery, Invoice, Run
from distribution.states import Status
from tests.factories import (
    ADDRESS,
    delivery_of,
    kinds,
    make_company,
    make_customer,
    queue,
    register_customer,
    take_in,
    ubl,
)
from tests.test_pages import sent, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.database]
ORDERS = ("send-igjen", "annen-vei", "stopp")


def work() -> None:
    while delivery.run():
        pass


def order(client: Client, invoice: Invoice, name: str, **data: str) -> str:
    return said(client.post(f"/fakturaer/{invoice.pk}/{name}/", data, follow=True))


def said(answer: Any) -> str:
    return str(answer.content.decode())


def page_of(client: Client, invoice: Invoice) -> str:
    return said(client.get(f"/fakturaer/{invoice.pk}/"))


def offered(page: str) -> list[str]:
    return [name for name in ORDERS if f'/{name}/"' in page]


def held(company: Company, **facts: Any) -> Invoice:
    row = queue(make_customer(company, **facts))
    work()
    return row.invoice


def pdf() -> bytes:
    made, content = pikepdf.new(), BytesIO()
    made.add_blank_page()
    made.save(content)
    return content.getvalue()


def upload(client: Client, **files: bytes) -> Any:
    """Files by name, `__` for the dot; the page that follows."""
    sent_files = [SimpleUploadedFile(name.replace("__", "."), content) for name, content in files.items()]
    return client.post("/fakturaer/send/", {"filer": sent_files}, follow=True)


# --- orders -----------------------------------------------------------------------------------------------------------
def test_R37_a_held_invoice_goes_with_one_click_when_what_was_missing_is_there() -> None:
    invoice = held(make_company())
    client = signed_in(invoice.company)
    assert offered(page_of(client, invoice)) == ["send-igjen", "stopp"]
    Customer.objects.update(email="kunde@firma.test")

    page = order(client, invoice, "send-igjen")
    work()

    assert "lagt i kø" in page
    assert delivery_of(invoice).status == Status.ACCEPTED


def test_R37_an_invoice_on_its_way_can_only_be_stopped() -> None:
    row = queue(make_customer(make_company(), email="kunde@firma.test", **ADDRESS))
    client = signed_in(row.company)

    assert offered(page_of(client, row.invoice)) == ["stopp"]
    for name, data in (("send-igjen", {}), ("annen-vei", {"kanal": "print"}), ("send-igjen", {"confirmed": "1"})):
        assert "alt på vei" in order(client, row.invoice, name, **data)
    assert row.invoice.deliveries.count() == 1


def test_R37_an_order_to_stop_takes_it_out_and_only_what_has_not_gone() -> None:
    row = queue(make_customer(make_company(), email="kunde@firma.test"))
    client = signed_in(row.company)

    assert "er stoppet" in order(client, row.invoice, "stopp")
    work()
    assert delivery_of(row.invoice).status == Status.CANCELLED
    assert "kan ikke stoppes" in order(client, row.invoice, "stopp")

    gone = sent(row.company)
    assert "stopp" not in offered(page_of(client, gone))
    assert "kan ikke stoppes" in order(client, gone, "stopp")
    assert delivery_of(gone).status == Status.ACCEPTED


def test_R28_one_taken_out_by_hand_says_so() -> None:
    invoice = held(make_company())
    client = signed_in(invoice.company)

    assert "Sendt selv." in order(client, invoice, "stopp", selv="1")
    assert delivery_of(invoice).reasons[0]["code"] == "sent_by_hand"


def test_R37_another_way_offers_only_what_todays_facts_allow_and_refuses_the_rest() -> None:
    invoice = sent(make_company(), **ADDRESS)
    client = signed_in(invoice.company)

    page = page_of(client, invoice)
    assert '<option value="print">' in page
    assert '<option value="einvoice">' not in page
    assert '<option value="email">' not in page  # the way it went

    assert "ikke gå denne veien nå" in order(client, invoice, "annen-vei", kanal="einvoice")
    for nonsense in ("", "due", "\0"):
        assert "Velg en kanal" in order(client, invoice, "annen-vei", kanal=nonsense)
    assert invoice.deliveries.count() == 1


def test_R37_a_held_invoice_goes_another_way_without_a_question() -> None:
    company = make_company()
    invoice = held(company, email="kunde@firma.test", electronic_only=True)
    client = signed_in(company)
    assert "annen-vei" not in offered(page_of(client, invoice))
    Customer.objects.update(electronic_only=False)

    assert '<option value="email">' in page_of(client, invoice)
    order(client, invoice, "annen-vei", kanal="email")
    work()

    assert (delivery_of(invoice).status, delivery_of(invoice).channel) == (Status.ACCEPTED, "email")


def test_R37_the_register_is_asked_anew_by_the_order_and_not_by_the_page() -> None:
    invoice = sent(make_company())
    client = signed_in(invoice.company)
    assert invoice.customer is not None
    register_customer(invoice.customer)

    assert '<option value="einvoice">' not in page_of(client, invoice)
    order(client, invoice, "annen-vei", kanal="einvoice", confirmed="1")
    work()

    assert delivery_of(invoice).channel == "einvoice"


@pytest.mark.parametrize(("name", "data"), [("send-igjen", {}), ("annen-vei", {"kanal": "print"})])
def test_R37_a_double_is_asked_first_and_goes_when_confirmed(name: str, data: dict[str, str]) -> None:
    invoice = sent(make_company(), **ADDRESS)
    client = signed_in(invoice.company)

    asked = client.post(f"/fakturaer/{invoice.pk}/{name}/", data)
    assert asked.status_code == 422
    assert "får kunden to eksemplarer" in said(asked)
    assert invoice.deliveries.count() == 1

    order(client, invoice, name, **data, confirmed="1")
    work()
    assert [row.status for row in invoice.deliveries.order_by("pk")] == [Status.ACCEPTED, Status.ACCEPTED]
    assert kinds(invoice).count("double_confirmed") == 1


def test_R37_what_perhaps_arrived_is_a_double_too() -> None:
    invoice = sent(make_company())
    Delivery.objects.update(status=Status.UNCERTAIN, due_at=None)

    asked = order(signed_in(invoice.company), invoice, "send-igjen")

    assert "ikke kjent om den kom fram" in asked
    assert invoice.deliveries.count() == 1


def test_R38_a_second_invoice_with_one_number_is_asked_about_with_a_link_to_the_first() -> None:
    customer = make_customer(make_company(), email="kunde@firma.test")
    first, second = queue(customer, number="77"), queue(customer, number="77", days=20)
    work()
    client = signed_in(customer.company)

    asked = order(client, second.invoice, "send-igjen")
    assert "to fakturaer med samme nummer" in asked
    assert f'href="/fakturaer/{first.invoice_id}/">Se den andre' in asked
    assert delivery_of(second.invoice).status == Status.HELD

    order(client, second.invoice, "send-igjen", confirmed="1")
    work()
    assert delivery_of(second.invoice).status == Status.ACCEPTED


def test_an_order_is_a_post_and_a_foreign_invoice_does_not_exist() -> None:
    mine, foreign = sent(make_company()), held(make_company(), email="")
    client = signed_in(mine.company)

    for name in ORDERS:
        assert client.get(f"/fakturaer/{mine.pk}/{name}/").status_code == 405
        answer = client.post(f"/fakturaer/{foreign.pk}/{name}/", {"kanal": "print", "confirmed": "1"})
        assert answer.status_code == 404
    assert client.post(f"/utsendelser/{foreign.run_id}/angre/").status_code == 404
    assert delivery_of(foreign).status == Status.HELD


def test_of_two_who_order_at_once_the_second_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    row = queue(make_customer(make_company(), email="kunde@firma.test"))

    def too_late(*_order: object, **_how: object) -> None:
        raise delivery.LostClaim

    monkeypatch.setattr("distribution.views.orders.cancel", too_late)

    assert "Noen andre var først" in order(signed_in(row.company), row.invoice, "stopp")


# --- upload -----------------------------------------------------------------------------------------------------------
def test_good_files_are_taken_in_and_each_bad_one_is_told_in_words() -> None:
    company, foreign = make_company(), make_company()
    customer, elsewhere = make_customer(company, email="kunde@firma.test"), make_customer(foreign)

    answer = upload(
        signed_in(company),
        god__xml=ubl(customer, number="1"),
        ogsa__xml=ubl(customer, number="2"),
        odelagt__xml=ubl(customer, number="3")[:400],
        fremmed__xml=ubl(elsewhere, number="4"),
        tom__xml=b"",
        bilde__png=b"\x89PNG",
        medpdf__xml=ubl(customer, number="5"),
        medpdf__pdf=b"hei",
        alene__pdf=pdf(),
    )

    page = said(answer)
    assert answer.status_code == 200
    assert sorted(Invoice.objects.values_list("number", flat=True)) == ["1", "2"]
    assert Run.objects.count() == 1
    assert "2 fakturaer er tatt inn" in page
    for words in (
        "odelagt.xml",
        "ikke gyldig XML",
        "fremmed.xml",
        f"Selgeren i filen er {foreign.name}",
        "Filen er tom.",
        "ikke en XML-fil",
        "medpdf.xml + medpdf.pdf",
        "Filen er ikke en PDF.",
        "alene.pdf",
        "ingen UBL-fil med samme navn",
    ):
        assert words in page


def test_a_pdf_goes_with_the_invoice_of_its_name_and_leads_to_the_run() -> None:
    customer = make_customer(make_company(), email="kunde@firma.test")

    answer = upload(signed_in(customer.company), F1__pdf=pdf(), f1__XML=ubl(customer), f2__xml=ubl(customer, days=20))

    run = Run.objects.get()
    assert answer.redirect_chain == [(f"/utsendelser/{run.pk}/", 302)]
    assert (run.source, run.invoices.count()) == ("page", 2)
    assert sorted(bool(invoice.own_pdf_sha256) for invoice in Invoice.objects.all()) == [False, True]


def test_a_pdf_that_could_belong_to_two_invoices_goes_with_none() -> None:
    customer = make_customer(make_company())

    page = said(upload(signed_in(customer.company), a__xml=ubl(customer), A__XML=ubl(customer, days=20), a__pdf=pdf()))

    assert "Flere filer heter det samme" in page
    assert not Invoice.objects.exists()


def test_R38_two_with_one_number_are_both_taken_in_and_the_same_bytes_once() -> None:
    customer = make_customer(make_company(), email="kunde@firma.test")
    client, content = signed_in(customer.company), ubl(customer, number="77")

    page = said(upload(client, a__xml=content, b__xml=ubl(customer, number="77", days=20), c__xml=content))

    assert [invoice.number for invoice in Invoice.objects.all()] == ["77", "77"]
    assert "Tatt inn før" in page
    again = upload(client, a__xml=content)
    assert again.status_code == 422
    assert "Ingenting sendes på nytt" in said(again)
    assert Run.objects.count() == 1


def test_nothing_chosen_is_told_and_too_many_files_too(settings: LazySettings) -> None:
    client = signed_in(make_company())
    settings.DATA_UPLOAD_MAX_NUMBER_FILES = 2

    nothing, many = upload(client), upload(client, a__xml=b"", b__xml=b"", c__xml=b"")

    assert (nothing.status_code, many.status_code) == (422, 400)
    assert "Velg minst én fil." in said(nothing)
    assert "færre filer" in said(many)


def test_a_file_above_the_limit_is_refused_without_being_read_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("distribution.documents.xml.MAX_BYTES", 1000)
    monkeypatch.setattr("distribution.batch.MAX_BYTES", 1000)
    customer = make_customer(make_company())

    assert "Filen er for stor" in said(upload(signed_in(customer.company), stor__xml=ubl(customer)))


# --- R40 --------------------------------------------------------------------------------------------------------------
def uploaded(company: Company, number: int = 3) -> tuple[Client, Run]:
    client, customer = signed_in(company), make_customer(company, email="kunde@firma.test")
    upload(client, **{f"f{serial}__xml": ubl(customer) for serial in range(number)})
    return client, Run.objects.get()


def test_R40_a_run_from_a_page_waits_and_angre_stops_it_whole(settings: LazySettings) -> None:
    settings.SEND_DELAY_SECONDS = 60
    client, run = uploaded(make_company())

    assert delivery.run() == 0
    page = said(client.get(f"/utsendelser/{run.pk}/"))
    assert "Sendes om" in page
    assert f'action="/utsendelser/{run.pk}/angre/"' in page

    told = said(client.post(f"/utsendelser/{run.pk}/angre/", follow=True))
    assert "3 fakturaer er stoppet." in told
    assert "tatt hånd om" not in told
    with time_machine.travel(timezone.now() + timedelta(minutes=5)):
        assert delivery.run() == 0
    assert set(Delivery.objects.values_list("status", flat=True)) == {Status.CANCELLED}


def test_R40_when_the_time_is_over_it_goes_and_the_page_offers_nothing(settings: LazySettings) -> None:
    settings.SEND_DELAY_SECONDS = 60
    client, run = uploaded(make_company(), 1)

    with time_machine.travel(timezone.now() + timedelta(seconds=61)):
        assert "Sendes om" not in said(client.get(f"/utsendelser/{run.pk}/"))
        polled = said(client.get(f"/utsendelser/{run.pk}/", headers={"HX-Request": "true"}))
        assert '<div id="angre" hidden hx-swap-oob="true"></div>' in polled
        work()
    assert Delivery.objects.get().status == Status.ACCEPTED


def test_R40_one_already_claimed_is_not_stopped_and_is_told(settings: LazySettings) -> None:
    settings.SEND_DELAY_SECONDS = 60
    client, run = uploaded(make_company())
    with time_machine.travel(timezone.now() + timedelta(seconds=61)):
        assert len(claim_due(1)) == 1

        told = said(client.post(f"/utsendelser/{run.pk}/angre/", follow=True))

    assert "2 fakturaer er stoppet. 1 var alt tatt hånd om og er ikke stoppet." in told
    statuses = sorted(Delivery.objects.values_list("status", flat=True))
    assert statuses == [Status.CANCELLED, Status.CANCELLED, Status.QUEUED]


def test_R40_without_a_delay_it_goes_at_once(settings: LazySettings) -> None:
    settings.SEND_DELAY_SECONDS = 0
    client, run = uploaded(make_company(), 1)

    assert "Sendes om" not in said(client.get(f"/utsendelser/{run.pk}/"))
    work()
    assert Delivery.objects.get().status == Status.ACCEPTED


def test_R40_a_run_that_no_page_started_can_not_be_undone() -> None:
    row = queue(make_customer(make_company(), email="kunde@firma.test"))

    told = said(signed_in(row.company).post(f"/utsendelser/{row.invoice.run_id}/angre/", follow=True))

    assert "Bare utsendelser som er startet på en side" in told
    assert delivery_of(row.invoice).status == Status.QUEUED


def test_R40_angre_stops_the_users_own_part_of_a_run_only() -> None:
    mine, other = make_company(), make_company()
    run = OpenRun(None, "page", timedelta(seconds=60))
    rows = [queue(make_customer(company), run=run) for company in (mine, other)]

    signed_in(mine).post(f"/utsendelser/{rows[0].invoice.run_id}/angre/")

    assert [delivery_of(row.invoice).status for row in rows] == [Status.CANCELLED, Status.QUEUED]


# --- the list ---------------------------------------------------------------------------------------------------------
def numbers_on(page: str, invoices: list[Invoice]) -> list[str]:
    return [invoice.number for invoice in invoices if f'href="/fakturaer/{invoice.pk}/"' in page]


@pytest.fixture
def five(monkeypatch: pytest.MonkeyPatch) -> list[Invoice]:
    """Pages of two. All came in the same moment, so that only the id tells them apart; newest first."""
    monkeypatch.setattr(invoice_list, "PAGE", 2)
    company = make_company()
    rows = [queue(make_customer(company)).invoice for _ in range(5)]
    Invoice.objects.update(created_at=timezone.now())
    return rows[::-1]


def test_the_list_pages_from_row_to_row_both_ways_newest_first(five: list[Invoice]) -> None:
    client, numbers = signed_in(five[0].company), [invoice.number for invoice in five]

    def shown(query: str) -> tuple[list[str], bool, bool]:
        page = said(client.get(f"/fakturaer/{query}"))
        return numbers_on(page, five), ">Nyere<" in page, ">Eldre<" in page

    assert shown("") == (numbers[:2], False, True)
    assert shown(f"?etter={five[1].pk}") == (numbers[2:4], True, True)
    assert shown(f"?etter={five[3].pk}") == (numbers[4:], True, False)
    assert shown(f"?for={five[4].pk}") == (numbers[2:4], True, True)
    assert shown(f"?for={five[2].pk}") == (numbers[:2], False, True)
    assert shown("?etter=nei") == (numbers[:2], False, True)


def test_a_page_keeps_its_place_when_its_edge_has_got_another_status(five: list[Invoice]) -> None:
    client, edge = signed_in(five[0].company), five[1]
    Delivery.objects.filter(invoice=edge).update(status=Status.CANCELLED)

    page = said(client.get(f"/fakturaer/?status=queued&etter={edge.pk}"))

    assert numbers_on(page, five) == [five[2].number, five[3].number]
    assert f"status=queued&amp;etter={five[3].pk}" in page


def test_the_list_uses_no_offset(five: list[Invoice]) -> None:
    with CaptureQueriesContext(connection) as captured:
        signed_in(five[0].company).get(f"/fakturaer/?etter={five[1].pk}")

    assert not [query["sql"] for query in captured if "OFFSET" in query["sql"]]


def test_the_list_filters_by_status_and_channel_and_says_when_nothing_is_there() -> None:
    company = make_company()
    client = signed_in(company)
    assert "Ingen fakturaer ennå" in said(client.get("/fakturaer/"))
    mailed, waits = sent(company), queue(make_customer(company)).invoice

    def shown(query: str) -> list[str]:
        return numbers_on(said(client.get(f"/fakturaer/?{query}")), [mailed, waits])

    assert shown("status=accepted") == [mailed.number]
    assert shown("status=queued") == [waits.number]
    assert shown("channel=email") == [mailed.number]
    assert shown(f"q={waits.number}") == [waits.number]
    assert "Ingen fakturaer passer" in said(client.get("/fakturaer/?channel=print"))


def test_an_edge_of_another_company_tells_nothing(five: list[Invoice]) -> None:
    mine = queue(make_customer(make_company())).invoice

    page = said(signed_in(mine.company).get(f"/fakturaer/?etter={five[0].pk}"))

    assert numbers_on(page, [mine, *five]) == [mine.number]


def test_the_pages_take_as_many_queries_for_many_rows_as_for_few() -> None:
    def queries(size: int, path: str) -> int:
        company, run = make_company(), OpenRun(None, "page", timedelta(seconds=60))
        for _ in range(size):
            row = queue(make_customer(company), run=run)
        client = signed_in(company)
        with CaptureQueriesContext(connection) as captured:
            client.get(path.format(run=row.invoice.run_id, invoice=row.invoice_id))
        return len(captured)

    for path in ("/fakturaer/?status=queued", "/utsendelser/{run}/", "/fakturaer/{invoice}/", "/fakturaer/send/"):
        assert queries(2, path) == queries(12, path)


def test_a_look_at_where_uploaded_files_go_keeps_and_sends_nothing() -> None:
    company = make_company()
    mailed, nowhere = make_customer(company, email="kunde@firma.test"), make_customer(company)
    before = take_in(mailed, number="1").invoice
    files_sent = [
        SimpleUploadedFile("ny.xml", ubl(mailed, number="2")),
        SimpleUploadedFile("igjen.xml", ubl(mailed, number="2", buyer_reference="annen")),
        SimpleUploadedFile("mangler.xml", ubl(nowhere, number="3")),
        SimpleUploadedFile("gammel.xml", frozen.read(before.sha256)),
        SimpleUploadedFile("tull.xml", b"tull"),
    ]

    page = signed_in(company).post("/fakturaer/send/", {"filer": files_sent, "se": "1"}).content.decode()

    for words in ("ny.xml", "E-post", "Holdes tilbake", "Tatt inn før", "Kan ikke tas inn"):
        assert words in page
    assert Invoice.objects.get() == before


def test_R38_the_look_shows_the_same_bytes_twice_as_one_invoice() -> None:
    customer = make_customer(make_company(), email="kunde@firma.test")
    client, content = signed_in(customer.company), ubl(customer, number="2")
    before = ubl(customer, number="1")
    take_in(customer, content=before)
    contents = {"en.xml": content, "to.xml": content, "gammel.xml": before, "eldre.xml": before}
    files_sent = [SimpleUploadedFile(name, content) for name, content in contents.items()]

    page = client.post("/fakturaer/send/", {"filer": files_sent, "se": "1"})

    assert list(page.context["counts"]) == [(("email", "E-post"), 1)]
    assert (page.context["same"], page.context["refused"]) == (1, 2)
    assert "Samme faktura som en.xml. Den tas inn én gang." in page.content.decode()
