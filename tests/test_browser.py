"""The pages in a real browser: the help page followed click by click, with and without script, and every page under axe."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect

from customers.models import Company, Method
from distribution.models import Activation, ProposalEdit
from tests.addresses import activation_pages_of, pages_of
from tests.chromium import BEFORE, browser, demo, signed_in, work_in  # noqa: F401  # fixtures

pytestmark = pytest.mark.xdist_group("browser")
SERIOUS = {"serious", "critical"}
# A list, a form, what one reads, what one decides; every page in every setting is in the matrix behind `--long`.
ONE_OF_EACH = ("overview", "customers", "edit customer", "invoice", "run", "worklist", "settings", "electronic invoice")


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_the_help_page_can_be_followed_click_by_click(browser: Browser, demo: str, script: bool) -> None:  # noqa: F811
    with signed_in(browser, demo, java_script_enabled=script, viewport={"width": 1280, "height": 900}) as page:
        work_in(page, BEFORE)
        # 1. Velg Mitt firma og deretter klikk på knappen Elektronisk faktura øverst i bildet.
        page.get_by_role("link", name="Mitt firma", exact=True).first.click()
        page.get_by_role("main").get_by_role("link", name="Elektronisk faktura", exact=True).click()
        # 2. Under Tilleggstjenester finner du valget Send alle fakturaer med Visma AutoInvoice.
        extra = page.get_by_role("region", name="Tilleggstjenester")
        expect(extra.get_by_role("heading", name="Send alle fakturaer med Visma AutoInvoice")).to_be_visible()
        # 3. Klikk på knappen Gå til aktivering
        extra.get_by_role("link", name="Gå til aktivering").click()
        # 4. … en liste med alle dine kunder
        rows = page.locator("table.rows tbody tr")
        expect(rows).to_have_count(Company.objects.get(name=BEFORE).customers.count())
        change(page, rows.nth(0), script)
        change(page, rows.nth(1), script)
        assert ProposalEdit.objects.filter(method=Method.SELF).count() == 2
        # 5. Når listen er klar, trykk på knappen Aktiver.
        second = page.context.new_page()
        second.goto(page.url.partition("?")[0] + "bekreft/")
        page.get_by_role("link", name="Aktiver", exact=True).click()
        confirm(page)
        expect(page.get_by_text("Tjenesten er aktivert for alle kundene.")).to_be_visible()
        confirm(second)
        expect(second.get_by_role("heading", name="Alle fakturaer sendes med Visma AutoInvoice")).to_be_visible()
    company = Company.objects.get(name=BEFORE)
    assert Activation.objects.filter(company=company).count() == 1
    # 6. … vil du kun ha 2 alternative distribusjonsmåter
    assert set(company.customers.values_list("method", flat=True)) <= {Method.AUTOINVOICE, Method.SELF, ""}
    assert company.customers.filter(method=Method.SELF).count() == 5  # three before, two by hand


def change(page: Page, row: Locator, script: bool) -> None:
    row.get_by_role("combobox").select_option(Method.SELF)
    if not script:
        page.get_by_role("button", name="Lagre endringene på siden").click()
    row.and_(page.locator(".edited")).wait_for()


def confirm(page: Page) -> None:
    page.get_by_label("Skriv firmanavnet for å bekrefte").fill(BEFORE)
    page.get_by_role("button", name="Aktiver for").click()


@pytest.mark.parametrize("width", [1280, 360])
def test_axe_finds_nothing_serious_on_any_page(browser: Browser, demo: str, width: int) -> None:  # noqa: F811
    with signed_in(browser, demo, viewport={"width": width, "height": 900}) as page:
        found = faults_of_all(page, pages_of(active_company()))
        if width == 1280:  # the phone has no room for the switcher beside the menu; the pages are the same
            page.goto("/mitt-firma/")
            work_in(page, BEFORE)
            found |= faults_of_all(page, activation_pages_of(Company.objects.get(name=BEFORE)))
    assert found == {}


@pytest.mark.parametrize("setting", [{"color_scheme": "dark"}, {"language": "en"}], ids=["dark", "English"])
def test_axe_in_the_dark_and_in_english(browser: Browser, demo: str, setting: dict[str, str]) -> None:  # noqa: F811
    scheme: Any = {"color_scheme": setting.get("color_scheme", "light")}
    with signed_in(browser, demo, viewport={"width": 1280, "height": 900}, **scheme) as page:
        if "language" in setting:
            page.locator(".account").click()
            page.get_by_role("button", name="English").click()
            expect(page.get_by_role("heading", name="My company")).to_be_visible()
        pages = pages_of(active_company())
        assert faults_of_all(page, {kind: pages[kind] for kind in ONE_OF_EACH}) == {}


def active_company() -> Company:
    return Company.objects.exclude(name=BEFORE).get()


def faults_of_all(page: Page, addresses: dict[str, str]) -> dict[str, list[str]]:
    found = {kind: faults(page, address) for kind, address in addresses.items()}
    return {kind: wrong for kind, wrong in found.items() if wrong}


def faults(page: Page, address: str) -> list[str]:
    """What axe calls serious, a page that is wider than its window, and an answer that is no page."""
    page.goto("about:blank")  # what the last page still loads, a PDF in its viewer, must not cut this one off
    answer = page.goto(address)
    assert answer is not None, address
    assert answer.ok, address
    expect(page.locator(".account"), f"signed out at {address}").to_have_count(1)
    results = Axe().run(page).response["violations"]
    wrong = [f"{one['id']}: {one['nodes'][0]['html']}" for one in results if one["impact"] in SERIOUS]
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        wrong.append("wider than the window")
    return wrong


def test_the_list_can_be_worked_by_keyboard_alone(browser: Browser, demo: str) -> None:  # noqa: F811
    with signed_in(browser, demo, viewport={"width": 1280, "height": 900}) as page:
        work_in(page, BEFORE)
        page.goto("/mitt-firma/elektronisk-faktura/aktivering/")
        reach(page, lambda name: name.startswith("metode-"))
        page.keyboard.press("I")
        page.wait_for_selector("tr.edited")
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.activeElement.id").startswith("metode-")  # and stays where it was
        reach(page, lambda name: name == "Aktiver")
        page.keyboard.press("Enter")
        page.locator("dialog:modal").wait_for()
        assert ProposalEdit.objects.get().method == Method.SELF


def test_what_is_not_saved_is_marked_and_counted_while_one_types(browser: Browser, demo: str) -> None:  # noqa: F811
    with signed_in(browser, demo, viewport={"width": 1280, "height": 900}) as page:
        page.goto("/mitt-firma/elektronisk-faktura/innstillinger/")
        page.get_by_label("Ikke send fakturaer via e-post").check()
        page.get_by_label("Bokmål").first.fill("Hei {kunde}, takk for handelen.")

        page.get_by_text("2 ulagrede endringer.").wait_for()
        expect(page.get_by_text("Lagret: av").filter(visible=True)).to_have_count(1)
        expect(page.get_by_text("Lagret: «Hei {kunde}!")).to_be_visible()
        expect(page.frame_locator("#brev .nb iframe").get_by_text("takk for handelen")).to_be_visible()
        page.get_by_label("Ikke send fakturaer via e-post").uncheck()
        page.get_by_text("1 ulagret endring.").wait_for()
        expect(page.get_by_text("Lagret: av").filter(visible=True)).to_have_count(0)


def test_R7_the_question_stands_over_the_list_and_enter_does_not_activate(browser: Browser, demo: str) -> None:  # noqa: F811
    with signed_in(browser, demo, viewport={"width": 1280, "height": 900}) as page:
        work_in(page, BEFORE)
        page.goto("/mitt-firma/elektronisk-faktura/aktivering/?sorter=nummer")
        opener, dialog = page.get_by_role("link", name="Aktiver", exact=True), page.locator("dialog:modal")
        for by_key in (True, False):
            opener.click()
            dialog.wait_for()
            expect(dialog.get_by_label("Skriv firmanavnet")).to_be_focused()
            page.keyboard.press("Escape") if by_key else dialog.get_by_role("link", name="Avbryt").click()
            dialog.wait_for(state="detached")
            expect(opener).to_be_focused()
        page.keyboard.press("Enter")
        expect(dialog.get_by_label("Skriv firmanavnet")).to_be_focused()
        page.keyboard.type("Vestbris")
        page.keyboard.press("Enter")
        dialog.get_by_text("Navnet stemmer ikke").wait_for()
        dialog.get_by_label("Skriv firmanavnet").fill("Vest")
        dialog.get_by_role("button", name="Aktiver for").click()
        dialog.locator("input[value=Vest]").wait_for()
        expect(dialog.get_by_text("Navnet stemmer ikke")).to_be_visible()
        assert page.title().startswith("Aktivering")
        assert [one for one in Axe().run(page).response["violations"] if one["impact"] in SERIOUS] == []
        dialog.get_by_label("Skriv firmanavnet").fill(BEFORE.lower())
        page.keyboard.press("Enter")
        dialog.get_by_text("Navnet stemmer.").wait_for()
        assert not Activation.objects.filter(company__name=BEFORE).exists()
        expect(dialog.get_by_role("button", name="Aktiver for")).to_be_focused()  # htmx moves it when it is settled
        page.keyboard.press("Enter")
        page.get_by_text("Tjenesten er aktivert for alle kundene.").wait_for()
    assert Activation.objects.filter(company__name=BEFORE).count() == 1


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_R6_what_a_customer_lacks_is_filled_in_from_his_row(browser: Browser, demo: str, script: bool) -> None:  # noqa: F811
    with signed_in(browser, demo, java_script_enabled=script, viewport={"width": 1280, "height": 900}) as page:
        work_in(page, BEFORE)
        page.goto("/mitt-firma/elektronisk-faktura/aktivering/?mangler=epost&sorter=-nummer")
        lacking = page.get_by_role("link", name="Fyll inn e-post for")
        before = lacking.count()
        lacking.first.click()
        page.locator("#id_email:focus").wait_for()
        page.keyboard.type("funnet@kunde.test")
        page.get_by_role("button", name="Lagre").click()
        expect(page).to_have_url(re.compile(re.escape("?mangler=epost&sorter=-nummer#metode-")))
        expect(lacking).to_have_count(before - 1)


def reach(page: Page, wanted: Callable[[str], bool]) -> None:
    """By Tab alone."""
    for _ in range(200):
        page.keyboard.press("Tab")
        if wanted(page.evaluate("document.activeElement.id || document.activeElement.innerText.trim()")):
            return
    raise AssertionError("not reached by Tab")
