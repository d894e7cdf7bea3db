"""«Oversikt», the worklist and the run's file: figures that agree with the report, and nothing of another company."""

import csv
import re
from datetime import date, timedelta
from io import StringIO
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from customers.models import Company, Membership, Role
from distribution import delivery, overview, worklist
from distribution.delivery import OpenRun
from distribution.models import Delivery, Invoice, PrintPrice
from distribution.report import report
from distribution.states import ChannelName, Status
from distribution.views.chart import LINES, chart_of, step_for
from tests.distribution.test_spreadsheet import sheet_of
from tests.factories import ADDRESS, delivery_of, make_company, make_customer, make_user, queue, register_customer

pytestmark = pytest.mark.django_db


def signed_in(*companies: Company, **facts: Any) -> Client:
    user = make_user(**facts)
    for company in companies:
        Membership.objects.create(user=user, company=company, role=Role.ACCOUNTANT)
    client = Client()
    client.force_login(user)
    return client


def run_all() -> None:
    while delivery.run():
        pass


def held(company: Company, **facts: Any) -> Invoice:
    """An invoice to somebody who can't be reached."""
    row = queue(make_customer(company, **facts))
    run_all()
    return row.invoice


def some_of_each(company: Company) -> None:
    """Two by e-mail, one printed, one held, one in the queue."""
    for facts in ({"email": "en@kunde.test"}, {"email": "to@kunde.test"}, ADDRESS, {}):
        queue(make_customer(company, **facts))
    run_all()
    queue(make_customer(company, email="tre@kunde.test"))


def make(invoice: Invoice, **changes: Any) -> None:
    """A state that the outside would have brought about."""
    Delivery.objects.filter(pk=delivery_of(invoice).pk).update(**changes)


def text_of(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", answer.content.decode())


def test_the_overviews_figures_are_those_of_the_report() -> None:
    company, other = make_company(), make_company()
    held(other)
    some_of_each(company)
    figures = report(Invoice.objects.filter(company=company))
    stands, today = overview.standing([company])[company.pk], overview.sent_today(company)

    assert figures["in"] == 5
    assert {name: today[name] for name in today} == {name: figures[name] for name in today}
    assert (stands.queued + stands.sending, stands.held) == (figures["waiting"], figures["held"])
    assert stands.needs_person == figures["held"] + figures["uncertain"] + figures["failed"] == 1
    assert sum(map(sum, ([*week.sent.values()] for week in overview.sent_per_week(company)))) == 3
    runs = overview.last_runs(company)
    assert all(line == report(Invoice.objects.filter(run=run)) for run, line in runs)
    assert [run.pk for run, _ in runs] == sorted((run.pk for run, _ in runs), reverse=True)


def test_what_went_yesterday_is_not_of_today_but_of_its_week() -> None:
    company, long_ago = make_company(), timezone.now() - timedelta(weeks=11)
    some_of_each(company)
    sent = Invoice.objects.filter(last_delivery__channel="print").get()
    Invoice.objects.filter(pk=sent.pk).update(created_at=long_ago)
    make(sent, ended_at=timezone.now() - timedelta(days=1))

    first, *_others, last = overview.sent_per_week(company)

    assert (
        overview.sent_today(company)[ChannelName.PRINT],
        first.sent[ChannelName.PRINT],
        first.total,
        last.total,
    ) == (0, 1, 1, 2)
    assert first.monday <= timezone.localtime(long_ago).date() < first.monday + timedelta(weeks=1)


def test_what_a_register_will_release_by_itself_needs_nobody() -> None:
    company = make_company()
    make(held(company), due_at=timezone.now() + timedelta(hours=1))

    stands = overview.standing([company])[company.pk]

    assert (stands.asking, stands.needs_person, stands.on_the_way) == (1, 0, 1)
    assert worklist.count_for(company) == 0


def test_the_overview_shows_a_line_for_each_company_of_the_user_and_nothing_of_others() -> None:
    mine, also_mine, foreign = make_company(), make_company(), make_company()
    for company in (mine, also_mine, foreign):
        held(company, name=f"Kunde av {company.name}")

    page = text_of(signed_in(mine, also_mine), "/")
    alone = text_of(signed_in(mine), "/")

    assert mine.name in page
    assert also_mine.name in page
    assert foreign.name not in page
    assert "Dine firmaer" not in alone
    assert also_mine.name not in alone


def test_changing_company_on_the_overview_stays_there_and_leads_nowhere_else() -> None:
    first, second = make_company(name="A AS"), make_company(name="B AS")
    client, path = signed_in(first, second), f"/firma/{second.pk}/velg/"

    assert client.post(path, {"next": "/"})["Location"] == "/"
    assert "Oversikt – B AS" in text_of(client, "/")
    assert client.post(path, {"next": "https://elsewhere.test/"})["Location"] == "/fakturaer/"


def test_the_overview_of_an_empty_company_says_what_to_do_first() -> None:
    assert "Slik tas fakturaer inn" in text_of(signed_in(make_company()), "/")
    assert "Begynn med avtalene og aktiveringen" in text_of(signed_in(make_company(activated=False)), "/")
    assert "Du hører ikke til noe firma ennå" in text_of(signed_in(), "/")


def test_the_chart_has_words_for_who_does_not_see_it_and_numbers_that_svg_reads() -> None:
    company = make_company()
    some_of_each(company)

    page = text_of(signed_in(company), "/")

    svg = page[page.index("<svg viewBox") : page.index("</svg>", page.index("<svg viewBox"))]
    assert "E-post: 2. Print: 1." in svg
    assert not re.search(r'="\d+,\d', svg)
    assert page.count('<tr><th scope="row" class="nowrap">') == overview.WEEKS


@pytest.mark.parametrize("highest", [0, 1, 4, 5, 6, 49, 51, 100, 99_999, 1_000_000])
def test_the_lines_of_the_chart_reach_the_highest_bar_and_not_far_beyond(highest: int) -> None:
    assert highest <= step_for(highest) * LINES <= max(LINES, 5 * highest)


def test_a_bar_ends_at_the_floor_and_stays_below_the_top() -> None:
    week = overview.Week(date(2026, 11, 23))
    week.sent.update(dict.fromkeys(week.sent, 100))

    blocks = chart_of([week]).bars[0].blocks

    assert float(blocks[0].y) + float(blocks[0].height) <= 214
    assert min(float(block.y) for block in blocks) >= 16


def test_the_worklist_shows_each_invoice_once_by_its_last_delivery() -> None:
    company = make_company()
    again, waits, ended = held(company), held(company), held(company)
    refused = delivery_of(again)
    make(again, status=Status.FAILED)
    delivery.resend(again, None)
    run_all()
    Delivery.objects.filter(pk=refused.pk).update(
        status=Status.FAILED
    )  # as where one channel refused and the next holds
    make(waits, status=Status.QUEUED, due_at=timezone.now())
    delivery.cancel(delivery_of(ended), None)
    assert again.deliveries.filter(status__in=[Status.FAILED, Status.HELD]).count() == 2

    page = text_of(signed_in(company), "/utsendelser/oppgaver/")

    assert page.count(f', faktura {again.number}"') == 1
    assert waits.number not in page
    assert ended.number not in page


def test_the_worklist_groups_by_what_is_wrong_oldest_first() -> None:
    company = make_company()
    unsure, first, second = held(company), held(company), held(company)
    make(unsure, status=Status.UNCERTAIN, channel="email", content_sha256="a" * 64)

    groups = worklist.grouped(worklist.part([company]).deliveries)

    assert [[task.delivery.invoice.number for task in group.tasks] for group in groups] == [
        [unsure.number],
        [first.number, second.number],
    ]
    assert groups[0].wrong == "Det er ikke kjent om fakturaen ble tatt imot."
    assert "(…)" in groups[1].wrong
    assert first.customer is not None
    assert groups[1].tasks[0].detail == f"0192:{first.customer.org_number}"


def test_the_worklist_filters_by_state_and_keeps_to_the_company() -> None:
    mine, also_mine, foreign = make_company(), make_company(), make_company()
    here, there, nowhere, broken = held(mine), held(also_mine), held(foreign), held(mine)
    make(broken, status=Status.FAILED)
    client = signed_in(mine, also_mine)
    client.post(f"/firma/{mine.pk}/velg/")

    def shown(query: str) -> set[str]:
        return set(re.findall(r", faktura (\d+)\"", text_of(client, f"/utsendelser/oppgaver/{query}")))

    assert shown("") == {here.number, broken.number}
    assert shown("?status=failed") == {broken.number}
    assert shown("?status=queued") == {here.number, broken.number}
    assert shown("?alle=1") == {here.number, broken.number, there.number}
    everywhere = text_of(client, "/utsendelser/oppgaver/?alle=1")
    assert f"<span>{also_mine.name}</span>" in everywhere
    assert foreign.name not in everywhere
    assert nowhere.number not in everywhere


def test_the_worklist_comes_in_pages_that_hold_everything_once(monkeypatch: pytest.MonkeyPatch) -> None:
    company = make_company()
    monkeypatch.setattr(worklist, "PAGE", 2)
    numbers = [held(company).number for _ in range(5)]
    client, path, found = signed_in(company), "/utsendelser/oppgaver/", list[str]()

    for _page in range(3):
        page = text_of(client, path)
        found += re.findall(r", faktura (\d+)\"", page)
        further = re.search(r'href="(\?etter=\d+)">Neste', page)
        path = f"/utsendelser/oppgaver/{further[1]}" if further else ""

    assert found == numbers
    assert path == ""


@pytest.mark.parametrize("query", ["etter=abc", "etter=-1", "etter=%00", f"etter={'9' * 25}", "status=%00", "alle=x"])
def test_a_worklist_address_that_nobody_made_breaks_nothing(query: str) -> None:
    assert signed_in(make_company()).get(f"/utsendelser/oppgaver/?{query}").status_code == 200


def test_an_empty_worklist_says_so_and_the_navigation_counts_what_is_on_it() -> None:
    company = make_company()
    client = signed_in(company)

    assert "Ingenting trenger deg" in text_of(client, "/utsendelser/oppgaver/")
    assert 'class="count"' not in text_of(client, "/fakturaer/")
    held(company)
    assert '<span class="count">1<' in text_of(client, "/fakturaer/")
    assert "1 faktura trenger deg" in text_of(client, "/utsendelser/")


def rows_of(answer: Any) -> list[list[str]]:
    return list(csv.reader(StringIO(b"".join(answer).decode("utf-8-sig")), delimiter=";"))


def test_the_runs_file_has_the_report_and_a_row_for_each_invoice() -> None:
    company, run = make_company(), OpenRun(None, "test")
    sent = queue(make_customer(company, email="en@kunde.test", name="Ærlig Øl AS"), run=run).invoice
    queue(make_customer(company), run=run)
    run_all()

    answer = signed_in(company).get(f"/utsendelser/{sent.run_id}/rapport.csv")

    figures, invoices = (rows := rows_of(answer))[:10], rows[12:]
    assert [int(number) for _, number in figures[:-1]] == [
        number for name, number in report(Invoice.objects.filter(run=sent.run_id)).items() if name != "in"
    ]
    assert figures[-1] == ["Inn", "2"]
    assert invoices[0][:4] == [sent.number, "Ærlig Øl AS", "E-post", "Tatt imot"]
    assert "Kunden har en e-postadresse." in invoices[0][4]
    assert invoices[1][3] == "Holdt tilbake"


def test_the_runs_workbook_says_the_same_in_figures_and_texts() -> None:
    company = make_company()
    invoice = held(company)
    Invoice.objects.filter(pk=invoice.pk).update(buyer_name="=SUM(A1)")
    client = signed_in(company)

    text = rows_of(client.get(f"/utsendelser/{invoice.run_id}/rapport.csv"))
    sheet = sheet_of(client.get(f"/utsendelser/{invoice.run_id}/rapport.xlsx"))

    assert [cell.value for cell in sheet["B"][:10]] == [int(row[1]) for row in text[:10]]
    assert [cell.value for cell in sheet[12]] == text[11]
    assert all(cell.font.b for cell in sheet[12])
    assert (sheet["B13"].value, sheet["B13"].data_type) == ("=SUM(A1)", "s")


@pytest.mark.parametrize("name", ["=1+1", "+47", "-1", "@SUM(A1)", "\tx"])
def test_no_cell_of_the_runs_file_is_a_formula(name: str) -> None:
    company = make_company()
    invoice = held(company)
    Invoice.objects.filter(pk=invoice.pk).update(buyer_name=name)

    rows = rows_of(signed_in(company).get(f"/utsendelser/{invoice.run_id}/rapport.csv"))

    assert rows[-1][1] == f"'{name}"


def test_the_runs_file_holds_ones_own_part_only() -> None:
    mine, foreign, run = make_company(), make_company(), OpenRun(None, "test")
    for company in (mine, foreign):
        queue(make_customer(company, name=f"Kunde av {company.name}"), run=run)
    assert run.row is not None

    path = f"/utsendelser/{run.row.pk}/rapport.csv"

    assert f"Kunde av {foreign.name}" not in b"".join(signed_in(mine).get(path)).decode()
    assert signed_in(make_company()).get(path).status_code == 404


def test_the_pages_take_as_many_queries_for_many_rows_as_for_few() -> None:
    paths = (
        "/",
        "/utsendelser/oppgaver/?alle=1",
        "/utsendelser/",
        "/utsendelser/{run}/rapport.csv",
        "/utsendelser/{run}/rapport.xlsx",
    )

    def queries(size: int) -> dict[str, int]:
        companies = [make_company(), make_company()]
        run = OpenRun(None, "test")
        for company in companies:
            for _ in range(size):
                queue(make_customer(company), run=run)
                queue(make_customer(company, email="en@kunde.test"))
        run_all()
        client = signed_in(*companies)
        return {path: taken(client, path.format(run=run.row.pk if run.row else 0)) for path in paths}

    def taken(client: Client, path: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            answer = client.get(path)
            assert b"".join(answer)
            assert answer.status_code == 200
        return len(captured)

    assert queries(2) == queries(8)


def test_strangers_see_none_of_it() -> None:
    for path in ("/", "/utsendelser/oppgaver/", "/utsendelser/1/rapport.csv"):
        assert "/konto/login/" in Client().get(path)["Location"]


def test_the_overview_tells_what_einvoice_instead_of_print_has_saved() -> None:
    company = make_company()
    customer = make_customer(company)
    register_customer(customer)
    for _number in range(3):
        queue(customer)
    run_all()
    client = signed_in(company)
    PrintPrice.objects.all().delete()
    assert "har spart deg" not in text_of(client, "/")

    PrintPrice.objects.create(per_letter=10, per_page=2, valid_from=date(2020, 1, 1))

    assert "3 brev à 1 side: 36,00 kr" in text_of(client, "/").replace("\xa0", " ")
