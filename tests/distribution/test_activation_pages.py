"""«Mitt firma | Elektronisk faktura»: agreements, settings, the activation list and the one-way switch (R1-R15)."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from customers.models import Company, Customer, Membership, Method, Role, User
from distribution.activation import edit_proposals
from distribution.choices import settings_of
from distribution.models import Activation, Agreement, Prediction, ProposalEdit
from distribution.paging import PAGE
from distribution.prediction import look_up, predict
from distribution.states import AgreementStatus
from tests.factories import ADDRESS, make_company, make_customer, make_user, queue, register_customer, set_choices

pytestmark = pytest.mark.django_db
HERE = "/mitt-firma/elektronisk-faktura/"
LIST, EDIT, UNDO, CONFIRM = (f"{HERE}aktivering/{rest}" for rest in ("", "forslag/", "angre/", "bekreft/"))


def member(company: Company, role: Role = Role.ADMIN) -> tuple[Client, User]:
    user = make_user()
    Membership.objects.create(user=user, company=company, role=role)
    client = Client()
    client.force_login(user)
    return client, user


def before_activation(**facts: Any) -> Company:
    return make_company(activated=False, **facts)


def seen(client: Client, query: str = "") -> list[str]:
    return [row["customer"].name for row in client.get(LIST + query).context["rows"]]


def test_R2_an_admin_accepts_the_terms_by_name_and_who_and_when_is_kept() -> None:
    company = before_activation(b2b="none")
    client, user = member(company)

    refused = client.post(f"{HERE}avtaler/b2b/", {"name": "Kari Nordmann"})
    accepted = client.post(f"{HERE}avtaler/b2b/", {"name": "Kari Nordmann", "terms": "on"}, follow=True)

    assert refused.status_code == 422
    assert "Sett kryss" in refused.content.decode()
    assert "Kari Nordmann" in accepted.content.decode()
    agreement = Agreement.objects.get(company=company, kind="b2b")
    assert (agreement.status, agreement.accepted_by_name) == ("active", "Kari Nordmann")
    assert company.agreement_changes.get(kind="b2b", after="active").user == user


def test_R2_a_company_without_an_organisation_number_can_not_conclude() -> None:
    company = before_activation(b2b="none", b2c="none")
    Company.objects.filter(pk=company.pk).update(org_number="")
    client, _user = member(company)

    page = client.post(f"{HERE}avtaler/b2b/", {"name": "Kari", "terms": "on"})

    assert page.status_code == 422
    assert "organisasjonsnummer" in page.content.decode()
    assert not Agreement.objects.filter(company=company, kind="b2b", status=AgreementStatus.ACTIVE).exists()


def test_R4_without_an_agreement_the_list_says_why_not_and_nothing_activates() -> None:
    company = before_activation(b2b="none")
    client, _user = member(company)

    assert "Firmaet kan ikke aktivere ennå" in client.get(LIST).content.decode()
    tried = client.post(CONFIRM, {"firma": company.name}, follow=True)

    assert "aktiv avtale" in tried.content.decode()
    assert not Activation.objects.exists()


@pytest.mark.parametrize("address", [CONFIRM, f"{HERE}avtaler/b2b/"])
def test_only_an_admin_concludes_and_activates(address: str) -> None:
    company = before_activation()
    client, _user = member(company, Role.ACCOUNTANT)

    refused = client.post(address, {"firma": company.name, "name": "Kari", "terms": "on"})

    assert refused.status_code == 403
    assert "administrator" in refused.content.decode()
    assert not Activation.objects.exists()


def test_R5_R6_each_customer_with_method_now_proposal_channel_and_what_is_missing() -> None:
    company = before_activation()
    client, _user = member(company)
    register_customer(make_customer(company, name="Arne", email="arne@firma.test", method=Method.EMAIL))
    make_customer(company, name="Berit", method=Method.SELF)
    make_customer(company, name="Carl", method=Method.EINVOICE, org_number="")
    client.get(LIST)  # makes the predictions, and rings for the register
    from distribution.tasks import predict as predict_task

    predict_task(company.pk)

    rows = {row["customer"].name: row for row in client.get(LIST).context["rows"]}

    assert (rows["Arne"]["now"], rows["Arne"]["proposed"], rows["Arne"]["channel"]) == (
        "E-post",
        "autoinvoice",
        "einvoice",
    )
    assert (rows["Berit"]["now"], rows["Berit"]["proposed"]) == ("Skriv ut og send selv", "self")
    assert rows["Carl"]["missing"] == ["org.nr", "e-post", "postadresse"]
    totals = {row["name"]: (row["now"], row["after"]) for row in client.get(LIST).context["totals"]}
    assert totals["einvoice"] == (0, 1)
    assert totals["held"][1] == 1


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("?q=ber", ["Berit"]),
        ("?na=self", ["Berit"]),
        ("?ny=autoinvoice", ["Arne", "Carl", "Dina"]),
        ("?kanal=to_user", ["Berit"]),
        ("?utvalg=mine", []),
        ("?mangler=noe", ["Carl", "Dina"]),
        ("?mangler=epost", ["Carl", "Dina"]),
        ("?mangler=adresse", ["Carl"]),
        ("?mangler=orgnr", ["Carl"]),
        ("?mangler=epost&kanal=print", ["Dina"]),
        ("?mangler=nonsens&q=Arne", ["Arne"]),
        ("?q=%00'\"%25&na=nonsens", []),
    ],
)
def test_search_and_filters_show_what_they_name(query: str, names: list[str]) -> None:
    company = before_activation()
    client, _user = member(company)
    make_customer(company, name="Arne", email="arne@firma.test", method=Method.EMAIL)
    make_customer(company, name="Berit", method=Method.SELF)
    make_customer(company, name="Carl", method=Method.EINVOICE, org_number="")
    make_customer(company, name="Dina", method=Method.EINVOICE, **ADDRESS)
    look_up(company)
    predict(company)

    assert seen(client, query) == names


def test_edits_of_a_page_are_kept_and_shown_to_a_colleague_and_can_be_undone() -> None:
    company = before_activation()
    client, user = member(company)
    arne = make_customer(company, name="Arne", email="arne@firma.test", method=Method.EMAIL)
    berit = make_customer(company, name="Berit", method=Method.SELF)
    register_customer(arne)
    look_up(company)

    client.post(EDIT, {f"metode-{arne.pk}": "self", f"metode-{berit.pk}": "self"})

    assert dict(ProposalEdit.objects.values_list("customer", "method")) == {arne.pk: "self"}  # only what differs
    assert Prediction.objects.get(customer=arne).channel_after == "to_user"
    colleague, _other = member(company)
    assert f"Endret av {user}" in colleague.get(LIST).content.decode()
    assert seen(client, "?utvalg=mine") == ["Arne"]

    assert "Angre" in client.get(LIST).content.decode()
    client.post(UNDO)

    assert not ProposalEdit.objects.exists()
    client.get(LIST)
    assert Prediction.objects.get(customer=arne).channel_after == "einvoice"


def test_what_a_filter_shows_is_changed_at_once_and_undone_to_what_it_was_before() -> None:
    company = before_activation()
    client, _user = member(company)
    named = [
        make_customer(company, name=f"Kari {n}", email="k@firma.test", method=Method.EMAIL) for n in range(PAGE + 5)
    ]
    other = make_customer(company, name="Ola", email="o@firma.test", method=Method.EMAIL)
    client.post(EDIT, {f"metode-{named[0].pk}": "self"})

    client.post(EDIT, {"q": "Kari", "alle": "self", "omfang": "alle", "flere": "valgte"})

    edited = ProposalEdit.objects.filter(method="self").values_list("customer", flat=True)
    assert set(edited) == {one.pk for one in named}
    assert other.pk not in edited
    client.post(UNDO)
    assert list(ProposalEdit.objects.values_list("customer", "method")) == [(named[0].pk, "self")]


def test_pages_lead_through_all_customers_and_back() -> None:
    company = before_activation()
    client, _user = member(company)
    for number in range(2 * PAGE + 3):
        make_customer(company, name=f"Kunde {number // 2:03}", method=Method.SELF)  # names come twice

    first = client.get(LIST).context["page"]
    second = client.get(f"{LIST}?etter={first.after}").context["page"]
    third = client.get(f"{LIST}?etter={second.after}").context["page"]
    back = client.get(f"{LIST}?for={third.before}").context["page"]

    shown = [row.pk for page in (first, second, third) for row in page.rows]
    assert len(shown) == len(set(shown)) == 2 * PAGE + 3
    assert third.after is None
    assert first.before is None
    assert back.rows == second.rows


def of_three(company: Company) -> None:
    for name, number in (("Berit", "30"), ("Arne", "20"), ("Berit", "10")):
        make_customer(company, name=name, number=number, method=Method.SELF)


def numbers_seen(client: Client, query: str) -> list[str]:
    return [row["number"] for row in client.get(LIST + query).context["rows"]]


@pytest.mark.parametrize(
    ("sort", "numbers"),
    [
        ("", ["20", "30", "10"]),
        ("navn", ["20", "30", "10"]),
        ("-navn", ["10", "30", "20"]),
        ("nummer", ["10", "20", "30"]),
        ("-nummer", ["30", "20", "10"]),
        ("nonsens'\"%00", ["20", "30", "10"]),
    ],
)
def test_R5_the_list_sorts_by_name_and_by_number_both_ways(sort: str, numbers: list[str]) -> None:
    company = before_activation()
    client, _user = member(company)
    of_three(company)

    assert numbers_seen(client, f"?sorter={sort}") == numbers


def test_R5_the_head_of_a_column_says_how_it_sorts_and_turns_it() -> None:
    company = before_activation()
    client, _user = member(company)
    of_three(company)

    by_name = client.get(f"{LIST}?na=self").content.decode()
    by_number = client.get(f"{LIST}?na=self&sorter=-nummer&etter=1").content.decode()

    assert '<th scope="col" aria-sort="ascending"><a href="?na=self&amp;sorter=-navn#kunder">Kunde</a>' in by_name
    assert '<th scope="col"><a href="?na=self&amp;sorter=nummer#kunder">Kundenr.</a>' in by_name
    assert (
        '<th scope="col" aria-sort="descending"><a href="?na=self&amp;sorter=nummer#kunder">Kundenr.</a>' in by_number
    )


@pytest.mark.parametrize("sort", ["navn", "-navn", "nummer", "-nummer"])
def test_R5_pages_lead_through_all_in_every_order_and_back(sort: str) -> None:
    company = before_activation()
    client, _user = member(company)
    for number in range(2 * PAGE + 3):
        make_customer(company, name=f"Kunde {number // 2:03}", number=f"{900 - number}", method=Method.SELF)

    pages = [client.get(f"{LIST}?sorter={sort}").context["page"]]
    while pages[-1].after:
        pages.append(client.get(f"{LIST}?sorter={sort}&etter={pages[-1].after}").context["page"])
    back = client.get(f"{LIST}?sorter={sort}&for={pages[2].before}").context["page"]

    shown = [row.pk for page in pages for row in page.rows]
    assert len(pages) == 3
    assert len(shown) == len(set(shown)) == 2 * PAGE + 3
    assert [row.pk for row in back.rows] == [row.pk for row in pages[1].rows]


def test_R5_an_edit_and_its_undo_come_back_to_the_same_page_in_the_same_order() -> None:
    company = before_activation()
    client, _user = member(company)
    for number in range(PAGE + 2):
        make_customer(company, number=f"{100 + number}", method=Method.SELF)
    first = client.get(f"{LIST}?ny=self&sorter=nummer").context["page"]
    where = {"ny": "self", "sorter": "nummer", "etter": str(first.after)}

    # the customer that the second page goes on from leaves the filter by the edit itself
    edited = client.post(EDIT, {**where, f"metode-{first.after}": "autoinvoice"})
    undone = client.post(UNDO, where)

    assert edited["Location"] == undone["Location"] == f"{LIST}?ny=self&sorter=nummer&etter={first.after}#kunder"
    client.post(EDIT, {**where, f"metode-{first.after}": "autoinvoice"})
    assert numbers_seen(client, edited["Location"].removeprefix(LIST).partition("#")[0]) == ["150", "151"]


def links_to_fix(client: Client, query: str) -> list[str]:
    return [fix["href"] for row in client.get(LIST + query).context["rows"] for fix in row["fixes"]]


def test_R6_each_thing_that_is_missing_leads_to_its_field_and_back_to_the_row() -> None:
    company = before_activation()
    client, _user = member(company)
    carl = make_customer(company, name="Carl", method=Method.EINVOICE, org_number="")
    make_customer(company, name="Dina", method=Method.EMAIL, email="d@firma.test")
    predict(company)

    links = links_to_fix(client, "?q=Carl&sorter=nummer")
    page = client.get(links[0]).content.decode()

    assert [link.partition("#")[2] for link in links] == ["id_org_number", "id_email", "id_address_line"]
    assert all(f'id="{link.partition("#")[2]}"' in page for link in links)
    assert f'href="{LIST}?q=Carl&amp;sorter=nummer#metode-{carl.pk}">Forkast' in page
    assert 'aria-label="Fyll inn e-post for Carl"' in client.get(LIST).content.decode()


def test_R6_what_was_missing_is_filled_in_and_the_row_shows_the_new_channel() -> None:
    company = before_activation()
    client, _user = member(company)
    dina = make_customer(company, name="Dina", method=Method.EMAIL)
    look_up(company)
    predict(company)
    link = links_to_fix(client, "?na=email")[0]
    form = client.get(link).context["form"]
    typed = {name: value for name, value in form.initial.items() if value not in (None, False)}

    refused = client.post(link, {**typed, "email": "ikke en adresse"})
    saved = client.post(link, {**typed, "email": "dina@firma.test"})

    assert refused.status_code == 422
    assert f'href="{LIST}?na=email#metode-{dina.pk}">Forkast' in refused.content.decode()
    assert saved["Location"] == f"{LIST}?na=email#metode-{dina.pk}"
    row = client.get(f"{LIST}?na=email").context["rows"][0]
    assert (row["channel"], row["fixes"]) == ("email", [])


@pytest.mark.parametrize("elsewhere", ["https://ond.test/", "//ond.test/", "javascript:alert(1)"])
def test_the_form_of_a_customer_leads_back_to_no_other_site(elsewhere: str) -> None:
    company = before_activation()
    client, _user = member(company)
    dina = make_customer(company, name="Dina", method=Method.EMAIL)
    address = f"/kunder/{dina.pk}/rediger/?neste={elsewhere}"
    form = client.get(address)

    saved = client.post(address, {k: v for k, v in form.context["form"].initial.items() if v not in (None, False)})

    assert form.context["back"] == ""
    assert saved["Location"] == f"/kunder/{dina.pk}/"


def test_the_list_takes_as_many_queries_for_many_customers_as_for_few() -> None:
    counts = []
    for number in (3, 40):
        company = before_activation()
        client, _user = member(company)
        for _ in range(number):
            make_customer(company, method=Method.SELF)
        predict(company)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(LIST).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_R7_R8_activation_asks_for_the_name_and_happens_once() -> None:
    company = before_activation(name="Fjellro Kaffebrenneri AS")
    client, user = member(company)
    make_customer(company, name="Arne", email="arne@firma.test", method=Method.EMAIL)

    wrong = client.post(CONFIRM, {"firma": "Fjellro"})
    done = client.post(CONFIRM, {"firma": " fjellro kaffebrenneri as "}, follow=True)
    again = client.post(CONFIRM, {"firma": company.name}, follow=True)

    assert wrong.status_code == 422
    assert "Navnet stemmer ikke" in wrong.content.decode()
    assert "Tjenesten er aktivert" in done.content.decode()
    assert "Alle fakturaer sendes med Visma AutoInvoice" in again.content.decode()
    assert Activation.objects.get(company=company).user == user
    assert client.post(EDIT, {"alle": "self", "omfang": "alle", "flere": "valgte"}).status_code == 302
    assert not ProposalEdit.objects.exists()


def test_R7_enter_in_the_names_field_asks_whether_the_name_is_right_and_activates_nothing() -> None:
    company = before_activation(name="Fjellro Kaffebrenneri AS")
    client, _user = member(company)

    wrong = client.post(CONFIRM, {"firma": "Fjellro", "sjekk": "1"})
    right = client.post(CONFIRM, {"firma": company.name, "sjekk": "1"})

    assert "Navnet stemmer ikke" in wrong.content.decode()
    assert "Navnet stemmer. Trykk" in right.content.decode()
    assert right.content.decode().index('name="sjekk"') < right.content.decode().index("btn danger")
    assert not Activation.objects.exists()


def test_R7_who_asks_for_the_question_after_activation_is_led_to_what_changed() -> None:
    client, _user = member(make_company())

    assert client.get(CONFIRM)["Location"] == LIST
    assert client.get(CONFIRM, headers={"HX-Request": "true"})["HX-Redirect"] == LIST


def test_a_foreign_customer_can_not_be_edited() -> None:
    company, foreign = before_activation(), before_activation()
    client, _user = member(company)
    theirs = make_customer(foreign, email="x@firma.test", method=Method.EMAIL)

    client.post(EDIT, {f"metode-{theirs.pk}": "self"})
    client.post(EDIT, {"kunde": [theirs.pk], "alle": "self", "flere": "valgte"})

    assert not ProposalEdit.objects.exists()
    assert client.get(f"{LIST}?etter={theirs.pk}").context["page"].rows == []


def form_of(client: Client, **changed: Any) -> dict[str, Any]:
    initial = client.get(f"{HERE}innstillinger/").context["form"].initial
    values = {**initial, **changed}
    return {name: "on" if value is True else value for name, value in values.items() if value is not False}


def test_R11_R15_settings_are_saved_with_who_and_when() -> None:
    company = make_company()
    client, user = member(company, Role.ACCOUNTANT)

    client.post(f"{HERE}innstillinger/", form_of(client, never_email=True, email_text_nb="Hei {kunde}!"))

    now = settings_of(company)
    assert (now.never_email, now.email_text_nb) == (True, "Hei {kunde}!")
    assert {change.name for change in company.setting_changes.filter(user=user)} == {"never_email", "email_text_nb"}
    assert "Ikke send fakturaer via e-post" in client.get(f"{HERE}innstillinger/").content.decode()


def test_R14_an_unknown_placeholder_is_refused_at_the_field_and_what_was_typed_stays() -> None:
    company = make_company()
    client, _user = member(company)

    page = client.post(f"{HERE}innstillinger/", form_of(client, email_text_nb="Hei {kundne}!", never_email=True))

    words = page.content.decode()
    assert page.status_code == 422
    assert "Feltet {kundne} finnes ikke." in words
    assert "{kunde}" in words
    assert "Hei {kundne}!" in words
    assert not settings_of(company).never_email


def test_the_second_of_two_who_edit_is_told_and_overwrites_nothing() -> None:
    company = make_company()
    client, _user = member(company)
    mine = form_of(client, email_text_nb="Min tekst")
    set_choices(company, attach_pdf=False)

    told = client.post(f"{HERE}innstillinger/", mine)

    assert told.status_code == 409
    assert "Noen andre har lagret" in told.content.decode()
    assert "Min tekst" in told.content.decode()
    assert settings_of(company).email_text_nb == ""
    assert not settings_of(company).attach_pdf


def test_R14_the_preview_is_the_mail_with_a_real_invoices_facts_before_it_is_saved() -> None:
    company = make_company()
    client, _user = member(company)
    queue(make_customer(company, name="Arne & Sønn", email="arne@firma.test", **ADDRESS), number="7001")

    page = client.post(f"{HERE}innstillinger/", {**form_of(client, email_text_nb="Hei {kunde}: {nummer}"), "vis": "1"})

    assert page.status_code == 200
    assert "Hei Arne &amp; Sønn: 7001" in page.content.decode()
    assert settings_of(company).email_text_nb == ""


def test_a_row_that_a_colleague_changed_meanwhile_is_not_set_back_with_ones_own() -> None:
    """htmx posts the whole page's rows: only those count that differ from what the page showed."""
    company = make_company(activated=False)
    client, _user = member(company)
    mine, theirs = make_customer(company), make_customer(company)
    edit_proposals(Customer.objects.filter(pk=theirs.pk), Method.SELF, make_user())
    shown = {f"var-{one.pk}": "autoinvoice" for one in (mine, theirs)}

    client.post(
        f"{HERE}aktivering/forslag/", {**shown, f"metode-{mine.pk}": "self", f"metode-{theirs.pk}": "autoinvoice"}
    )

    assert dict(ProposalEdit.objects.values_list("customer", "method")) == {mine.pk: "self", theirs.pk: "self"}


def test_nothing_is_edited_in_a_company_that_the_page_did_not_show() -> None:
    company, other = make_company(activated=False), make_company(activated=False)
    make_customer(company)
    client, _user = member(company)

    client.post(
        f"{HERE}aktivering/forslag/",
        {"firma": other.pk, "flere": "1", "omfang": "alle", "alle": "self", "metode-²": "self"},
    )

    assert not ProposalEdit.objects.exists()
