"""The customer's link in a real browser: narrow and wide, light and dark, in both languages, with and without script."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect

from customers.models import Membership, Role
from distribution.documents.invoice import DocumentType, Line
from distribution.documents.sums import sums_of
from distribution.models import Delivery, Event, Invoice, Recipient
from distribution.states import RecipientState
from tests.chromium import browser, signed_in, watched  # noqa: F401  # fixtures
from tests.factories import kinds, make_user
from tests.linking import linking_company, mailed, path_of
from tests.processes import environment
from tests.site import site
from tests.test_browser import SERIOUS

pytestmark = pytest.mark.xdist_group("browser")
SETTINGS = [(320, "light", "nb-NO"), (360, "dark", "en-GB"), (1280, "light", "en-GB"), (1280, "dark", "nb-NO")]


@dataclass(frozen=True, slots=True)
class World:
    address: str
    invoice: Invoice
    credit: Invoice


@pytest.fixture
def world(committed: str, data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A company with a logo, an invoice with all that makes a page wide, and a credit note; each mailed as a link."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # as test_browser.demo
    user = make_user("admin@demo.test", first_name="Kari", last_name="Nordmann")
    user.password = PBKDF2PasswordHasher().encode("demo", "salt")  # the site reads no quicker ones
    user.save(update_fields=["password"])
    company = linking_company(name="Fjordglimt Rørleggerservice og Varmeteknikk AS")
    Membership.objects.create(user=user, company=company, role=Role.ACCOUNTANT)
    drawn = BytesIO()
    Image.new("RGB", (300, 80), "teal").save(drawn, "PNG")
    FileSystemStorage(data_dir / "media").save(
        f"logos/{company.pk}.png", ContentFile(drawn.getvalue())
    )  # as the site has it
    sums = sums_of([line("Bytte av varmtvannsbereder", 25), line("Reise" * 20, 12), line("Tur-retur", 0)])
    notes = ("Takk for oppdraget!", "Spørsmål: " + "x" * 80)
    wide = mailed(company, number="4711", lines=sums.lines, vat=sums.vat, totals=sums.totals, notes=notes)
    credit = mailed(company, kind=DocumentType.CREDIT_NOTE)
    with site(environment(data_dir, committed)) as address:
        yield World(address, wide, credit)


def line(name: str, rate: int) -> Line:
    return Line(
        id=name[:5],
        name=name,
        description="Med deler, og rigging før og etter",
        quantity=Decimal("12.5"),
        unit="HUR",
        price=Decimal("98765.432"),
        net_amount=Decimal("1234567.90"),
        vat_category="S" if rate else "Z",
        vat_rate=Decimal(rate),
    )


def test_the_page_is_sound_on_every_screen_and_a_click_copies(browser: Browser, world: World) -> None:  # noqa: F811
    found: dict[str, list[str]] = {}
    for width, scheme, locale in SETTINGS:
        how: Any = {"viewport": {"width": width, "height": 900}, "color_scheme": scheme, "locale": locale}
        context = browser.new_context(base_url=world.address, **how)
        page, said = context.new_page(), watched(context, world.address)
        for kind, path in (("invoice", path_of(world.invoice)), ("credit", path_of(world.credit))):
            assert page.goto(path), path
            found[f"{kind} {width} {scheme} {locale}"] = faults(page)
        page.goto(path_of(world.invoice))
        assert page.evaluate("document.images[0].naturalWidth") == 300
        copies(context, page, "KID", "1234567890128")
        assert said == []
        context.close()
    assert {where: wrong for where, wrong in found.items() if wrong} == {}
    assert kinds(world.invoice).count("link_opened") == 1


def copies(context: BrowserContext, page: Page, label: str, value: str) -> None:
    button = page.locator(".to-pay div", has_text=label).get_by_role("button")
    width = button.evaluate("one => one.offsetWidth")
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    button.click()
    expect(page.get_by_role("status")).to_contain_text(value)
    assert page.evaluate("navigator.clipboard.readText()") == value
    assert button.evaluate("one => one.offsetWidth") == width
    forbid_the_clipboard(context, page)
    button.click()
    page.wait_for_function("value => String(getSelection()) === value", arg=value)  # marked, to be copied by hand


def forbid_the_clipboard(context: BrowserContext, page: Page) -> None:
    """As the browser inside an app does."""
    session = context.new_cdp_session(page)
    facts = {"permission": {"name": "clipboard-write"}, "setting": "denied", "origin": page.evaluate("location.origin")}
    own = session.send("Target.getTargetInfo")["targetInfo"]["browserContextId"]
    session.send("Browser.setPermission", {**facts, "browserContextId": own})


def faults(page: Page) -> list[str]:
    results = Axe().run(page).response["violations"]
    wrong = [f"{one['id']}: {one['nodes'][0]['html']}" for one in results if one["impact"] in SERIOUS]
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        wrong.append("wider than the window")
    return wrong


def to_several(invoice: Invoice) -> None:
    """As if it had gone to twelve long addresses (T70)."""
    states, to = list(RecipientState), [f"mottaker-{n}.med-et-langt-navn@avdeling.kunde.example" for n in range(12)]
    row = Delivery.objects.get(invoice=invoice)
    Delivery.objects.filter(pk=row.pk).update(to=to)
    Recipient.objects.bulk_create(
        Recipient(delivery=row, address=one, state=states[n % len(states)]) for n, one in enumerate(to)
    )


def test_without_script_it_all_stands_there_and_the_sender_can_take_it_back(browser: Browser, world: World) -> None:  # noqa: F811
    reader = browser.new_page(base_url=world.address, java_script_enabled=False, locale="nb-NO")
    reader.goto(path_of(world.invoice))
    expect(reader.get_by_text("1234567890128", exact=True)).to_be_visible()
    expect(reader.get_by_role("button")).to_have_count(0)
    to_several(world.invoice)
    with signed_in(browser, world.address, viewport={"width": 360, "height": 800}) as page:
        page.goto(f"/fakturaer/{world.invoice.pk}/")
        expect(page.get_by_text("mottaker-0.med-et-langt-navn")).to_be_visible()
        assert faults(page) == []
        page.get_by_role("link", name="Trekk tilbake lenken").click()
        assert faults(page) == []
        page.get_by_role("button", name="Trekk tilbake lenken").click()
        expect(page.get_by_text("Lenken er trukket tilbake, og virker ikke lenger.")).to_be_visible()
    reader.reload()
    expect(reader.get_by_role("heading", name="Lenken virker ikke")).to_be_visible()
    assert "4711" not in reader.content()
    assert Event.objects.get(invoice=world.invoice, kind="link_withdrawn").user is not None
