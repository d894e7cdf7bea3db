"""R11: what Chromium prints, as many invoicing programs do, is understood like what we lay out ourselves."""

from typing import Any

import pytest
from playwright.sync_api import Browser

from distribution.documents.own_pdf.findings import Code
from distribution.documents.own_pdf.placement import MARGIN, WINDOW
from tests.chromium import browser as browser
from tests.distribution.documents.own_pdf.making import codes, look

pytestmark = pytest.mark.xdist_group("browser")
PAGE = """<style>
  @page { margin: 0 }
  body { margin: 95mm 20mm 20mm 22mm; font: 11pt sans-serif; background: #fff }
  i { position: absolute; left: %smm; top: %smm }
  td { border-bottom: 1px solid #888 }
</style>
<h1>Faktura 10427</h1><table><tr><td>Filterkaffe<td>119,00</table>
<svg width="80" height="40"><linearGradient id="g"><stop offset="0"/><stop offset="1" stop-color="red"/></linearGradient>
<rect width="80" height="40" rx="9" fill="url(#g)"/></svg> <a href="https://firma.test">firma.test</a><i>x</i>"""


def printed(browser: Browser, left: int = 100, top: int = 200, **how: Any) -> bytes:
    page = browser.new_page()
    page.set_content(PAGE % (left, top))
    content: bytes = page.pdf(format="A4", print_background=True, **how)
    page.close()
    return content


def test_a_page_with_its_margins_goes_as_it_came(browser: Browser) -> None:
    content = printed(browser)
    examined = look(content, MARGIN, WINDOW)
    assert (examined.findings, examined.mended, examined.content) == ((), (), content)


def test_a_letter_in_the_margin_or_in_the_window_is_seen(browser: Browser) -> None:
    assert codes(printed(browser, left=5), MARGIN, WINDOW) == ["INSUFFICIENT_MARGIN_FOR_PRINT"]
    assert codes(printed(browser, left=40, top=40), MARGIN, WINDOW) == ["CONTENT_IN_ADDRESS_WINDOW"]


def test_a_page_in_landscape_is_turned(browser: Browser) -> None:
    examined = look(printed(browser, landscape=True))
    assert (examined.findings, [one.code for one in examined.mended]) == ((), [Code.LANDSCAPE])
