"""The pages without a mouse: Tab alone reaches every link, button and field, shows where it is, and is caught nowhere."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from customers.models import Company
from tests import chromium, test_pages_matrix
from tests.addresses import pages_of
from tests.chromium import BEFORE
from tests.test_pages_matrix import WIDTHS, Setting, at

pytestmark = pytest.mark.xdist_group("browser")
browser, demo, many = chromium.browser, chromium.demo, test_pages_matrix.many
DATE_PARTS = 5
OF_EACH_KIND = ("customers", "edit customer", "write an invoice", "invoice held", "settings")
# A group of radio buttons is one stop, and so is the viewer of a PDF, whatever it holds itself; a date has a stop for each part.
LIST = """() => {
  const stops = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']";
  const seen = one => one.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true });
  const stop = one => !one.disabled && !one.closest("[inert], [aria-hidden=true]") && seen(one);
  const group = one => one.type === "radio" ? `${one.form?.id}/${one.name}` : one;
  window.wanted = new Map([...document.querySelectorAll(stops)].filter(stop).map(one => [group(one), one]));
  window.groupOf = group;
  window.reached = new Set();
  return window.wanted.size;
}"""
STEP = """() => {
  const one = document.activeElement;
  if (!one || one === document.body) return "out";
  if (["IFRAME", "EMBED", "OBJECT"].includes(one.tagName)) return "frame";
  const known = window.reached.has(window.groupOf(one));
  window.reached.add(window.groupOf(one));
  if (known) return "again";
  const style = getComputedStyle(one);
  const shown = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1;
  return one.matches(":focus-visible") && shown ? "on" : "unseen: " + one.outerHTML.slice(0, 150);
}"""
REST = """() => [...window.wanted].filter(([group]) => !window.reached.has(group)).map(([, one]) => one.outerHTML.slice(0, 150))"""


def walked(page: Page, address: str) -> list[str]:
    """What is wrong when the page is walked from its beginning to its end."""
    page.goto("about:blank")
    page.goto(address)
    page.wait_for_load_state("networkidle")
    wrong, still = [], 0
    number: int = page.evaluate(LIST)
    for _ in range(2 * number + 40):
        page.keyboard.press("Tab")
        said: str = page.evaluate(STEP)
        still = still + 1 if said in ("again", "out") else 0
        if said.startswith("unseen"):
            wrong.append(said)
        if still > DATE_PARTS:
            break
    left: list[Any] = page.evaluate(REST)
    return wrong + [f"not reached: {one}" for one in left]


def faults_of(browser: Browser, address: str, width: int, company: Company, *kinds: str) -> dict[str, list[str]]:
    pages = pages_of(company)
    with at(browser, address, Setting(width), company) as page:
        found = {f"{width} {kind}": walked(page, pages[kind]) for kind in kinds or pages}
    return {where: wrong for where, wrong in found.items() if wrong}


def test_tab_alone_reaches_all_of_a_page_of_each_kind(browser: Browser, demo: str) -> None:
    before = Company.objects.get(name=BEFORE)
    active = Company.objects.exclude(pk=before.pk).get()
    assert faults_of(browser, demo, 1280, active, *OF_EACH_KIND) == {}
    assert faults_of(browser, demo, 1280, before, "activation", "activate") == {}


def test_tab_alone_reaches_all_of_every_page(browser: Browser, many: int, demo: str) -> None:
    found = dict[str, list[str]]()
    for company in Company.objects.order_by("pk"):
        for width in WIDTHS:
            found |= faults_of(browser, demo, width, company)
    assert found == {}
