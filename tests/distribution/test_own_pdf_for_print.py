"""R11, T79: the company's own PDF is looked at before it is handed over to print; what can't be printed waits for a person."""

import json

import pytest
from django.conf import LazySettings
from pikepdf import Dictionary, Pdf

from customers.models import Company
from distribution import delivery, frozen
from distribution.delivery.preparing import outgoing_of
from distribution.models import Attempt, Delivery
from distribution.reasons import in_words
from distribution.states import Status
from distribution.timeline import timeline
from tests.distribution.documents.own_pdf.making import at, changed, font, pdf_of, script, written
from tests.factories import ADDRESS, delivery_of, left, make_company, make_customer, out, queue, set_choices

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def company() -> Company:
    company = make_company()
    set_choices(company, own_pdf_for_print=True)
    return company


def send(company: Company, own_pdf: bytes | None) -> Delivery:
    return work(queue(make_customer(company, **ADDRESS), own_pdf=own_pdf))


def work(row: Delivery) -> Delivery:
    while delivery.run() + delivery.sweep():
        pass
    return delivery_of(row.invoice)


def told_of(row: Delivery) -> str:
    return " ".join(moment.text for leg in timeline(row.invoice) for moment in leg.moments)


def manifest() -> dict[str, object]:
    said: dict[str, object] = json.loads(left("print", "manifest.json"))
    return said


def with_missing_font(pdf: Pdf) -> None:
    pdf.pages[0].Resources.Font = Dictionary(F0=font("/MyriadPro-Regular"))


def test_T79_it_is_held_in_words_and_nothing_leaves(company: Company) -> None:
    row = send(company, changed(with_missing_font))

    assert (row.status, row.channel, row.needs_person) == (Status.HELD, "print", True)
    assert in_words(row.reasons) == (
        "PDF-en som fulgte med fakturaen, kan ikke trykkes. Skrifttypene MyriadPro-Regular følger ikke med i PDF-filen."
        " Bygg dem inn når du lager den. (REFERENCES_INVALID_FONT) Rett den der den ble laget, og send fakturaen på nytt."
        " Eller slå av «Bruk egen PDF for printtjeneste» i Innstillinger, og prøv igjen."
    )
    assert in_words(row.reasons) in told_of(row)
    assert not out()
    assert not Attempt.objects.exists()


def test_T79_with_own_pdf_off_again_it_goes_in_our_layout(company: Company) -> None:
    held = send(company, changed(with_missing_font))
    set_choices(company, own_pdf_for_print=False)

    delivery.resend(held.invoice, None)

    assert work(held).status == Status.ACCEPTED
    assert "cover_sheet" not in manifest()


def test_T08_what_needs_no_mending_goes_byte_for_byte_behind_a_cover_sheet(company: Company) -> None:
    own = written(pdf_of(at(5, 50)))  # text in the window and in the margin

    row = send(company, own)

    assert row.status == Status.ACCEPTED
    assert left("print", ".pdf") == own
    assert manifest()["cover_sheet"] is True
    assert "Printtjenesten legger et forsideark med adressen først." in told_of(row)


def test_what_was_mended_is_said_and_frozen(company: Company) -> None:
    own = changed(lambda pdf: pdf.Root.update({"/OpenAction": script()}))

    row = send(company, own)

    assert row.status == Status.ACCEPTED
    assert left("print", ".pdf") == frozen.read(row.content_sha256) != own
    assert "PDF-en er gjort klar for trykking. Skript er fjernet." in told_of(row)


def test_R34_a_second_attempt_has_the_cover_sheet_of_the_first(company: Company) -> None:
    row = send(company, written(pdf_of()))
    set_choices(company, own_pdf_for_print=False)

    assert outgoing_of(row).cover_sheet is True


def test_T79_text_in_the_margin_is_held_where_the_print_house_lays_no_cover_sheet(
    company: Company, settings: LazySettings
) -> None:
    settings.PRINT_COVER_SHEET = False

    wrong, right = send(company, written(pdf_of(at(5, 250)))), send(company, written(pdf_of()))

    assert (wrong.status, right.status) == (Status.HELD, Status.ACCEPTED)
    assert "(INSUFFICIENT_MARGIN_FOR_PRINT)" in in_words(wrong.reasons)
    assert "cover_sheet" not in manifest()
    assert "forsideark" not in told_of(right)


def test_the_print_house_says_how_many_pages_it_takes(company: Company, settings: LazySettings) -> None:
    settings.PRINT_MAX_PAGES = 2
    assert send(company, written(pdf_of(pages=2))).status == Status.ACCEPTED
    assert "har 3 sider. Printtjenesten tar høyst 2." in in_words(send(company, written(pdf_of(pages=3))).reasons)


def test_an_invoice_without_its_own_pdf_goes_in_our_layout_without_a_cover_sheet(company: Company) -> None:
    row = send(company, None)
    assert row.status == Status.ACCEPTED
    assert "cover_sheet" not in manifest()
    assert outgoing_of(row).cover_sheet is False
