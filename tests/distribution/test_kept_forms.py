"""Signed out in mid-edit: what was typed is there again after the sign-in, for its writer alone, and nothing is saved by it."""

from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from customers.models import Company, Customer, Membership, Role, User
from distribution.choices import settings_of
from distribution.views.kept import MOST
from tests.factories import make_company, make_customer, make_user

pytestmark = pytest.mark.django_db
NEW, SETTINGS = "/kunder/ny/", "/mitt-firma/elektronisk-faktura/innstillinger/"
TOLD = "Du var logget ut. Det du skrev, er her ennå; se over og lagre."
PASSWORD, LOGIN = "hemmelig-nok", reverse("account_login")


def at_work(*companies: Company, user: User | None = None) -> tuple[Client, User]:
    """Signed in, with a page read."""
    user, client = user or make_user(), Client()
    for company in companies:
        Membership.objects.create(user=user, company=company, role=Role.ADMIN)
    client.force_login(user)
    client.get("/mitt-firma/")
    return client, user


def loses_the_session(client: Client) -> None:
    del client.cookies[settings.SESSION_COOKIE_NAME]


def signs_in(client: Client, user: User, address: str) -> Any:
    typed = {"login": user.email, "password": PASSWORD, "next": address}
    return client.post(reverse("account_login"), typed, follow=True)


@pytest.mark.parametrize(
    ("address", "typed"),
    [
        (NEW, {"name": "Halvskrevet AS", "number": "4711"}),
        ("/kunder/{customer}/rediger/", {"name": "Halvskrevet AS", "number": "4711"}),
        (SETTINGS, {"email_text_nb": "Halvskrevet AS hilser", "never_email": "on"}),
        ("/fakturaer/ny/", {"customer": "Halvskrevet AS", "linje-TOTAL_FORMS": "1", "linje-INITIAL_FORMS": "0"}),
        ("/mitt-firma/rediger/", {"name": "Halvskrevet AS"}),
    ],
)
def test_after_the_sign_in_the_form_shows_what_was_typed_and_has_saved_nothing(
    address: str, typed: dict[str, str]
) -> None:
    company = make_company()
    customer = make_customer(company)
    address = address.format(customer=customer.pk)
    client, user = at_work(company)
    loses_the_session(client)

    led = client.post(address, typed)
    page = signs_in(client, user, address)

    assert led["Location"] == f"{reverse('account_login')}?next={address}"
    assert page.request["PATH_INFO"] == address
    assert TOLD in page.content.decode()
    assert "Halvskrevet AS" in page.content.decode()
    assert not Customer.objects.filter(name="Halvskrevet AS").exists()
    assert not Company.objects.filter(name="Halvskrevet AS").exists()
    assert not settings_of(company).never_email
    assert "Halvskrevet" not in client.get(address).content.decode()  # shown once


def test_another_who_signs_in_here_never_sees_it() -> None:
    company = make_company()
    client, user = at_work(company)
    _other, colleague = at_work(company)
    loses_the_session(client)
    client.post(NEW, {"name": "Halvskrevet AS"})

    page = signs_in(client, colleague, NEW)

    assert "Halvskrevet" not in page.content.decode()
    assert "typed" not in client.session
    assert user.pk != colleague.pk


def test_the_form_comes_back_in_the_company_that_it_was_written_in() -> None:
    first, second = make_company(name="Aa AS"), make_company(name="Åå AS")
    client, user = at_work(first, second)
    client.post(f"/firma/{second.pk}/velg/")
    loses_the_session(client)
    client.post(NEW, {"name": "Halvskrevet AS"})

    page = signs_in(client, user, NEW)

    assert page.context["company"] == second
    assert page.context["form"].instance.company == second


@pytest.mark.parametrize("more", [{"name": "x" * MOST}, {"vedlegg": "fil"}])
def test_long_texts_and_files_are_not_kept(more: dict[str, Any], tmp_path: Any) -> None:
    client, _user = at_work(make_company())
    loses_the_session(client)
    path = tmp_path / "fil.txt"
    path.write_text("innhold")
    with path.open("rb") as file:
        client.post(NEW, {"name": "Halvskrevet AS", **({"vedlegg": file} if "vedlegg" in more else more)})

    assert "typed" not in client.session


def test_nothing_is_kept_for_a_browser_nobody_worked_in_nor_for_another_sites_form() -> None:
    stranger = Client()
    stranger.post(NEW, {"name": "Halvskrevet AS"})
    assert "typed" not in stranger.session

    client, user = at_work(make_company())
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = client.cookies
    loses_the_session(strict)
    assert strict.post(NEW, {"name": "Halvskrevet AS"}).status_code == 403
    assert "typed" not in strict.session
    assert user.is_active


def test_what_is_kept_is_forgotten_after_an_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    client, user = at_work(make_company())
    loses_the_session(client)
    client.post(NEW, {"name": "Halvskrevet AS"})
    monkeypatch.setattr("distribution.views.kept.SECONDS", -1)

    assert "Halvskrevet" not in signs_in(client, user, NEW).content.decode()


def test_an_order_of_one_who_is_signed_out_leads_back_to_the_page_it_stood_on() -> None:
    company = make_company()
    customer = make_customer(company)
    client, user = at_work(company)
    loses_the_session(client)
    page, order = "/kunder/?mangler=noe", f"/kunder/{customer.pk}/arkiver/"

    answer = client.post(order, headers={"referer": f"http://testserver{page}"})
    foreign = client.post(order, headers={"referer": "https://fremmed.example/kunder/"})
    by_htmx = client.post(order, headers={"hx-request": "true", "hx-current-url": f"http://testserver{page}"})

    assert answer.headers["Location"] == by_htmx.headers["HX-Redirect"] == f"{LOGIN}?next=%2Fkunder%2F%3Fmangler%3Dnoe"
    assert foreign.headers["Location"] == f"{LOGIN}?next=%2F"
    assert signs_in(client, user, page).status_code == 200
    assert Customer.objects.get(pk=customer.pk).archived_at is None
