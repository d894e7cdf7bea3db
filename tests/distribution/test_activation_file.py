"""The activation list as a file for Excel (R5, R6)."""

import csv
import io
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from customers.models import Company, Membership, Method, Role, User
from distribution.activation import edit_proposals
from distribution.prediction import look_up, predict
from tests.distribution.test_spreadsheet import sheet_of
from tests.factories import ADDRESS, make_company, make_customer, make_user

pytestmark = pytest.mark.django_db
FILE = "/mitt-firma/elektronisk-faktura/aktivering/last-ned/"


def member(company: Company) -> tuple[Client, User]:
    user = make_user(first_name="Kari", last_name="Nordmann")
    Membership.objects.create(user=user, company=company, role=Role.ACCOUNTANT)
    client = Client()
    client.force_login(user)
    return client, user


def rows_of(client: Client, query: str = "") -> list[list[str]]:
    answer: Any = client.get(FILE + (query or "?") + "&format=csv")
    text = b"".join(answer).decode()
    assert text.startswith("\ufeff")
    assert 'filename="aktivering-' in answer["Content-Disposition"]
    return list(csv.reader(io.StringIO(text[1:]), delimiter=";"))


def test_the_file_says_of_each_customer_what_the_page_says() -> None:
    company = make_company(activated=False)
    client, user = member(company)
    make_customer(company, number="1", name="Arne", email="arne@firma.test", method=Method.EMAIL)
    make_customer(company, number="2", name="Berit", method=Method.EMAIL)
    make_customer(company, number="3", name="Cato", method=Method.EMAIL, **ADDRESS)
    edit_proposals(company.customers.filter(number="3"), Method.SELF, user)
    look_up(company)
    predict(company)

    head, arne, berit, cato = rows_of(client)

    assert head[:4] == ["Kundenummer", "Navn", "Metode nå", "Ny metode"]
    assert arne[:5] == ["1", "Arne", "E-post", "Automatisk utsendelse (Visma AutoInvoice)", "E-post"]
    assert "e-postadresse" in arne[5]
    assert arne[6:] == ["", ""]
    assert (berit[4], berit[6]) == ("Holdt tilbake", "e-post, postadresse")
    assert cato[3].startswith("Ikke send")
    assert cato[4] == "Til bruker"
    assert cato[7] == "Kari Nordmann"


def test_the_file_holds_what_the_filter_shows_and_nothing_of_another_company() -> None:
    company, foreign = make_company(activated=False), make_company(activated=False)
    client, user = member(company)
    make_customer(company, name="Arne", email="arne@firma.test", method=Method.EMAIL)
    make_customer(company, name="Berit", method=Method.SELF)
    make_customer(foreign, name="Fremmed", method=Method.EMAIL)
    edit_proposals(company.customers.filter(name="Berit"), Method.AUTOINVOICE, user)

    assert [row[1] for row in rows_of(client)[1:]] == ["Arne", "Berit"]
    assert [row[1] for row in rows_of(client, "?q=arn")[1:]] == ["Arne"]
    assert [row[1] for row in rows_of(client, "?na=self")[1:]] == ["Berit"]
    assert [row[1] for row in rows_of(client, "?utvalg=mine")[1:]] == ["Berit"]
    assert rows_of(client, "?q=Fremmed")[1:] == []


def test_the_file_is_sorted_as_the_page_is() -> None:
    company = make_company(activated=False)
    client, _user = member(company)
    for name, number in (("Berit", "1"), ("Arne", "2")):
        make_customer(company, name=name, number=number, method=Method.SELF)

    assert [row[1] for row in rows_of(client)[1:]] == ["Arne", "Berit"]
    assert [row[1] for row in rows_of(client, "?sorter=nummer")[1:]] == ["Berit", "Arne"]


def test_the_workbook_says_the_same_and_no_cell_is_a_formula() -> None:
    company = make_company(activated=False)
    client, _user = member(company)
    make_customer(company, number="0012", name="=SUM(A1)", method=Method.EMAIL)

    answer: Any = client.get(FILE)
    sheet = sheet_of(answer)

    assert f'filename="aktivering-{timezone.localdate():%Y-%m-%d}.xlsx"' in answer["Content-Disposition"]
    head, row = ([cell.value or "" for cell in cells] for cells in sheet.iter_rows())
    assert head == rows_of(client)[0]
    assert row == ["0012", "=SUM(A1)", *rows_of(client)[1][2:]]
    assert {cell.data_type for cell in sheet[2] if cell.value} == {"s"}


@pytest.mark.parametrize("name", ["=1+1", "+47 22", "-5", "@SUM(A1)", "\tTab"])
def test_no_cell_is_run_as_a_formula(name: str) -> None:
    company = make_company(activated=False)
    client, _user = member(company)
    make_customer(company, name=name, method=Method.EMAIL)

    assert rows_of(client)[1][1] == f"'{name}"


def test_the_words_are_the_readers_language_although_the_file_is_streamed() -> None:
    company = make_company(activated=False)
    client, user = member(company)
    make_customer(company, method=Method.SELF)
    user.language = "en"
    user.save(update_fields=["language"])

    assert rows_of(client)[0][2] != "Metode nå"


def test_after_activation_there_is_nothing_left_to_propose() -> None:
    client, _user = member(make_company())
    answer = client.get(FILE)
    assert (answer.status_code, answer["Location"]) == (302, "/mitt-firma/elektronisk-faktura/aktivering/")
