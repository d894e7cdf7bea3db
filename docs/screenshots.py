"""Takes the pictures in README and docs from the demo: `python docs/screenshots.py`, where Chromium and bin/setup test are.

A database and a data folder of their own, thrown away afterwards.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from playwright.sync_api import Page, sync_playwright  # noqa: E402

from tests.site import site  # noqa: E402

BEFORE = "Vestbris Vann og Varme AS"
PICTURES = {
    "oversikt": "/",
    "faktura": "/fakturaer/?q=20401",
    "aktivering": "/mitt-firma/elektronisk-faktura/aktivering/",
}


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="autoinvoice-pictures-") as folder:
        url = f"sqlite:///{folder}/database.sqlite3"
        env = {**os.environ, "DATA_DIR": folder, "DATABASE_URL": url, "LOG_LEVEL": "ERROR"}
        for words in (["migrate", "--verbosity", "0"], ["demo"]):
            subprocess.run([sys.executable, "manage.py", *words], cwd=HERE.parent, env=env, check=True)
        with site(env) as address:
            take(address)


def take(address: str) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(base_url=address, locale="nb-NO", viewport={"width": 1280, "height": 860})
        sign_in(page)
        for name, path in PICTURES.items():
            if name == "aktivering":
                page.locator(".firm").click()
                page.locator("#firma").get_by_role("button", name=BEFORE).click()
            page.goto(path)
            if name == "faktura":
                page.locator("table tbody a").first.click()
            page.wait_for_load_state("networkidle")
            page.screenshot(path=HERE / f"{name}.png")
        browser.close()


def sign_in(page: Page) -> None:
    page.goto("/")
    page.get_by_label("E-post").fill("admin@demo.test")
    page.locator("input[type=password]").fill("demo")
    page.keyboard.press("Enter")
    page.locator(".firm").wait_for()


if __name__ == "__main__":
    main()
