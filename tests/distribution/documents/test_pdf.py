"""What stands on the paper, and the look at a PDF that came along."""

import contextlib
import hashlib
import os
import re
import subprocess
import sys
from dataclasses import replace
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from distribution.documents import weasy
from distribution.documents.invoice import AllowanceCharge, VatSubtotal
from distribution.documents.pdf import BadPdf, check_own_pdf, render
from distribution.documents.ubl import read, write
from tests.distribution.documents.samples import (
    BUYER,
    SELLER,
    credit_note,
    full_invoice,
    invoice,
    line,
    official,
    text_of,
)
from tests.distribution.documents.test_ubl_read import NAMES


def squeezed(content: bytes, tmp_path: Path) -> str:
    return " ".join(text_of(content, tmp_path).split())


def test_T87_every_pdf_contains_its_own_number_and_customer(tmp_path: Path) -> None:
    """One process, documents of one and of two pages in turn: nothing of one may be left in the next."""
    for position in range(8):
        number, customer = f"7{position:05}", f"Kunde{position:05} AS"
        document = invoice(count=40 if position % 2 else 1, number=number, buyer=replace(BUYER, name=customer))
        content = render(document, language="nb")
        assert check_own_pdf(content) == (2 if position % 2 else 1)
        text = text_of(content, tmp_path)
        assert set(re.findall(r"\b7\d{5}\b", text)) == {number}
        assert set(re.findall(r"Kunde\d{5} AS", text)) == {customer}
        assert all(number in page for page in text.rstrip("\f").split("\f"))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("language", ["nb", "en"])
def test_each_official_example_becomes_a_pdf(name: str, language: str) -> None:
    assert check_own_pdf(render(read(official(f"{name}.xml")), language=language)) <= 2


def test_an_invoice_has_all_that_the_law_and_the_payer_want(tmp_path: Path) -> None:
    text = squeezed(render(invoice(), language="nb"), tmp_path)
    for wanted in (
        *("Faktura 10427", "24.11.2026", "08.12.2026", "Org.nr 987 654 325 MVA", "Foretaksregisteret", "10042"),
        *("148,75 kr", "8601 11 17947", "100420104273", "Mva 25 %", "119,00 29,75 148,75", "Å betale i norske kroner"),
        *("Havblikk Arkitekter AS", "123 456 785", "IBAN NO93 8601 1117 947, BIC DNBANOKK", "Side 1 av 1"),
    ):
        assert wanted in text
    assert "Overføres" not in text


def test_the_language_of_the_document_is_not_the_users(tmp_path: Path) -> None:
    with translation.override("nb"):
        text = squeezed(render(invoice(), language="en"), tmp_path)
    assert "Invoice 10427" in text
    assert "Amount due" in text
    assert "Page 1 of 1" in text
    assert "Å betale" not in text


def test_a_credit_note_asks_for_no_money(tmp_path: Path) -> None:
    text = squeezed(render(credit_note(), language="nb"), tmp_path)
    assert "Kreditnota 10433" in text
    assert "Til gode i norske kroner 148,75" in text
    assert "Kreditnotaen retter faktura 10427 av 24.11.2026." in text
    assert "Å betale" not in text
    assert "8601 11 17947" not in text
    assert "100420104273" not in text


def test_an_invoice_below_zero_is_in_the_customers_favour(tmp_path: Path) -> None:
    content = render(invoice(totals=replace(invoice().totals, payable=Decimal("-50"))), language="nb")
    text = squeezed(content, tmp_path)
    assert "Til gode i norske kroner 50,00" in text
    assert "Forfallsdato" not in text


def test_the_sum_is_carried_from_page_to_page(tmp_path: Path) -> None:
    first, second = text_of(render(invoice(count=40), language="nb"), tmp_path).rstrip("\f").split("\f")
    carried = re.search(r"Overføres til neste side\s+([\d ]+,\d\d)", first)
    assert carried
    shown = len(re.findall("Filterkaffe", first))
    assert Decimal(carried[1].replace(" ", "").replace(",", ".")) == Decimal("119.00") * shown
    assert re.search(rf"Overført fra forrige side\s+{carried[1]}", second)
    assert "Overføres" not in second
    assert "Beskrivelse" in first
    assert "Beskrivelse" in second
    assert "Side 2 av 2" in second


def test_the_sum_never_stands_alone_on_a_page(tmp_path: Path) -> None:
    for lines in range(12, 20):
        pages = text_of(render(invoice(count=lines), language="nb"), tmp_path).rstrip("\f").split("\f")
        (with_sum,) = [page for page in pages if "Å betale i norske kroner" in page]
        assert "Filterkaffe" in with_sum


def test_a_foreign_invoice_shows_its_currency_and_the_vat_in_kroner(tmp_path: Path) -> None:
    text = squeezed(render(full_invoice(), language="nb"), tmp_path)
    assert "124,00 EUR" in text
    assert "Å betale i EUR 124,00" in text
    assert "Mva i NOK 523,58" in text
    assert " kr " not in text


def test_the_way_from_the_lines_to_the_payable_amount_can_be_followed(tmp_path: Path) -> None:
    text = squeezed(render(full_invoice(), language="nb"), tmp_path)
    for wanted in (
        *("Sum linjer 119,00", "Frakt 2,5 % 100,00", "Høstrabatt −40,00", "Sum uten mva 179,00"),
        *("Forskuddsbetalt −100,00", "Øreavrunding 0,25", "Prisen er per 10 stk"),
    ):
        assert wanted in text


def test_reverse_charge_is_said_in_the_words_of_the_law(tmp_path: Path) -> None:
    vat = (VatSubtotal(category="AE", rate=Decimal(0), taxable=Decimal(119), tax=Decimal(0)),)
    text = squeezed(render(invoice(vat=vat), language="nb"), tmp_path)
    assert "Omvendt avgiftsplikt – Merverdiavgift ikke beregnet" in text


def test_the_window_takes_the_address_that_it_is_given(tmp_path: Path) -> None:
    given = ("Havblikk Arkitekter AS", "Sjøgata 1", "6413 Molde")
    text = squeezed(render(invoice(), language="nb", address=given), tmp_path)
    assert "6413 Molde" in text
    assert "5804 Bergen" not in text


def test_a_country_code_in_the_window_is_written_out(tmp_path: Path) -> None:
    given = ("Buyer AB", "Hovedgatan 32", "456 34 Stockholm", "SE")
    assert "SWEDEN" in squeezed(render(invoice(), language="nb", address=given), tmp_path)


@pytest.mark.parametrize("reference", ["Snippet1", "100420104274"], ids=["letters", "wrong check digit"])
def test_a_payment_reference_that_is_no_kid_is_not_called_one(reference: str, tmp_path: Path) -> None:
    text = squeezed(render(invoice(payment_id=reference), language="nb"), tmp_path)
    assert "Betalingsreferanse" in text
    assert "KID" not in text


LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"


def test_long_words_and_large_amounts_stay_within_the_paper(tmp_path: Path) -> None:
    long = replace(
        BUYER, name=LONG, address=replace(BUYER.address, street=LONG, additional=LONG, town=LONG, country="DE")
    )
    wide = line(name=LONG * 3, quantity=Decimal("123456.789"), unit=LONG, net_amount=Decimal("999999999999999.99"))
    document = invoice(
        number="F" * 100,
        buyer=long,
        seller=replace(SELLER, name=LONG, legal_name=LONG + " AS"),
        payment_id="R" * 140,
        lines=(wide,),
        allowances=(AllowanceCharge(is_charge=True, amount=Decimal("999999999999.99"), reason=LONG),),
        totals=replace(invoice().totals, payable=Decimal("999999999999999.99")),
    )
    path = tmp_path / "long.pdf"
    path.write_bytes(render(document, language="nb"))
    boxes = subprocess.run(["pdftotext", "-bbox", str(path), "-"], capture_output=True, check=True, timeout=60).stdout
    words = re.findall(rb'<word xMin="([\d.-]+)" yMin="([\d.-]+)" xMax="([\d.-]+)" yMax="([\d.-]+)"', boxes)
    mm = 72 / 25.4
    assert words
    for left, top, right, bottom in (map(float, word) for word in words):
        assert left >= 18 * mm
        assert right <= 193 * mm
        assert top >= 0
        assert bottom <= 297 * mm


def test_the_window_field_holds_the_address_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "window.pdf"
    path.write_bytes(render(invoice(), language="nb"))
    area = ["-x", "0", "-y", "0", "-W", "125", "-H", "89", "-r", "25.4"]
    found = subprocess.run(["pdftotext", *area, "-layout", str(path), "-"], capture_output=True, check=True, timeout=60)
    assert [each.strip() for each in found.stdout.decode().splitlines() if each.strip()] == [
        "Retur: Fjellro Kaffebrenneri AS, Verftsgata 12, 7042 Trondheim",
        "Havblikk Arkitekter AS",
        "v/ Regnskap",
        "Postboks 214 Sentrum",
        "2. etasje",
        "5804 Bergen",
    ]


def test_it_is_tagged_and_says_its_language_and_title() -> None:
    with pikepdf.open(BytesIO(render(invoice(), language="en"))) as document:
        assert document.Root.Lang == "en"
        assert document.Root.MarkInfo.Marked
        assert "/StructTreeRoot" in document.Root
        assert str(document.docinfo["/Title"]) == "Invoice 10427 from Fjellro Kaffebrenneri AS"
        assert str(document.docinfo["/CreationDate"]).startswith("D:20261124")


def test_markup_in_an_invoice_is_text_and_fetches_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(weasy.FetchNothing, "fetch", lambda _self, url, _headers=None: asked.append(url))
    secret = tmp_path / "secret"
    secret.write_text("hemmelig")
    hostile = f'"><img src="file://{secret}"><link rel=attachment href="file://{secret}"><style>@import "http://a"</style>{{% now %}}'
    document = invoice(
        number=hostile[:90],
        notes=(hostile,),
        seller=replace(SELLER, name=hostile),
        lines=(line(name=hostile, note=hostile),),
    )
    content = render(document, language="nb")
    assert asked == []
    assert "<img src=" in squeezed(content, tmp_path)
    with pikepdf.open(BytesIO(content)) as opened:
        assert not opened.attachments


def test_the_fetcher_refuses_everything() -> None:
    for url in ("file:///etc/hostname", "http://127.0.0.1/", "data:text/plain,x"):
        with pytest.raises(ValueError, match="fetches nothing"):
            weasy.FetchNothing()(url)


def test_the_same_data_gives_the_same_bytes_in_every_process() -> None:
    script = (
        "import django, hashlib; django.setup()\n"
        "from distribution.documents.pdf import render\n"
        "from tests.distribution.documents.samples import full_invoice\n"
        "print(hashlib.sha256(render(full_invoice(), language='nb')).hexdigest())"
    )
    ours = hashlib.sha256(render(full_invoice(), language="nb")).hexdigest()
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        found = subprocess.run(
            [sys.executable, "-c", script], env=environment, capture_output=True, check=True, timeout=120
        )
        assert found.stdout.decode().split()[-1] == ours


@settings(max_examples=15, deadline=None)
@given(st.text(max_size=200), st.text(max_size=60))
def test_any_text_becomes_a_pdf(long: str, short: str) -> None:
    document = invoice(
        number=f"1{short}"[:100],
        notes=(long,),
        buyer=replace(BUYER, name=f"K{short}"),
        lines=(line(name=f"L{short}", description=long),),
    )
    assert check_own_pdf(render(read(write(document)), language="nb"))


def make_pdf(pages: int, **options: object) -> bytes:
    target = BytesIO()
    with pikepdf.new() as document:
        for _page in range(pages):
            document.add_blank_page()
        document.save(target, **options)  # type: ignore[arg-type]
    return target.getvalue()


def words_against(content: bytes) -> str:
    with pytest.raises(BadPdf) as caught:
        check_own_pdf(content)
    with translation.override("nb"):
        return str(caught.value)


def test_it_counts_the_pages_of_a_pdf_that_came_along() -> None:
    assert check_own_pdf(make_pdf(3)) == 3


def test_it_refuses_a_pdf_that_can_not_be_sent_in_words() -> None:
    whole = make_pdf(30)
    assert "tom" in words_against(b"")
    assert "25 MB" in words_against(b"%PDF-1.7" + b"x" * (25 * 1024 * 1024))
    assert "ikke en PDF" in words_against(b"<html>")
    assert "ingen sider" in words_against(make_pdf(0))
    assert "skadet" in words_against(whole[: len(whole) // 2])
    assert "skadet" in words_against(b"%PDF-1.7 and then nothing")


@pytest.mark.parametrize("user", ["", "secret"])
def test_it_refuses_an_encrypted_pdf_even_if_it_opens_without_a_password(user: str) -> None:
    content = make_pdf(1, encryption=pikepdf.Encryption(owner="owner", user=user))
    assert "passord" in words_against(content)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_damaged_pdf_is_counted_or_refused(data: st.DataObject) -> None:
    content = OWN
    for _time in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(content)))
        content = content[:start] + data.draw(st.binary(max_size=12)) + content[start + data.draw(st.integers(0, 30)) :]
    with contextlib.suppress(BadPdf):
        assert check_own_pdf(content) > 0


OWN = make_pdf(2)
