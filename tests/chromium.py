"""The site with the demo in it, and Chromium looking at it."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

from tests.copies import DATABASE, copy_database
from tests.processes import environment
from tests.site import site

BEFORE = "Vestbris Vann og Varme AS"  # the demo's company that has not activated
OURS = ("data:", "chrome-extension:", "chrome:")  # the latter is the browser's own view of a PDF
expect.set_options(timeout=15_000)  # a click does not wait for the page that it leads to: what is looked for does
REFUSED = "the server responded with a status of 422"  # the browser's word on a form that came back with errors


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    program = shutil.which("chromium") or shutil.which("google-chrome")
    assert program, "bin/setup test installs Chromium"
    # Playwright runs a loop in this thread, and Django takes every query in it for a mistake; nothing here awaits.
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        started = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def demo(committed: str, data_dir: Path, loaded: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The site with the demo in it."""
    monkeypatch.setenv(
        "DJANGO_ALLOW_ASYNC_UNSAFE", "1"
    )  # playwright runs a loop in this thread; we await nothing in it
    copy_database(loaded / DATABASE, committed.removeprefix("sqlite:///"))
    shutil.copytree(loaded / "data", data_dir, dirs_exist_ok=True)
    with site(environment(data_dir, committed)) as address:
        yield address


@contextmanager
def signed_in(browser: Browser, address: str, **how: Any) -> Iterator[Page]:
    """A page of the demo's company admin. Its console must stay silent, and it asks no other host."""
    context = browser.new_context(locale="nb-NO", base_url=address, **how)
    context.set_default_timeout(15_000)
    page, said = context.new_page(), watched(context, address)
    page.goto("/mitt-firma/")
    page.get_by_label("E-post").fill("admin@demo.test")
    page.locator("input[type=password]").fill("demo")
    page.keyboard.press("Enter")
    page.locator(".firm").wait_for()
    yield page
    context.close()
    assert said == []


def watched(context: BrowserContext, address: str) -> list[str]:
    said: list[str] = []
    context.on("console", lambda message: said.append(message.text) if _is_bad(message) else None)
    context.on("request", lambda asked: None if asked.url.startswith((*OURS, address)) else said.append(asked.url))
    return said


def _is_bad(message: ConsoleMessage) -> bool:
    return message.type in ("error", "warning") and REFUSED not in message.text


def work_in(page: Page, company: str) -> None:
    page.locator(".firm").click()
    page.locator("#firma").get_by_role("button", name=company).click()
    expect(page.locator(".firm")).to_contain_text(company)
