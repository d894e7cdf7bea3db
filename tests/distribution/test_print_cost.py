"""The expected cost of print on «Aktivering» (R6, R11)."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from customers.models import Company, Membership, Method, Role
from distribution.models import PrintPrice
from distribution.prediction import look_up, predict
from distribution.print_cost import cost_of, expected_cost
from tests.factories import ADDRESS, make_company, make_customer, make_user, set_choices

pytestmark = pytest.mark.django_db
LIST = "/mitt-firma/elektronisk-faktura/aktivering/"


def price(letter: str = "13.50", page: str = "1.50", *, days: int = -1, **facts: Any) -> PrintPrice:
    first = timezone.localdate() + timedelta(days=days)
    return PrintPrice.objects.create(per_letter=Decimal(letter), per_page=Decimal(page), valid_from=first, **facts)


def with_one_letter() -> tuple[Company, Client]:
    """One customer goes to print once activated, one by e-mail."""
    company, user = make_company(activated=False), make_user()
    Membership.objects.create(user=user, company=company, role=Role.ADMIN)
    make_customer(company, method=Method.EMAIL, **ADDRESS)
    make_customer(company, method=Method.EMAIL, email="kunde@firma.test")
    look_up(company)
    predict(company)
    client = Client()
    client.force_login(user)
    return company, client


def test_a_letter_costs_its_envelope_and_its_pages() -> None:
    one = price()
    assert cost_of(0, one) == 0
    assert cost_of(1, one) == Decimal("15.00")
    assert cost_of(10, one, pages=3) == Decimal("180.00")


def test_small_prices_are_not_rounded_before_they_are_many() -> None:
    assert cost_of(1000, price("0.0001", "0.0004")) == Decimal("0.5")


def test_R11_the_companys_own_pdf_costs_a_cover_sheet() -> None:
    company = make_company()
    price()
    assert expected_cost(company, 2).words == "2 brev à 1 side: 30,00\u00a0kr"

    assert expected_cost(company, 100_000).words == "100\u00a0000 brev à 1 side: 1\u00a0500\u00a0000,00\u00a0kr"

    set_choices(company, own_pdf_for_print=True)

    assert expected_cost(company, 2).words == "2 brev à 2 sider: 33,00\u00a0kr"
    assert expected_cost(company, 2).cover_sheet


def test_the_price_is_the_newest_that_holds_today_in_kroner() -> None:
    company = make_company()
    price("1", "0", days=-30)
    price("2", "0", days=0)
    price("4", "0", days=1)
    price("8", "0", days=0, currency="SEK")

    assert expected_cost(company, 1).total == Decimal(2)


def test_a_price_is_never_negative_nor_two_on_a_day() -> None:
    price()
    for wrong in ({"letter": "-1", "days": 3}, {"letter": "1"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            price(**wrong)


@pytest.mark.parametrize("page", [LIST, f"{LIST}bekreft/"])
def test_R6_the_pages_say_what_one_round_of_letters_costs(page: str) -> None:
    company, client = with_one_letter()

    before = client.get(page).content.decode()
    price()
    after = client.get(page).content.decode()
    set_choices(company, own_pdf_for_print=True)
    own = client.get(page).content.decode()

    assert "1 brev à 1 side</b>. Ingen pris er satt." in before
    assert "1 brev à 1 side: 15,00\u00a0kr" in after
    assert "Ingen pris" not in after
    assert "1 brev à 2 sider: 16,50\u00a0kr" in own
    assert "Forsidearket til egen PDF er regnet med som én side per brev." in own
    assert "Forsidearket" not in after


def test_R11_without_a_cover_sheet_an_own_pdf_costs_no_more(settings: LazySettings) -> None:
    company = make_company()
    set_choices(company, own_pdf_for_print=True)

    assert expected_cost(company, 3).pages == 2
    settings.PRINT_COVER_SHEET = False
    assert (expected_cost(company, 3).pages, expected_cost(company, 3).cover_sheet) == (1, False)


def test_ops_set_a_price_in_the_admin() -> None:
    client = Client()
    client.force_login(make_user(is_staff=True, is_superuser=True))
    typed = {"currency": "NOK", "per_letter": "14,20", "per_page": "1,10", "valid_from": "2026-01-01"}

    client.post("/admin/distribution/printprice/add/", typed)
    refused = client.post(
        "/admin/distribution/printprice/add/", {**typed, "per_page": "-1", "valid_from": "2026-02-01"}
    )

    assert refused.status_code == 200
    assert [(one.per_letter, one.per_page) for one in PrintPrice.objects.all()] == [(Decimal("14.20"), Decimal("1.10"))]
