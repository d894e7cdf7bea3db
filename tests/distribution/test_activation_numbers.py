"""What «Aktivering» counts: in the page of a small company, after it in the page of a large one, and the same numbers."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from customers.models import Company, Customer, Method
from distribution.activation import edit_proposals, propose
from distribution.models import Agreement, DistributionSettings, Lookup, Prediction, ProposalEdit
from distribution.outdated import outdated
from distribution.paging import PAGE
from distribution.prediction import look_up, predict
from distribution.proposals import Wanted, number_found, proposals
from distribution.views import predicted
from tests.factories import ADDRESS, make_company, make_customer, make_user, register_customer
from tests.test_pages import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.database]
LIST = "/mitt-firma/elektronisk-faktura/aktivering/"
NUMBERS, FOUND = f"{LIST}tall/", f"{LIST}antall/"
LATER = timedelta(seconds=5)


@pytest.fixture
def company() -> Company:
    """Customers of all kinds, their registers asked and their predictions made."""
    company = make_company(activated=False)
    register_customer(make_customer(company, name="Arne", email="arne@firma.test", method=Method.EMAIL))
    make_customer(company, name="Berit", method=Method.SELF)
    make_customer(company, name="Carl", method=Method.EINVOICE, org_number="")
    parent = make_customer(company, name="Dina", method=Method.EMAIL, email="d@firma.test")
    make_customer(company, name="Dina avdeling", method="", parent=parent)
    by_hand = make_customer(company, name="Egil", method=Method.SELF)
    make_customer(company, name="Egil avdeling", method="", parent=by_hand)
    make_customer(company, name="Frida", method=Method.EINVOICE, **ADDRESS)
    look_up(company)
    predict(company)
    return company


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every company is a large one."""
    monkeypatch.setattr(predicted, "COUNTED_AT_ONCE", 0)


def numbers(answer: Any) -> Any:
    return answer.context["numbers"]


def test_a_small_company_has_the_numbers_in_the_page(company: Company) -> None:
    page = signed_in(company).get(LIST)

    assert numbers(page).customers == page.context["found"] == 8
    assert "regnes ut" not in page.content.decode()
    assert NUMBERS not in page.content.decode()


@pytest.mark.usefixtures("large")
def test_a_large_company_gets_the_page_first_and_then_the_same_numbers(company: Company) -> None:
    client = signed_in(company)

    page, part, asked = client.get(LIST), client.get(NUMBERS), client.get(f"{LIST}?tall=1")

    words = page.content.decode()
    assert f'hx-get="{NUMBERS}?" hx-trigger="load"' in words
    assert "Tallene regnes ut." in words
    assert '<a href="?tall=1">Vis tallene</a>' in words  # without script
    assert "<data" not in words  # no number that nobody has counted
    assert numbers(part) == numbers(asked)
    assert numbers(part).customers == 8
    assert 'id="utvalg"' in part.content.decode()
    assert "8 kunder" in part.content.decode()
    assert "regnes ut" not in asked.content.decode()


@pytest.mark.usefixtures("large")
def test_the_number_that_a_filter_finds_comes_after_the_page(company: Company) -> None:
    client = signed_in(company)

    assert f'hx-get="{FOUND}?na=self"' in client.get(f"{LIST}?na=self").content.decode()
    assert "3 kunder" in client.get(f"{FOUND}?na=self").content.decode()
    assert client.get(f"{LIST}?na=self&tall=1").context["found"] == 3


@pytest.mark.usefixtures("large")
def test_R6_the_rows_of_a_large_companys_page_are_made_anew_before_they_are_shown(company: Company) -> None:
    client = signed_in(company)
    Customer.objects.filter(name="Frida").update(method=Method.SELF, changed_at=timezone.now() + LATER)

    row = next(row for row in client.get(LIST).context["rows"] if row["name"] == "Frida")

    assert row["channel"] == "to_user"


@pytest.mark.usefixtures("large")
def test_R6_many_stale_predictions_are_said_where_the_numbers_are(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("distribution.views.activation_numbers.AT_ONCE", 0)
    DistributionSettings.objects.update_or_create(company=company, defaults={"changed_at": timezone.now() + LATER})

    part = signed_in(company).get(NUMBERS).content.decode()

    assert "regnes på nytt for 8 kunder" in part
    assert "every 4s" in part


@pytest.mark.usefixtures("large")
def test_the_page_of_a_large_company_counts_nothing(company: Company) -> None:
    client = signed_in(company)

    with CaptureQueriesContext(connection) as queries:
        client.get(LIST)

    assert not [one["sql"] for one in queries if "COUNT(" in one["sql"] and "delivery" not in one["sql"]]
    assert len(client.get(LIST).context["rows"]) <= PAGE


QUERIES = [
    {}, {"channel": "einvoice"}, {"channel": "held"}, {"channel": "waits"}, {"selection": "moves"}, {"selection": "missing"},
    {"selection": "mine"}, {"now": "self"}, {"now": "email"}, {"proposed": "self"}, {"proposed": "autoinvoice"}, {"q": "dina"},
    {"q": "dina", "proposed": "self"}, {"channel": "held", "selection": "missing"}, {"selection": "nonsense"},
    {"missing": "noe"}, {"missing": "epost"}, {"missing": "adresse"}, {"missing": "orgnr"}, {"missing": "epost-og-adresse"},
    {"missing": "epost", "channel": "print"}, {"missing": "orgnr", "q": "carl"}, {"missing": "nonsense"},
]  # fmt: skip


@pytest.mark.parametrize("asked", QUERIES, ids=str)
def test_the_number_found_is_that_of_the_rows_and_the_filters_mean_what_the_list_says(
    company: Company, asked: dict[str, str]
) -> None:
    user = make_user()
    edit_proposals(company.customers.filter(name__in=["Dina", "Frida"]), Method.SELF, user)
    predict(company)
    wanted = Wanted(**asked)

    found = list(proposals(company, wanted, user))

    assert number_found(company, wanted, user) == len(found)
    said: Any = {row.pk: row for row in propose(company)}
    for field, name in (("now", "method_now"), ("proposed", "proposed")):
        if field in asked and len(asked) == 1:
            assert {row.pk for row in found} == {pk for pk, row in said.items() if getattr(row, name) == asked[field]}


CHANGES: dict[str, Any] = {
    "nothing": lambda company: None,
    "a customer": lambda company: company.customers.filter(name="Arne").update(changed_at=timezone.now() + LATER),
    "a parent": lambda company: company.customers.filter(name="Dina").update(changed_at=timezone.now() + LATER),
    "a proposal": lambda company: ProposalEdit.objects.create(
        customer=company.customers.get(name="Egil"), method=Method.AUTOINVOICE, at=timezone.now() + LATER
    ),
    "the settings": lambda company: DistributionSettings.objects.update_or_create(
        company=company, defaults={"changed_at": timezone.now() + LATER}
    ),
    "an agreement": lambda company: Agreement.objects.filter(company=company).update(changed_at=timezone.now() + LATER),
    "an answer": lambda company: Lookup.objects.update(changed_at=timezone.now() + LATER),
    "one made long ago": lambda company: Prediction.objects.filter(customer__name="Carl").update(
        made_at=timezone.now() - timedelta(days=9)
    ),
}


@pytest.mark.parametrize("few", [1000, 0], ids=["few", "many"])
@pytest.mark.parametrize("change", CHANGES)
def test_R6_what_is_outdated_is_what_the_definition_says(
    company: Company, change: str, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("distribution.outdated.FEW", few)
    CHANGES[change](company)

    by_definition = set(Prediction.objects.filter(company=company).stale().values_list("pk", flat=True))

    assert set(outdated(company)) == by_definition
    assert bool(by_definition) == (change != "nothing")


def test_the_parts_of_an_activated_company_lead_to_its_page() -> None:
    client: Client = signed_in(make_company())

    assert {client.get(address).status_code for address in (NUMBERS, FOUND)} == {302}
