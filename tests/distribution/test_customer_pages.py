"""«Kunder»: the list and its filters, one customer, editing by two, «Sjekk nå», and the file for Excel."""

import csv
import io
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from customers.models import Company, Customer, Kind, Method
from distribution import delivery
from distribution.activation import activate
from distribution.models import Lookup, Prediction
from distribution.paging import PAGE
from distribution.spreadsheet import harmless
from tests.factories import (
    ADDRESS,
    make_company,
    make_customer,
    org_number,
    queue,
    register,
    register_customer,
    silence_register,
)
from tests.test_pages import signed_in

pytestmark = pytest.mark.django_db


def paths_of(customer: Customer) -> list[str]:
    return [f"/kunder/{customer.pk}/", f"/kunder/{customer.pk}/rediger/", f"/kunder/{customer.pk}/sjekk/"]


def shown(client: Client, **asked: Any) -> list[str]:
    """The names on the page, in order."""
    answer = client.get("/kunder/", {name: value for name, value in asked.items() if value is not None})
    assert answer.status_code == 200
    return [row["customer"].name for row in answer.context["rows"]]


def filled_in(client: Client, path: str, **typed: Any) -> dict[str, Any]:
    """The form as the browser would send it back."""
    form = client.get(path).context["form"]
    as_shown = {field.html_name: "on" if field.value() is True else field.value() or "" for field in form}
    as_shown = {name: value for name, value in as_shown.items() if name != "electronic_only" or value}
    as_shown["parent"] = form.instance.parent.number if form.instance.parent else ""
    return {**as_shown, **typed}


def looked_up(company: Company) -> Client:
    """Signed in, after the registers have answered that nobody is in them, but the one named by a test."""
    from distribution.prediction import look_up

    look_up(company)
    return signed_in(company)


def test_R6_the_list_says_method_channel_why_and_what_is_missing() -> None:
    company = make_company()
    make_customer(company, name="Granli Eiendom", email="post@granli.test")
    make_customer(company, name="Heddal Regnskap", method=Method.SELF)
    client = looked_up(company)

    page = client.get("/kunder/").content.decode()

    for words in ("Granli Eiendom", "Automatisk utsendelse (Visma AutoInvoice)", "Kunden har en e-postadresse."):
        assert words in page
    assert "Ikke send, jeg ordner det selv" in page


def test_a_company_without_customers_is_told_what_to_do_first() -> None:
    page = signed_in(make_company()).get("/kunder/").content.decode()

    assert "Ingen kunder ennå" in page
    assert "/kunder/ny/" in page


@pytest.mark.parametrize("words", ["granli", "4102", "post@GRANLI", "faktura@g", "org.nr as shown"])
def test_the_list_is_searched_by_name_number_orgnr_and_email(words: str) -> None:
    company = make_company()
    found = make_customer(
        company, name="Granli Eiendom", number="4102", email="post@granli.test", invoice_email="faktura@g.test"
    )
    make_customer(company, name="Heddal Regnskap", number="4377")
    client = signed_in(company)
    if words == "org.nr as shown":
        words = "\u00a0".join((found.org_number[:3], found.org_number[3:6], found.org_number[6:]))
        assert words in client.get("/kunder/").content.decode()

    assert shown(client, q=words) == ["Granli Eiendom"]


def test_the_list_is_filtered_by_the_method_in_force_also_where_it_is_the_parents() -> None:
    company = make_company()
    parent = make_customer(company, name="A hovedkunde", method=Method.SELF)
    make_customer(company, name="B avdeling", method="", parent=parent)
    make_customer(company, name="C annen")

    assert shown(signed_in(company), metode="self") == ["A hovedkunde", "B avdeling"]


@pytest.mark.parametrize(
    ("channel", "name"),
    [("einvoice", "E"), ("email", "M"), ("print", "P"), ("to_user", "S"), ("holdt", "H"), ("venter", "V")],
)
@pytest.mark.database
def test_the_list_is_filtered_by_the_channel_of_today(channel: str, name: str) -> None:
    company = make_company()
    register_customer(make_customer(company, name="E"))
    make_customer(company, name="M", email="m@firma.test")
    make_customer(company, name="P", **ADDRESS)
    make_customer(company, name="S", method=Method.SELF)
    make_customer(company, name="H")
    client = looked_up(company)
    make_customer(company, name="V")  # never asked about

    assert shown(client, kanal=channel) == [name]


@pytest.mark.parametrize(
    ("missing", "names"),
    [
        ("noe", ["Adresse", "Alt", "Begge", "E-post"]),
        ("epost", ["Alt", "Begge", "E-post"]),
        ("adresse", ["Adresse", "Alt", "Begge"]),
        ("epost-og-adresse", ["Alt", "Begge"]),
        ("orgnr", ["Alt"]),
        ("ukjent", ["Adresse", "Alt", "Begge", "E-post", "Intet"]),
    ],
)
@pytest.mark.database
def test_the_list_is_filtered_by_what_is_missing(missing: str, names: list[str]) -> None:
    company = make_company()
    make_customer(company, name="Intet", email="post@intet.test")
    make_customer(company, name="E-post", **ADDRESS)
    make_customer(company, name="Begge")
    make_customer(company, name="Alt", org_number="")
    make_customer(company, name="Adresse", email="x@y.test")
    client = looked_up(company)
    Prediction.objects.filter(customer__name="Adresse").update(missing=["address"], made_at=timezone.now())
    client.get("/kunder/")
    Prediction.objects.filter(customer__name="Adresse").update(missing=["address"], made_at=timezone.now())

    assert shown(client, mangler=missing) == names


def test_the_worklist_counts_whom_nothing_reaches_and_leads_to_them() -> None:
    company = make_company()
    make_customer(company)
    make_customer(company)
    client = looked_up(company)

    page = client.get("/kunder/").content.decode()

    assert "2 kunder mangler e-post og adresse." in page
    assert "?mangler=epost-og-adresse" in page


@pytest.mark.database
def test_pages_lead_on_and_back_over_every_customer_once() -> None:
    company = make_company()
    names = [f"Kunde {number:03}" for number in range(2 * PAGE + 20)]
    for name in names:
        make_customer(company, name=name)
    client = signed_in(company)

    seen, after = [], None
    for _ in range(3):
        answer = client.get("/kunder/", {"etter": after} if after else {})
        seen += [row["customer"].name for row in answer.context["rows"]]
        after = answer.context["page"].after
    assert (seen, after) == (names, None)
    back = client.get("/kunder/", {"for": answer.context["page"].before})
    assert [row["customer"].name for row in back.context["rows"]] == names[PAGE : 2 * PAGE]
    first = client.get("/kunder/", {"for": back.context["page"].before})
    assert first.context["page"].before is None
    assert [row["customer"].name for row in first.context["rows"]] == names[:PAGE]


def test_customers_of_one_name_are_paged_too() -> None:
    company = make_company()
    for _ in range(PAGE + 5):
        make_customer(company, name="Olsen")
    client = signed_in(company)

    first = client.get("/kunder/").context
    second = client.get("/kunder/", {"etter": first["page"].after}).context

    assert len({row["customer"].pk for row in [*first["rows"], *second["rows"]]}) == PAGE + 5


def test_no_page_is_reached_by_counting() -> None:
    company = make_company()
    for _ in range(PAGE + 5):
        make_customer(company)
    client = signed_in(company)
    after = client.get("/kunder/").context["page"].after

    with CaptureQueriesContext(connection) as captured:
        client.get("/kunder/", {"etter": after})

    assert not [query for query in captured if "OFFSET" in query["sql"]]


@pytest.mark.parametrize(
    "wanted", ["q=%00", "q=%00a%ff", "kanal=x", "mangler=%00", "etter=99999999999999999999", "for=-1"]
)
def test_an_address_that_nobody_made_breaks_nothing(wanted: str) -> None:
    assert signed_in(make_company()).get(f"/kunder/?{wanted}").status_code == 200
    assert signed_in(make_company()).get(f"/kunder/last-ned/?{wanted}").status_code == 200


def test_the_pages_take_as_many_queries_for_many_customers_as_for_few() -> None:
    def queries(size: int, path: str) -> int:
        company = make_company()
        parent = make_customer(company, name="A", email="a@firma.test")
        for _ in range(size):
            delivered = make_customer(company, parent=parent, method="")
        queue(delivered)
        client = looked_up(company)
        client.get("/kunder/")  # makes the predictions
        with CaptureQueriesContext(connection) as captured:
            answer = client.get(path.format(parent=parent.pk))
            assert answer.status_code == 200
            if answer.streaming:
                list(answer)
        return len(captured)

    for path in ("/kunder/", "/kunder/?mangler=noe", "/kunder/{parent}/", "/kunder/last-ned/"):
        assert queries(5, path) == queries(60, path), path


def test_the_page_of_a_customer_takes_as_many_queries_for_many_invoices_as_for_few() -> None:
    def queries(size: int) -> int:
        customer = make_customer(make_company(), email="kunde@firma.test")
        for _ in range(size):
            queue(customer)
        client = signed_in(customer.company)
        client.get(f"/kunder/{customer.pk}/")
        with CaptureQueriesContext(connection) as captured:
            assert client.get(f"/kunder/{customer.pk}/").status_code == 200
        return len(captured)

    assert queries(1) == queries(15)


def test_one_customer_shows_facts_channel_reason_invoices_and_family() -> None:
    company = make_company()
    parent = make_customer(company, name="Granli Konsern", email="konsern@granli.test")
    customer = make_customer(company, name="Granli Eiendom", parent=parent, method="")
    invoice = queue(customer).invoice
    while delivery.run():
        pass
    client = looked_up(company)

    page = client.get(f"/kunder/{customer.pk}/").content.decode()
    of_parent = client.get(f"/kunder/{parent.pk}/").content.decode()

    for words in (
        customer.number,
        customer.org_number,
        "fra hovedkunden",
        "Hovedkunden har en e-postadresse.",
        "Tatt imot",
    ):
        assert words in page
    assert f"/fakturaer/{invoice.pk}/" in page
    assert f"/kunder/{parent.pk}/" in page
    assert f"/kunder/{customer.pk}/" in of_parent
    assert f"/kunder/{customer.pk}/" in client.get(f"/fakturaer/{invoice.pk}/").content.decode()


def test_a_foreign_companys_customer_does_not_exist() -> None:
    foreign = make_customer(make_company(), name="Fremmed AS")
    client = signed_in(make_company())

    assert {client.get(path).status_code for path in paths_of(foreign)[:2]} == {404}
    assert {client.post(path, {"name": "Min"}).status_code for path in paths_of(foreign)[1:]} == {404}
    assert "Fremmed AS" not in client.get("/kunder/").content.decode()
    assert b"Fremmed AS" not in b"".join(client.get("/kunder/last-ned/?format=csv"))
    assert Customer.objects.get(pk=foreign.pk).name == "Fremmed AS"


@pytest.mark.parametrize("path", ["/kunder/", "/kunder/1/", "/kunder/ny/", "/kunder/1/rediger/", "/kunder/last-ned/"])
def test_strangers_are_led_to_the_sign_in(path: str) -> None:
    assert 'type="password"' in Client().get(path, follow=True).content.decode()


def test_check_now_asks_the_register_and_the_list_knows_it() -> None:
    customer = make_customer(make_company(), email="kunde@firma.test")
    client = looked_up(customer.company)
    assert shown(client, kanal="email") == [customer.name]
    register_customer(customer)

    said = client.post(f"/kunder/{customer.pk}/sjekk/", follow=True).content.decode()

    assert "Sjekket nå: Neste faktura går som E-faktura." in said
    assert Lookup.objects.get(identifier=f"0192:{customer.org_number}").answer == "registered"
    assert shown(client, kanal="einvoice") == [customer.name]


def test_R25_check_now_tells_of_a_silent_register_and_keeps_its_last_answer() -> None:
    customer = make_customer(make_company(), email="kunde@firma.test")
    register_customer(customer)
    client = looked_up(customer.company)
    silence_register()

    said = client.post(f"/kunder/{customer.pk}/sjekk/", follow=True).content.decode()

    assert "Registeret svarte ikke nå." in said
    assert "Det svarte ikke" in said
    assert shown(client, kanal="einvoice") == [customer.name]


def test_check_now_is_a_post() -> None:
    customer = make_customer(make_company())

    assert signed_in(customer.company).get(f"/kunder/{customer.pk}/sjekk/").status_code == 405


def test_what_is_saved_is_checked_cleaned_and_predicted_at_once() -> None:
    customer = make_customer(make_company())
    client = looked_up(customer.company)
    path = f"/kunder/{customer.pk}/rediger/"
    number = org_number(33_000_000)
    before = customer.changed_at

    typed = {"org_number": f"{number[:3]} {number[3:6]} {number[6:]}", "email": "a@b.test;c@d.test"}
    answer = client.post(path, filled_in(client, path, electronic_only="on", **typed))

    assert answer.status_code == 302
    customer.refresh_from_db()
    assert (customer.org_number, customer.email) == (number, "a@b.test, c@d.test")
    assert customer.electronic_only
    assert customer.changed_at > before
    assert not Prediction.objects.filter(customer=customer).stale().exists()
    assert client.get(f"/kunder/{customer.pk}/").context["expected"].mark == "wait"  # another org.nr, never asked about


def test_errors_stand_at_their_fields_and_what_was_typed_is_kept() -> None:
    company = make_company()
    other = make_customer(company, number="4102", name="Opptatt AS")
    customer = make_customer(company, name="Granli Eiendom")
    client = signed_in(company)
    path = f"/kunder/{customer.pk}/rediger/"

    wrong = {
        "org_number": "123 456 789",
        "email": "ikke en adresse",
        "number": "4102",
        "parent": "9999",
        "country": "N1",
    }
    answer = client.post(path, filled_in(client, path, name="Nytt navn", **wrong))

    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == set(wrong)
    page = answer.content.decode()
    for words in (
        f"brukes alt av {other.name}",
        "kundenummeret «9999»",
        "Nytt navn",
        "ikke en adresse",
        'href="#id_email"',
    ):
        assert words in page
    customer.refresh_from_db()
    assert customer.name == "Granli Eiendom"


@pytest.mark.database
def test_the_second_of_two_is_told_and_nothing_is_overwritten() -> None:
    customer = make_customer(make_company(), town="Oslo", email="gammel@firma.test")
    first, second = signed_in(customer.company), signed_in(customer.company)
    path = f"/kunder/{customer.pk}/rediger/"
    mine, theirs = filled_in(first, path, email="min@firma.test"), filled_in(second, path, town="Bergen")
    first.post(path, mine)

    answer = second.post(path, theirs)

    assert answer.status_code == 409
    page = answer.content.decode()
    assert "Noen andre har endret kunden" in page
    assert "E-post: «min@firma.test»" in page
    assert 'value="Bergen"' in page
    customer.refresh_from_db()
    assert (customer.email, customer.town) == ("min@firma.test", "Oslo")
    again = {**theirs, "email": "min@firma.test", "made_of": answer.context["form"]["made_of"].value()}
    assert second.post(path, again).status_code == 302
    customer.refresh_from_db()
    assert (customer.email, customer.town) == ("min@firma.test", "Bergen")


@pytest.mark.database
def test_R9_a_form_from_before_the_activation_can_not_bring_its_method_back() -> None:
    company = make_company(activated=False)
    customer = make_customer(company, method=Method.EMAIL)
    client = signed_in(company)
    path = f"/kunder/{customer.pk}/rediger/"
    old = filled_in(client, path, name="Nytt navn")
    activate(company, None)

    answer = client.post(path, old)

    assert answer.status_code == 409
    assert "method" in answer.context["form"].errors
    customer.refresh_from_db()
    assert (customer.method, customer.name) == (Method.AUTOINVOICE, customer.name)


def test_nothing_changed_outdates_nothing() -> None:
    customer = make_customer(make_company())
    client = signed_in(customer.company)
    path = f"/kunder/{customer.pk}/rediger/"

    said = client.post(path, filled_in(client, path), follow=True).content.decode()

    assert "Ingenting var endret." in said
    assert Customer.objects.get(pk=customer.pk).changed_at == customer.changed_at


@pytest.mark.parametrize(("activated", "method"), [(True, Method.AUTOINVOICE), (False, Method.EMAIL)])
def test_R10_a_new_customer_starts_with_the_method_of_the_day(activated: bool, method: Method) -> None:
    company = make_company(activated=activated)
    client = signed_in(company)

    answer = client.post(
        "/kunder/ny/", filled_in(client, "/kunder/ny/", name="Ny AS", number="1", email="ny@firma.test")
    )

    made = company.customers.get()
    assert answer["Location"] == f"/kunder/{made.pk}/"
    assert (made.name, made.method, made.kind) == ("Ny AS", method, Kind.BUSINESS)
    assert Prediction.objects.filter(customer=made).exists()


def test_R9_only_the_methods_of_the_day_can_be_chosen_and_no_method_without_a_parent() -> None:
    company = make_company()
    client = signed_in(company)
    typed = filled_in(client, "/kunder/ny/", name="Ny AS", number="1")

    for method in ("email", "einvoice", ""):
        answer = client.post("/kunder/ny/", {**typed, "method": method})
        assert answer.status_code == 422
        assert "method" in answer.context["form"].errors
    assert not company.customers.exists()


def test_R16_a_branch_takes_its_parents_method_and_a_foreign_parent_is_unknown() -> None:
    company = make_company()
    parent = make_customer(company, number="10", method=Method.SELF)
    make_customer(make_company(), number="20")
    client = signed_in(company)
    typed = filled_in(client, "/kunder/ny/", name="Avdeling", number="11", method="", parent="10")

    assert client.post("/kunder/ny/", {**typed, "parent": "20"}).status_code == 422
    client.post("/kunder/ny/", typed)

    made = company.customers.get(number="11")
    assert (made.parent, made.method, made.method_in_force) == (parent, "", Method.SELF)
    path = f"/kunder/{made.pk}/rediger/"
    assert 'value="10"' in client.get(path).content.decode()
    assert client.post(path, filled_in(client, path, town="Oslo")).status_code == 302


def rows_of(answer: Any) -> list[dict[str, str]]:
    text = b"".join(answer).decode()
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), delimiter=";"))


def test_the_file_holds_what_the_filter_shows_and_runs_nothing_in_excel() -> None:
    company = make_company()
    make_customer(company, name='=HYPERLINK("http://x")', number="1", email="æøå@firma.test", phone="+47 900 00 000")
    make_customer(company, name="Uten e-post", number="2")
    client = looked_up(company)

    answer = client.get("/kunder/last-ned/?" + urlencode({"kanal": "email", "format": "csv"}))
    (row,) = rows_of(answer)

    assert 'attachment; filename="kunder-' in answer["Content-Disposition"]
    assert row["Navn"] == '\'=HYPERLINK("http://x")'
    assert row["Mobil"] == "'+47 900 00 000"
    assert row["E-post"] == "æøå@firma.test"
    assert row["Fordi"].endswith("Kunden har en e-postadresse.")
    assert [row["Navn"] for row in rows_of(client.get("/kunder/last-ned/?mangler=epost-og-adresse&format=csv"))] == [
        "Uten e-post"
    ]


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_cell_that_would_be_a_formula_is_text(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"
    assert harmless(f"A{cell}") == f"A{cell}"


def test_a_stale_prediction_is_made_anew_for_the_page() -> None:
    customer = make_customer(make_company(), email="kunde@firma.test")
    register()
    client = looked_up(customer.company)
    client.get("/kunder/")
    Customer.objects.filter(pk=customer.pk).update(email="", changed_at=timezone.now() + timedelta(microseconds=1))

    assert client.get(f"/kunder/{customer.pk}/").context["expected"].mark == "onhold"
