"""The pages: who sees what, what they say, and that lists cost the same whatever they hold."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from customers.access import SignIn
from customers.models import Company, Language, Membership, Role, User
from distribution import delivery
from distribution.bounces.counting import count
from distribution.delivery import OpenRun
from distribution.models import Invoice
from distribution.states import Door, Verdict
from tests.factories import make_company, make_customer, make_user, queue

pytestmark = pytest.mark.django_db


def signed_in(*companies: Company, **facts: Any) -> Client:
    user = make_user(**facts)
    for company in companies:
        Membership.objects.create(user=user, company=company, role=Role.ACCOUNTANT)
    client = Client()
    client.force_login(user)
    return client


def sent(company: Company, **facts: Any) -> Invoice:
    row = queue(make_customer(company, **{"email": "kunde@firma.test", **facts}))
    while delivery.run():
        pass
    return row.invoice


def paths_of(invoice: Invoice) -> list[str]:
    base = f"/fakturaer/{invoice.pk}/"
    key = invoice.deliveries.get().key
    return [
        base,
        f"{base}pdf/",
        f"{base}xml/",
        f"{base}bevis/",
        f"{base}filer/{key}/",
        f"/utsendelser/{invoice.run_id}/",
    ]


def test_its_own_invoice_opens_with_story_files_and_evidence() -> None:
    invoice = sent(make_company())
    client = signed_in(invoice.company)

    answers = {path: client.get(path) for path in paths_of(invoice)}

    assert {answer.status_code for answer in answers.values()} == {200}
    page, pdf, xml, proof, frozen_file, run = answers.values()
    assert "Kunden har en e-postadresse." in page.content.decode()
    assert pdf.content.startswith(b"%PDF-")
    assert invoice.number.encode() in xml.content
    assert json.loads(proof.content)["deliveries"][0]["status"] == "accepted"
    assert b"Message-ID" in frozen_file.content
    assert "stemmer" in run.content.decode()


def test_R32_an_uncertain_invoice_offers_the_three_choices_in_words() -> None:
    invoice = sent(make_company())
    row = invoice.deliveries.get()
    type(row).objects.update(status="uncertain", due_at=None)
    client = signed_in(invoice.company)

    page = client.get(f"/fakturaer/{invoice.pk}/").content.decode()
    assert all(words in page for words in ("Den kom fram", "Den kom ikke fram, send på nytt", "La den stå"))
    for nothing in ({}, {"arrived": "maybe"}):
        said = client.post(f"/fakturaer/{invoice.pk}/avgjor/", nothing, follow=True).content.decode()
        assert "Velg om den kom fram eller ikke" in said
        assert invoice.deliveries.get().status == "uncertain"
    answer = client.post(f"/fakturaer/{invoice.pk}/avgjor/", {"arrived": "yes"}, follow=True).content.decode()
    assert "Avgjort av en bruker: den kom fram." in answer
    again = client.post(f"/fakturaer/{invoice.pk}/avgjor/", {"arrived": "no"}, follow=True).content.decode()
    assert "ikke lenger noe å avgjøre" in again
    assert signed_in(make_company()).post(f"/fakturaer/{invoice.pk}/avgjor/", {"arrived": "yes"}).status_code == 404


def test_a_foreign_companys_anything_does_not_exist() -> None:
    foreign = sent(make_company())
    client = signed_in(make_company())

    assert {client.get(path).status_code for path in paths_of(foreign)} == {404}
    assert client.post(f"/firma/{foreign.company_id}/velg/").status_code == 404
    assert foreign.number not in client.get("/fakturaer/").content.decode()


def test_a_frozen_file_of_another_invoice_is_not_reachable_through_ones_own() -> None:
    company = make_company()
    mine, foreign = sent(company), sent(make_company())
    key = foreign.deliveries.get().key

    assert signed_in(company).get(f"/fakturaer/{mine.pk}/filer/{key}/").status_code == 404


def test_a_run_over_two_companies_shows_each_its_own_part() -> None:
    mine, other, run = make_company(), make_company(), OpenRun(None, "test")
    for company in (mine, other, other):
        queue(make_customer(company, name=f"Kunde av {company.name}"), run=run)
    while delivery.run():
        pass
    assert run.row is not None

    page = signed_in(mine).get(f"/utsendelser/{run.row.pk}/").content.decode()

    assert f"Kunde av {mine.name}" in page
    assert other.name not in page


@pytest.mark.parametrize("path", ["/", "/fakturaer/", "/fakturaer/1/", "/utsendelser/", "/utsendelser/1/", "/admin/"])
def test_strangers_are_led_to_the_sign_in(path: str) -> None:
    answer = Client().get(path, follow=True)

    assert 'type="password"' in answer.content.decode()


def test_sign_in_works_by_email_and_says_what_is_wrong() -> None:
    make_user("marit@kontor.test")
    client = Client()

    wrong = client.post("/konto/login/", {"login": "marit@kontor.test", "password": "feil"})
    right = client.post("/konto/login/", {"login": "marit@kontor.test", "password": "hemmelig-nok"})

    assert 'role="alert"' in wrong.content.decode()
    assert right.status_code == 302


def test_a_demo_account_signs_in_only_where_the_site_is_on_this_machine(settings: LazySettings) -> None:
    user = make_user("regnskap@demo.test", is_demo=True)
    settings.ON_THIS_MACHINE = True
    client = Client()
    assert client.login(username="regnskap@demo.test", password="hemmelig-nok")

    settings.ON_THIS_MACHINE = False
    assert not Client().login(username="regnskap@demo.test", password="hemmelig-nok")
    assert client.get("/fakturaer/").status_code == 302
    assert SignIn().get_user(user.pk) is None


def test_nobody_signs_up() -> None:
    answer = Client().post(
        "/konto/signup/", {"email": "ny@kontor.test", "password1": "hemmelig-nok", "password2": "hemmelig-nok"}
    )

    assert answer.status_code == 200
    assert not User.objects.exists()


def test_pages_are_in_the_users_language_and_in_bokmaal_for_strangers() -> None:
    company = make_company()
    english = signed_in(company, language=Language.EN).get("/fakturaer/").content.decode()
    stranger = Client().get("/konto/login/", headers={"Accept-Language": "en"}).content.decode()

    assert "No invoices yet" in english
    assert 'lang="nb"' in stranger


def test_the_language_can_be_changed() -> None:
    client = signed_in(make_company())

    client.post("/sprak/", {"language": "en"})

    assert "Invoices" in client.get("/fakturaer/").content.decode()


def test_R17_every_status_of_a_test_company_says_so() -> None:
    company = make_company(is_test=True)
    invoice = sent(company)
    client = signed_in(company)

    assert "TEST · Tatt imot" in client.get("/fakturaer/").content.decode()
    assert "TEST · Tatt imot" in client.get(f"/fakturaer/{invoice.pk}/").content.decode()


def test_lists_take_as_many_queries_for_many_rows_as_for_few() -> None:
    def queries(size: int, path: str) -> int:
        company, run = make_company(), OpenRun(None, "test")
        for _ in range(size):
            queue(make_customer(company), run=run)
        while delivery.run():
            pass
        client = signed_in(company)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(path.format(run=run.row.pk if run.row else 0)).status_code == 200
        return len(captured)

    for path in ("/fakturaer/", "/utsendelser/{run}/"):
        assert queries(2, path) == queries(20, path)


@pytest.mark.parametrize("wanted", ["q=%00", "q=%00abc%ff", "status=%00", "side=%00", "side=99999999999999999999"])
def test_a_search_that_no_database_takes_finds_nothing_and_breaks_nothing(wanted: str) -> None:
    assert signed_in(make_company()).get(f"/fakturaer/?{wanted}").status_code == 200


def test_search_and_filter_keep_to_the_company() -> None:
    company = make_company()
    found, other = sent(company, name="Granli Eiendom"), sent(company, name="Heddal Regnskap")

    page = signed_in(company).get("/fakturaer/", {"q": "granli"}).content.decode()

    assert found.buyer_name in page
    assert other.buyer_name not in page


def test_ops_see_queues_in_the_admin_and_can_change_nothing_there() -> None:
    invoice = sent(make_company())
    client = Client()
    client.force_login(make_user(is_staff=True, is_superuser=True))

    row = f"/admin/distribution/delivery/{invoice.deliveries.get().pk}/"
    assert client.get("/admin/distribution/delivery/").status_code == 200
    assert client.get(f"{row}change/").status_code == 200
    assert client.post(f"{row}change/", {"status": "delivered"}).status_code == 403
    assert client.post(f"{row}delete/", {"post": "yes"}).status_code == 403
    assert client.get(f"/admin/customers/company/{invoice.company_id}/delete/").status_code == 403


def test_health_is_honest(settings: LazySettings, data_dir: Path) -> None:
    client = Client()

    assert client.get("/livez").status_code == 200
    answer = client.get("/readyz")
    assert answer.status_code == 503
    checks = answer.json()["checks"]
    assert not checks["worker"]["ok"]
    assert checks["guards"]["ok"]
    assert checks["database"]["ok"]


def test_metrics_take_the_token(settings: LazySettings) -> None:
    sent(make_company())
    count(Door.LISTENER, Verdict.FORGED)
    settings.METRICS_TOKEN = "hemmelig"

    assert Client().get("/metrics").status_code == 404
    told = Client().get("/metrics", headers={"Authorization": "Bearer hemmelig"}).content.decode()
    assert 'autoinvoice_deliveries{channel="email",status="accepted"} 1.0' in told
    assert 'autoinvoice_mail_news{door="listener",verdict="forged"} 1.0' in told


def test_the_content_policy_allows_nothing_from_elsewhere() -> None:
    assert "default-src 'self'" in Client().get("/konto/login/")["Content-Security-Policy"]
