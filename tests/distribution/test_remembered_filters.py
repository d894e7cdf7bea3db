"""A list comes back as its user left it: per company, said on the page, cleared by one link, and never over what a link asks for."""

import re
from typing import Any

import pytest
from django.test import Client

from customers.models import Company
from tests.factories import make_company, make_customer
from tests.test_pages import sent, signed_in

pytestmark = pytest.mark.django_db
FILTERED = [
    ("/kunder/", "q=Granli&metode=autoinvoice&kanal=holdt&mangler=noe", "Søk: Granli · Distribusjonsmåte: Automatisk"),
    ("/fakturaer/", "q=50&status=held", "Søk: 50 · Status: Holdt tilbake"),
    ("/utsendelser/oppgaver/", "status=failed&alle=1", "Status: Feilet"),
]
EVERY_LIST = pytest.mark.parametrize(("path", "query", "words"), FILTERED)


def plain(client: Client, path: str, **how: Any) -> Any:
    return client.get(path, follow=True, **how)


def chosen(client: Client, company: Company) -> None:
    client.post(f"/firma/{company.pk}/velg/")


@EVERY_LIST
@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}], ids=["page", "htmx"])
def test_the_plain_address_leads_to_what_was_shown_last(
    path: str, query: str, words: str, headers: dict[str, str]
) -> None:
    client = signed_in(make_company())
    assert "Du ser ikke alle" not in plain(client, path, headers=headers).content.decode()
    client.get(f"{path}?{query}&etter=7", headers=headers)

    answer = plain(client, path, headers=headers)

    assert answer.redirect_chain == [(f"{path}?{query}", 302)]
    assert f"Du ser ikke alle.</b> {words}" in answer.content.decode()


@EVERY_LIST
def test_show_all_clears_it(path: str, query: str, words: str) -> None:
    client = signed_in(make_company())
    page = client.get(f"{path}?{query}").content.decode()
    link = re.search(r'class="notice"><b>.*?<a href="([^"]+)">Vis alle', page)
    assert link

    address = link[1].replace("&amp;", "&")
    everything = client.get(address if address.startswith("/") else path + address)

    assert "Du ser ikke alle" not in everything.content.decode()
    assert words not in plain(client, path).content.decode()


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/kunder/", "kanal=holdt"),
        ("/fakturaer/", "status=failed"),
        ("/utsendelser/oppgaver/", "status=held"),
        ("/utsendelser/oppgaver/", "status=failed"),
        ("/utsendelser/oppgaver/", "alle=1"),
    ],
)
def test_no_link_of_a_filtered_list_to_all_of_it_leads_back_to_the_filter(path: str, query: str) -> None:
    company = make_company()
    sent(company, email="")
    client = signed_in(company, make_company())
    chosen(client, company)

    page = client.get(f"{path}?{query}").content.decode()

    assert not re.search(rf'<main.*href="(\?|{path}\??)"', page, re.DOTALL)


def test_a_link_with_a_query_wins_and_is_what_is_remembered_next() -> None:
    client = signed_in(make_company())
    client.get("/kunder/?q=Granli")

    assert client.get("/kunder/?mangler=epost").context["wanted"].kept == {"mangler": "epost"}
    assert plain(client, "/kunder/").context["wanted"].kept == {"mangler": "epost"}


def test_each_company_has_its_own_and_so_has_each_list_and_each_user() -> None:
    first, second = make_company(), make_company()
    client = signed_in(first, second)
    chosen(client, first)
    client.get("/kunder/?q=Granli")
    assert plain(client, "/fakturaer/").context["wanted"].everything

    chosen(client, second)
    assert plain(client, "/kunder/").context["wanted"].everything
    chosen(client, first)
    assert plain(client, "/kunder/").context["wanted"].q == "Granli"
    assert plain(signed_in(first), "/kunder/").context["wanted"].everything


def test_a_file_holds_what_its_own_address_asks_for() -> None:
    company = make_company()
    make_customer(company, name="Granli Eiendom")
    make_customer(company, name="Heddal Regnskap")
    client = signed_in(company)
    client.get("/kunder/?q=Granli")

    def file(query: str) -> str:
        return b"".join(client.get(f"/kunder/last-ned/?format=csv{query}").streaming_content).decode()  # type: ignore[attr-defined]

    assert "Heddal" in file("")
    assert "Heddal" not in file("&q=Granli")
    assert "/kunder/last-ned/?q=Granli" in plain(client, "/kunder/").content.decode()


def test_a_link_that_says_all_tasks_shows_all_of_them() -> None:
    company = make_company()
    sent(company, email="")
    client = signed_in(company)
    client.get("/utsendelser/oppgaver/?status=failed")

    for page, words in (("/", "Alle oppgaver"), ("/utsendelser/", "1 faktura trenger deg")):
        link = re.search(rf'href="(/utsendelser/oppgaver/[^"]*)">{words}', client.get(page).content.decode())
        assert link
        assert client.get(link[1]).context["status"] == ""
