"""The daily pages in a real browser with script switched off: every task can be done to its end."""

import re

import pytest
from playwright.sync_api import Browser, FilePayload, Page, expect

from customers.models import Company, Customer
from distribution import delivery
from distribution.models import Delivery, Invoice
from distribution.states import SENT, Status
from tests.chromium import BEFORE, browser, demo, signed_in, work_in  # noqa: F401  # fixtures
from tests.factories import org_number, ubl

pytestmark = pytest.mark.xdist_group("browser")
ACTIVE = "Fjellheim Elektro AS"
PLAIN = {"java_script_enabled": False, "viewport": {"width": 1280, "height": 900}}
SETTINGS = "/mitt-firma/elektronisk-faktura/innstillinger/"


def save(page: Page) -> None:
    page.get_by_role("button", name="Lagre", exact=True).click()


def test_settings_are_changed_and_the_history_shows_it(browser: Browser, demo: str) -> None:  # noqa: F811
    with signed_in(browser, demo, **PLAIN) as page:
        work_in(page, ACTIVE)
        page.goto(SETTINGS)
        page.get_by_label("Bokmål").first.fill("Hei {kunde}, her er {nummer}.")
        page.get_by_label("Ikke send fakturaer via e-post").check()
        page.get_by_role("button", name="Vis med det du har skrevet").click()
        expect(page.get_by_label("Ikke send fakturaer via e-post")).to_be_checked()
        expect(page.get_by_text("2 ulagrede endringer.")).to_be_visible()
        expect(page.get_by_text("Lagret: av").filter(visible=True)).to_have_count(1)
        save(page)

        expect(page.get_by_text("2 innstillinger er endret.")).to_be_visible()
        page.get_by_text("Alle endringer (").click()
        row = page.get_by_role("row").filter(has_text="Ikke send fakturaer via e-post")
        told = ["Jonas Vik", "Ikke send fakturaer via e-post", "Av", "På"]
        expect(row.get_by_role("cell")).to_have_text([re.compile(r"\d"), *told])
        expect(page.get_by_role("cell", name="Hei {kunde}, her er {nummer}.")).to_be_visible()


def test_a_customer_is_made_corrected_and_edited(browser: Browser, demo: str) -> None:  # noqa: F811
    number = org_number(33_500_000)
    with signed_in(browser, demo, **PLAIN) as page:
        work_in(page, BEFORE)
        page.goto("/kunder/")
        page.get_by_role("link", name="Ny kunde").click()
        page.get_by_label("Navn", exact=True).fill("Nordnes Bok AS")
        page.get_by_label("Kundenummer", exact=True).fill("77001")
        page.get_by_label("Organisasjonsnummer").fill("123456789")
        save(page)

        field = page.get_by_label("Organisasjonsnummer")
        wrong = page.locator(".field.bad")
        expect(wrong.locator("label")).to_have_text("Organisasjonsnummer")
        expect(wrong.locator(".error")).to_contain_text("123456789")
        expect(field).to_have_value("123456789")
        expect(page.get_by_label("Navn", exact=True)).to_have_value("Nordnes Bok AS")

        field.fill(number)
        save(page)
        expect(page.get_by_role("heading", name="Nordnes Bok AS")).to_be_visible()
        page.get_by_role("main").get_by_role("link", name="Rediger").first.click()
        page.get_by_label("E-post", exact=True).fill("post@nordnes.test")
        save(page)
        expect(page.get_by_text("Kunden er lagret.")).to_be_visible()
    customer = Customer.objects.get(company__name=BEFORE, number="77001")
    assert (customer.org_number, customer.email) == (number, "post@nordnes.test")


def test_customers_are_imported_from_a_file(browser: Browser, demo: str) -> None:  # noqa: F811
    content = "Kundenummer;Navn;E-post\n88001;Fana Frukt AS;post@fana.test\n88002;Laksevåg Lys AS;post@laks.test\n"
    with signed_in(browser, demo, **PLAIN) as page:
        work_in(page, BEFORE)
        page.goto("/kunder/importer/")
        page.get_by_label("Fil", exact=True).set_input_files(file("kunder.csv", content.encode(), "text/csv"))
        page.get_by_role("button", name="Vis hva som blir gjort").click()
        expect(page.get_by_role("row").filter(has_text="Fana Frukt AS")).to_be_visible()
        page.get_by_role("button", name="Importer 2 kunder").click()
        expect(page.get_by_text("2 kunder er importert.")).to_be_visible()
    assert Company.objects.get(name=BEFORE).customers.filter(number__in=["88001", "88002"]).count() == 2


def test_files_are_sent_and_the_broken_one_is_told(browser: Browser, demo: str) -> None:  # noqa: F811
    one, two = Customer.objects.filter(company__name=ACTIVE, email__contains="@").order_by("pk")[:2]
    files = [
        file("en.xml", ubl(one, number="91001")),
        file("to.xml", ubl(two, number="91002")),
        file("brukket.xml", b"<Invoice>"),
    ]
    with signed_in(browser, demo, **PLAIN) as page:
        work_in(page, ACTIVE)
        page.goto("/fakturaer/send/")
        page.locator("#filer").set_input_files(files)
        page.get_by_role("button", name="Send", exact=True).click()

        expect(page.get_by_role("heading", name="2 fakturaer er tatt inn")).to_be_visible()
        refused = page.get_by_role("region", name="Ikke tatt inn").get_by_role("row")
        expect(refused).to_have_count(2)  # with the head
        expect(refused.last).to_contain_text("brukket.xml")
        page.get_by_role("link", name="Gå til utsendelsen").click()
        expect(page.get_by_role("heading", name="Regnskap")).to_be_visible()
        expect(page.get_by_role("row").filter(has_text="Inn · stemmer")).to_contain_text("2")
    runs = set(Invoice.objects.filter(number__in=["91001", "91002"]).values_list("run", flat=True))
    assert len(runs) == 1


def test_one_held_back_is_mended_and_sent_from_the_worklist(browser: Browser, demo: str) -> None:  # noqa: F811
    held = Delivery.objects.filter(status=Status.HELD, company__name=ACTIVE, invoice__customer__electronic_only=False)
    number = held.filter(invoice__customer__email="").earliest("pk").invoice.number
    with signed_in(browser, demo, **PLAIN) as page:
        work_in(page, ACTIVE)
        page.goto("/utsendelser/oppgaver/")
        page.get_by_role("row").filter(has_text=number).get_by_role("link", name="Fyll ut kunden").click()
        page.get_by_label("E-post", exact=True).fill("ny@kunde.test")
        save(page)
        expect(page).to_have_url(re.compile("/utsendelser/oppgaver/$"))
        page.get_by_role("button", name="som nå kan gå").click()
        expect(page.get_by_role("status").filter(has_text="1 faktura er lagt i kø.")).to_be_visible()
        while delivery.run():
            pass
        page.goto("/utsendelser/oppgaver/")
        expect(page.get_by_role("row").filter(has_text=number)).to_have_count(0)
    last = Invoice.objects.select_related("last_delivery").get(number=number, company__name=ACTIVE).last_delivery
    assert last is not None
    assert (last.status in SENT, last.channel) == (True, "email")


def file(name: str, content: bytes, kind: str = "application/xml") -> FilePayload:
    return {"name": name, "mimeType": kind, "buffer": content}
