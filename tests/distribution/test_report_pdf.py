"""A run's report as PDF (R36): it balances, names the company and each invoice, and fetches nothing."""

import subprocess
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from customers.models import Company, Language
from distribution import delivery, report_pdf
from distribution.delivery import OpenRun
from distribution.models import Run
from tests.factories import ADDRESS, make_company, make_customer, queue
from tests.test_pages import signed_in

pytestmark = pytest.mark.django_db


def a_run(*companies: Company, number: int = 1) -> Run:
    """Of each company one by e-mail, one on paper and one held back, `number` times."""
    run = OpenRun(None, "test")
    for company in companies:
        for _turn in range(number):
            queue(make_customer(company, name="Med e-post AS", email="post@kunde.test"), run=run)
            queue(make_customer(company, name="<img src='file:///etc/passwd'> AS", **ADDRESS), run=run)
            queue(make_customer(company, name="Uten noe AS"), run=run)
    while delivery.run():
        pass
    assert run.row is not None
    return run.row


def words_of(answer: Any) -> str:
    assert answer["Content-Type"] == "application/pdf"
    read = subprocess.run(["pdftotext", "-layout", "-", "-"], input=answer.content, capture_output=True, check=True)
    return " ".join(read.stdout.decode().split())


def address(run: Run) -> str:
    return f"/utsendelser/{run.pk}/rapport.pdf"


def test_R36_it_balances_and_lists_each_invoice_with_its_reason() -> None:
    company = make_company(name="Fjordvik Bygg AS")
    run = a_run(company)
    client = signed_in(company)

    words = words_of(client.get(address(run)))

    assert "Fjordvik Bygg AS" in words
    assert "Inn · stemmer 3" in words
    assert "E-post 1" in words
    assert "Holdt tilbake 1" in words
    assert "Med e-post AS" in words
    assert "Kunden har ingen" in words
    assert "root:" not in words
    assert address(run) in client.get(f"/utsendelser/{run.pk}/").content.decode()


def test_it_is_in_the_readers_language_and_says_test_of_a_test_company() -> None:
    company = make_company(is_test=True)
    client = signed_in(company, language=Language.EN)

    words = words_of(client.get(address(a_run(company))))

    assert "Held back" in words or "Held" in words
    assert "Inn ·" not in words
    assert "TEST" in words


def test_a_reader_gets_his_own_companys_part_of_a_run() -> None:
    mine, theirs = make_company(name="Mitt AS"), make_company(name="Deres AS")

    words = words_of(signed_in(mine).get(address(a_run(mine, theirs))))

    assert "Deres AS" not in words
    assert "Inn · stemmer 3" in words


def test_a_long_run_says_how_many_stand_on_paper(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report_pdf, "MOST", 2)
    company = make_company()

    words = words_of(signed_in(company).get(address(a_run(company))))

    assert "De første 2 av 3 fakturaer står her." in words
    assert "Uten noe AS" not in words


def test_it_asks_the_database_as_often_for_many_as_for_few() -> None:
    company = make_company()
    few, many = a_run(company), a_run(company, number=4)
    client = signed_in(company)
    client.get(address(few))

    assert queries(client, few) == queries(client, many)


def queries(client: Any, run: Run) -> int:
    with CaptureQueriesContext(
        connection,
    ) as seen:
        client.get(address(run))
    return len(seen)
