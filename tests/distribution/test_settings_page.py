"""«Innstillinger» says what is not saved yet, and what is stored instead."""

from typing import Any

import pytest
from django.test import Client

from customers.models import Company
from distribution.choices import settings_of
from tests.factories import make_company, set_choices
from tests.test_pages import signed_in

pytestmark = pytest.mark.django_db
PAGE = "/mitt-firma/elektronisk-faktura/innstillinger/"
STORED = "Hei {kunde}!\nHilsen oss"


def company_with_a_text() -> Company:
    company = make_company()
    set_choices(company, email_text_nb=STORED)
    return company


def shown(client: Client, **typed: Any) -> Any:
    """«Vis med det du har skrevet», with the rest as stored; None leaves a box empty."""
    values = {"attach_pdf": "on", "hold_duplicates": "on", "email_text_nb": STORED.replace("\n", "\r\n"), "vis": "1"}
    return client.post(PAGE, {name: value for name, value in {**values, **typed}.items() if value is not None})


def test_what_differs_from_the_stored_is_counted_and_told() -> None:
    client = signed_in(company_with_a_text())

    words = shown(client, email_text_nb="Hallo", email_text_en="Hello", attach_pdf=None).content.decode()

    assert "3 ulagrede endringer." in words
    assert "Lagret: «Hei {kunde}!" in words
    assert "Lagret: standardteksten" in words


def test_a_browsers_way_of_ending_lines_is_no_change() -> None:
    company = company_with_a_text()
    client = signed_in(company)

    page = shown(client)
    assert page.context["edited"] == []
    assert "ulagret" not in page.content.decode().replace('id="ulagret"', "").replace("#ulagret", "")
    made_of = page.context["form"].initial["made_of"]
    client.post(PAGE, {**shown_values(page), "made_of": made_of})

    assert settings_of(company).email_text_nb == STORED
    assert company.setting_changes.count() == 1  # the factory's


def shown_values(page: Any) -> dict[str, Any]:
    form = page.context["form"]
    values = {name: form[name].value() for name in form.fields}
    return {name: "on" if value is True else value for name, value in values.items() if value}


def test_a_refused_text_is_still_told_as_not_saved() -> None:
    page = shown(signed_in(company_with_a_text()), email_text_nb="Hei {kundne}")

    assert page.status_code == 422
    assert page.context["edited"] == ["email_text_nb"]
