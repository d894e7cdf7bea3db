"""The mails in a real browser: on the narrowest phone, in the dark, with images off, and as «Innstillinger» shows them."""

from dataclasses import replace
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from distribution.states import ChannelName
from tests.chromium import browser, demo, signed_in  # noqa: F401  # fixtures
from tests.distribution.channels.contract import DOCUMENT
from tests.distribution.channels.test_email import body
from tests.distribution.channels.test_mail_words import WAYS, logo, mail, sender
from tests.test_browser import SERIOUS

pytestmark = pytest.mark.xdist_group("browser")
LONG = "W" * 300
WORST = replace(
    DOCUMENT,
    number="9" * 90,
    payment_id="1" * 140,
    account="A" * 60,
    buyer=replace(DOCUMENT.buyer, name=LONG),
)


def shown(browser: Browser, html: str, **how: Any) -> Page:  # noqa: F811
    page = browser.new_context(viewport={"width": 320, "height": 640}, **how).new_page()
    page.set_content(html)
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("way", WAYS)
def test_a_mail_can_be_read_in_the_light_and_in_the_dark(browser: Browser, way: str, scheme: str) -> None:  # noqa: F811
    page = shown(browser, body(mail(**WAYS[way]), "html"), color_scheme=scheme)

    results = Axe().run(page).response["violations"]
    assert [f"{one['id']}: {one['nodes'][0]['html']}" for one in results if one["impact"] in SERIOUS] == []
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert background == ("rgb(255, 255, 255)" if scheme == "light" else "rgb(18, 25, 27)")
    assert float(page.evaluate("getComputedStyle(document.querySelector('p')).fontSize").removesuffix("px")) >= 16
    page.context.close()


@pytest.mark.parametrize("channel", [ChannelName.EMAIL, ChannelName.TO_USER])
def test_F34_no_word_makes_it_wider_than_a_small_phone(browser: Browser, channel: ChannelName) -> None:  # noqa: F811
    message = mail(
        channel,
        open_document=lambda: WORST,
        sender=sender(name=LONG),
        email_text="{kunde}" + "x" * 500,
        page="http://127.0.0.1/" + "y" * 200,
        attach_pdf=False,
    )
    page = shown(browser, body(message, "html"))

    assert page.evaluate("document.documentElement.scrollWidth") == 320
    page.context.close()


def test_with_images_off_the_companys_name_stands_in_the_logos_place(browser: Browser) -> None:  # noqa: F811
    """A browser can't find a part of a mail: that is how it looks where images are blocked."""
    page = shown(browser, body(mail(sender=sender(logo=logo())), "html"))

    picture = page.get_by_role("img", name="Fjellro Kaffe AS")
    expect(picture).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    page.context.close()


def test_the_preview_looks_as_the_mail_and_runs_nothing(browser: Browser, demo: str) -> None:  # noqa: F811
    """In the style of the mail, which the site's own rules for styles would not let through; the console stays silent."""
    with signed_in(browser, demo, viewport={"width": 1280, "height": 900}) as page:
        page.goto("/mitt-firma/elektronisk-faktura/innstillinger/")
        frame = page.frame_locator("#brev .nb iframe")

        amount = frame.locator("strong").filter(has_text="kr").first
        expect(amount).to_be_visible()
        assert amount.evaluate("element => getComputedStyle(element).fontSize") == "28px"
        page.get_by_text("Ren tekst").click()
        expect(page.locator("#brev .nb pre")).to_be_visible()
        expect(page.locator("#brev .nb iframe")).to_be_hidden()
