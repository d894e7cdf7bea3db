"""Takes pictures of the demo's mails into docs/mails: `python docs/mails.py`, where Chromium and bin/setup test are.

A sheet for each kind of mail: narrow and wide, light and dark, in each language, with a logo, with images off, without a logo.
What a mail carries as a part (`cid:`) is put into its HTML for the picture. A database of their own, thrown away afterwards.
"""

import base64
import email
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from email.policy import default
from io import BytesIO
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from PIL import Image, ImageDraw, ImageFont  # noqa: E402
from playwright.sync_api import Browser, sync_playwright  # noqa: E402

if TYPE_CHECKING:
    from distribution.models import Invoice

KINDS = ("faktura", "kreditnota", "lenke", "til-bruker", "i-retur")
ROWS = (("nb", "logo"), ("nb", "images off"), ("nb", "no logo"), ("en", "logo"), ("en", "no logo"))
WIDTHS, SCHEMES = (360, 800), ("light", "dark")
GAP, LABEL, COLOURS = 16, 22, 64


@dataclass(frozen=True, slots=True)
class Tile:
    column: int
    row: int
    label: str
    picture: Image.Image


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="autoinvoice-mails-") as folder:
        os.environ |= {
            "DATA_DIR": folder,
            "DATABASE_URL": f"sqlite:///{folder}/database.sqlite3",
            "LOG_LEVEL": "ERROR",
            "DJANGO_SETTINGS_MODULE": "autoinvoice_site.settings",
            "DJANGO_ALLOW_ASYNC_UNSAFE": "1",  # playwright runs a loop in this thread; we await nothing in it
        }
        for words in (["migrate", "--verbosity", "0"], ["demo"]):
            subprocess.run([sys.executable, "manage.py", *words], cwd=HERE.parent, check=True)
        import django

        django.setup()
        (HERE / "mails").mkdir(exist_ok=True)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
            for kind in KINDS:
                sheet(list(tiles(browser, kind))).save(HERE / "mails" / f"{kind}.png", optimize=True)
            browser.close()


def tiles(browser: Browser, kind: str) -> Iterator[Tile]:
    for row, (language, logo) in enumerate(ROWS):
        if (logo == "images off" and kind != "faktura") or (kind == "i-retur" and logo != "no logo"):
            continue  # the head is the same in all; a mail of the site itself has no logo
        html = html_of(kind, language, logo)
        for column, (width, scheme) in enumerate(product(WIDTHS, SCHEMES)):
            label = f"{kind}, {language}, {logo}, {width} px, {scheme}"
            yield Tile(column, row, label, taken(browser, html, width, scheme))


def html_of(kind: str, language: str, logo: str) -> str:
    """Of the mail that the channel makes."""
    invoice = example(kind)
    if kind == "i-retur":
        return notice_html(invoice, language)
    made: Any = email.message_from_bytes(composed(kind, invoice, language, logo), policy=default)
    html = str(made.get_body(("html",)).get_content())
    pictures = [part for part in made.walk() if part.get_content_type() == "image/png"]
    for part in pictures if logo == "logo" else []:
        shown = base64.b64encode(part.get_content()).decode()
        html = html.replace(f"cid:{part['Content-ID'].strip('<>')}", f"data:image/png;base64,{shown}")
    return html


def example(kind: str) -> "Invoice":
    from distribution.models import Invoice

    rows = Invoice.objects.select_related("company", "customer", "sent_by").order_by("pk")
    if kind == "kreditnota":
        return rows.filter(document_type="credit_note")[0]
    way = {"til-bruker": "to_user", "i-retur": "email"}.get(kind, "email")
    return rows.filter(document_type="invoice", last_delivery__channel=way)[0]


def composed(kind: str, invoice: "Invoice", language: str, logo: str) -> bytes:
    from dataclasses import replace

    from distribution.channels.registry import channel_for
    from distribution.choices import settings_of
    from distribution.preview import brief_of
    from distribution.states import ChannelName

    chosen = settings_of(invoice.company)
    chosen.attach_pdf = kind != "lenke"
    brief = brief_of(invoice.company, chosen, invoice, language, ("kunde@firma.example",), own_pdf=b"%PDF-1.7")
    drawn = b"" if logo == "no logo" else wordmark()
    brief = replace(brief, sender=replace(brief.sender, logo=drawn))
    channel = ChannelName.TO_USER if kind == "til-bruker" else ChannelName.EMAIL
    return channel_for(channel).prepare(brief).data


def notice_html(invoice: "Invoice", language: str) -> str:
    from distribution.models import Delivery
    from distribution.notices import bounce_notice
    from distribution.states import ChannelName

    assert invoice.sent_by is not None
    invoice.sent_by.language = language
    delivery = Delivery.objects.filter(invoice=invoice)[0]
    delivery.invoice = invoice
    answer = "550 5.1.1 <faktura@kunde.example>: Recipient address rejected: User unknown in virtual mailbox table"
    message = bounce_notice(delivery, "faktura@kunde.example", answer, ChannelName.PRINT)
    return str(message.alternatives[0][0])


def wordmark() -> bytes:
    """A logo as companies have them: dark letters on nothing, which a dark page would swallow."""
    drawn, out = Image.new("RGBA", (600, 160), (0, 0, 0, 0)), BytesIO()
    pen = ImageDraw.Draw(drawn)
    pen.polygon([(10, 140), (80, 20), (150, 140)], fill=(20, 70, 60, 255))
    pen.text((175, 40), "fjellheim", fill=(20, 40, 50, 255), font=ImageFont.load_default(84))
    drawn.save(out, "PNG")
    return out.getvalue()


def taken(browser: Browser, html: str, width: int, scheme: Any) -> Image.Image:
    context = browser.new_context(viewport={"width": width, "height": 200}, color_scheme=scheme, locale="nb-NO")
    page = context.new_page()
    page.set_content(html)
    wide = page.evaluate("document.documentElement.scrollWidth")
    if wide > width:
        raise RuntimeError(f"{wide} pixels wide on a screen of {width}")
    picture = Image.open(BytesIO(page.screenshot(full_page=True))).convert("RGB")
    context.close()
    return picture


def sheet(of: list[Tile]) -> Image.Image:
    """In as many colours as it takes: most of it is one."""
    widths = [max(one.picture.width for one in of if one.column == column) for column in range(4)]
    rows = sorted({one.row for one in of})
    heights = {row: max(one.picture.height for one in of if one.row == row) for row in rows}
    size = (sum(widths) + GAP * 5, sum(heights.values()) + (LABEL + GAP) * len(rows) + GAP)
    whole = Image.new("RGB", size, "#8a9496")
    pen, font = ImageDraw.Draw(whole), ImageFont.load_default(15)
    for one in of:
        left = GAP + sum(widths[: one.column]) + GAP * one.column
        top = GAP + sum(heights[row] + LABEL + GAP for row in rows if row < one.row)
        pen.text((left, top), one.label, fill="black", font=font)
        whole.paste(one.picture, (left, top + LABEL))
    return whole.quantize(COLOURS)


if __name__ == "__main__":
    main()
