"""No page in English shows a Norwegian word, and no text of the code is missing in the catalogue."""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import lxml.html
import polib
import pytest
from django.test import Client
from django.urls import reverse

from autoinvoice_site.environment import BASE_DIR
from customers.models import Language, Membership, Role
from distribution import delivery
from distribution.prediction import predict
from tests.factories import ADDRESS, make_company, make_customer, make_user, queue
from tests.test_access import BY_ID, OF_ONES_OWN

CATALOGUE = Path("autoinvoice_site", "locale", "en", "LC_MESSAGES", "django.po")
WORD = re.compile(r"[^\W\d_]{3,}")
NOT_A_PAGE = {"company-logo", "invoice-xml", "invoice-pdf", "invoice-evidence", "frozen-file"}


@pytest.fixture(scope="module")
def norwegian() -> set[str]:
    """Words of the Norwegian texts that no English text has."""
    entries = polib.pofile(str(BASE_DIR / CATALOGUE))
    ours = words(" ".join(f"{entry.msgid} {entry.msgid_plural}" for entry in entries))
    english = words(" ".join(" ".join([entry.msgstr, *entry.msgstr_plural.values()]) for entry in entries))
    return ours - english


def words(text: str) -> set[str]:
    return {word.casefold() for word in WORD.findall(text)}


def visible(page: str) -> str:
    """What is read and what is read aloud; not what stands in Norwegian on purpose, and not the names of a mail's fields."""
    tree: Any = lxml.html.fromstring(page)
    for element in tree.xpath("//script|//style|//*[@lang='nb']"):
        element.drop_tree()
    spoken = tree.xpath("//@aria-label|//@title|//@placeholder|//@data-l|//@alt")
    return re.sub(r"\{\w+\}", " ", " ".join([*tree.itertext(), *spoken]))


@pytest.mark.django_db
@pytest.mark.parametrize("activated", [True, False], ids=["activated", "not activated"])
def test_no_page_in_english_has_a_norwegian_word(activated: bool, norwegian: set[str]) -> None:
    user, company = make_user(language=Language.EN), make_company(activated=activated, name="Acme Ltd")
    Membership.objects.create(user=user, company=company, role=Role.ADMIN)
    rows = [
        queue(make_customer(company, name=f"Buyer {facts}", **facts))
        for facts in ({"email": "a@b.test"}, ADDRESS, {}, {"method": "self"})
    ]
    while delivery.run():
        pass
    predict(company)
    client = Client()
    client.force_login(user)
    invoice, member = rows[0].invoice, company.memberships.get()
    ids = {
        "company_id": company.pk,
        "customer_id": invoice.customer_id,
        "run_id": invoice.run_id,
        "membership_id": member.pk,
    }
    addresses = [reverse(name) for name in sorted(OF_ONES_OWN - {"conclude"} - NOT_A_PAGE)]
    for name, takes in BY_ID.items():
        if name not in NOT_A_PAGE and set(takes) <= ids.keys():
            addresses.append(reverse(name, kwargs={one: ids[one] for one in takes}))
    addresses += [reverse("invoice", args=[row.invoice.pk]) for row in rows]
    # A file is called in the customer's language.
    known = words("Oslo Storgata Kirkegata Trondheim Rådgivning norsk bokmål kontor Faktura")

    said = {}
    for address in addresses:
        answer = client.get(address)
        if answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/html"):
            said[address] = sorted((words(visible(answer.content.decode())) & norwegian) - known)

    assert len(said) > 20
    assert {address: found for address, found in said.items() if found} == {}


def test_every_text_of_the_code_is_in_the_catalogue(tmp_path: Path) -> None:
    """As `makemessages` finds them, in a copy of what git knows and what is new."""
    listed = [
        "git",
        "ls-files",
        "--cached",
        "--others",
        "--exclude-standard",
        "*.py",
        "*.html",
        "*.txt",
        str(CATALOGUE),
    ]
    for name in subprocess.run(listed, cwd=BASE_DIR, capture_output=True, text=True, check=True).stdout.split():
        if (BASE_DIR / name).is_file():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(BASE_DIR / name, tmp_path / name)
    command = [sys.executable, "-m", "django", "makemessages", "-l", "en", "--no-location", "--no-obsolete"]
    made = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert made.returncode == 0, made.stderr

    shipped, found = (
        {entry.msgid for entry in polib.pofile(str(folder / CATALOGUE)) if not entry.obsolete}
        for folder in (BASE_DIR, tmp_path)
    )
    assert found - shipped == set()
