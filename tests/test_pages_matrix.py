"""Every page in a real browser, in each language, light and dark, wide and narrow; with nothing in it, with the demo, and with a
hundred thousand customers. What a test of each commit takes is one page of each kind; the whole matrix is behind `--long`."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from playwright.sync_api import Browser, Page

from customers.models import Company, User
from distribution import delivery
from distribution.prediction import look_up, predict
from distribution.views.predicted import COUNTED_AT_ONCE
from tests import chromium
from tests.addresses import pages_of
from tests.chromium import BEFORE, signed_in, work_in
from tests.distribution.test_promise_at_scale import fill
from tests.factories import make_company, make_user, take_in
from tests.processes import environment
from tests.site import site
from tests.test_browser import faults

pytestmark = pytest.mark.xdist_group("browser")
browser, demo = chromium.browser, chromium.demo
MANY = 100_000
WIDTHS, SCHEMES, LANGUAGES = (1280, 360), ("light", "dark"), ("nb", "en")
MOST_BYTES = 200_000
MOST_SHIFT = 0.01


@dataclass(frozen=True, slots=True)
class Setting:
    width: int = 1280
    scheme: str = "light"
    language: str = "nb"


EVERY = [Setting(*one) for one in product(WIDTHS, SCHEMES, LANGUAGES)]


@pytest.fixture
def many(request: pytest.FixtureRequest) -> int:
    if not request.config.getoption("--long"):
        pytest.skip("of the long form")
    return MANY


@contextmanager
def site_of(data_dir: Path, database: str, customers: int) -> Iterator[str]:
    """One company before activation with so many customers, and an invoice to each of the first ten."""
    user = make_user("admin@demo.test", first_name="Kari", last_name="Nordmann")
    user.password = PBKDF2PasswordHasher().encode("demo", "salt")  # the site reads no quicker ones
    user.save(update_fields=["password"])
    company = make_company(activated=False, admin=user, name=BEFORE)
    if customers:
        fill(company, customers, random.Random(8))
        for one in company.customers.select_related("company", "parent__company").order_by("pk")[:10]:
            take_in(one, user=user)
        while delivery.run():
            pass
        look_up(company)
        predict(company)
    with site(environment(data_dir, database)) as address:
        yield address


@pytest.fixture
def empty(committed: str, data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # as test_browser.demo
    with site_of(data_dir, committed, 0) as address:
        yield address


@pytest.fixture
def crowded(many: int, committed: str, data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    with site_of(data_dir, committed, many) as address:
        yield address


@contextmanager
def at(browser: Browser, address: str, setting: Setting, company: Company) -> Iterator[Page]:
    """Signed in, with the company and the language chosen where there is room for it."""
    scheme: Any = setting.scheme
    with signed_in(browser, address, viewport={"width": 1280, "height": 900}, color_scheme=scheme) as page:
        work_in(page, company.name)
        User.objects.filter(email="admin@demo.test").update(language=setting.language)
        page.set_viewport_size({"width": setting.width, "height": 900})
        yield page


def wrong_with(page: Page, address: str) -> list[str]:
    """What axe calls serious, and a page that is too wide, too heavy, or moves while it loads."""
    wrong = faults(page, address)
    page.wait_for_load_state("networkidle")
    measured = page.evaluate(MEASURED)
    if measured["bytes"] > MOST_BYTES:
        wrong.append(f"{measured['bytes']} bytes")
    if measured["shift"] > MOST_SHIFT:
        wrong.append(f"moves by {measured['shift']:.3f}")
    return wrong


# HTML with the parts that are fetched, CSS and JS, unpacked; a PDF or an image is in a frame or a picture and does not count.
MEASURED = """async () => {
  let shift = 0;
  const add = entries => { for (const one of entries) if (!one.hadRecentInput) shift += one.value; };
  const observer = new PerformanceObserver(list => add(list.getEntries()));
  observer.observe({ type: "layout-shift", buffered: true });
  await new Promise(done => setTimeout(done, 100));
  add(observer.takeRecords());
  const fetched = performance.getEntriesByType("resource")
    .filter(one => ["link", "script", "css", "xmlhttprequest", "fetch"].includes(one.initiatorType));
  const all = [performance.getEntriesByType("navigation")[0], ...fetched];
  return { shift, bytes: all.reduce((sum, one) => sum + one.decodedBodySize, 0) };
}"""


def faults_in(browser: Browser, address: str, setting: Setting, company: Company, *kinds: str) -> dict[str, list[str]]:
    """Of these kinds of pages, by default of all."""
    pages = pages_of(company)
    with at(browser, address, setting, company) as page:
        found = {f"{setting} {kind}": wrong_with(page, pages[kind]) for kind in kinds or pages}
    return {where: wrong for where, wrong in found.items() if wrong}


def test_the_pages_of_an_empty_company_are_sound(browser: Browser, empty: str) -> None:
    assert faults_in(browser, empty, Setting(360), Company.objects.get()) == {}


def test_a_page_of_each_kind_is_sound_on_a_phone_in_the_dark_in_english(browser: Browser, demo: str) -> None:
    setting, before = Setting(360, "dark", "en"), Company.objects.get(name=BEFORE)
    active = Company.objects.exclude(pk=before.pk).get()
    kinds = ("customers", "invoices", "edit customer", "customer", "invoice")
    assert faults_in(browser, demo, setting, active, *kinds) == {}
    assert faults_in(browser, demo, setting, before, "activation") == {}


def test_the_activation_list_is_sound_where_its_numbers_come_later(
    browser: Browser, committed: str, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    with site_of(data_dir, committed, COUNTED_AT_ONCE + 1) as address:
        company = Company.objects.get()
        found = [faults_in(browser, address, Setting(width), company, "activation") for width in WIDTHS]
    assert found == [{}, {}]


@pytest.mark.parametrize("world", ["empty", "demo", "crowded"])
def test_every_page_is_sound_in_every_setting(
    browser: Browser, many: int, world: str, request: pytest.FixtureRequest
) -> None:
    address, found = request.getfixturevalue(world), dict[str, list[str]]()
    for company in Company.objects.order_by("pk"):
        for setting in EVERY:
            found |= faults_in(browser, address, setting, company)
    assert found == {}
