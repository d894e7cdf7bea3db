"""The one-way switch (R3-R10), on both databases."""

import threading
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from customers.models import Company, Customer, Method
from distribution.activation import NotActivatable, activate, edit_proposals, propose, refusal
from distribution.models import Activation, MethodChange
from tests.factories import make_company, make_customer, make_user

pytestmark = pytest.mark.database


def company_with(*methods: str) -> Company:
    company = make_company(activated=False)
    for method in methods:
        make_customer(company, method=method)
    return company


def methods_of(company: Company) -> list[str]:
    return list(company.customers.order_by("pk").values_list("method", flat=True))


@pytest.mark.django_db
def test_T30_email_and_einvoice_are_proposed_autoinvoice_and_the_rest_stay() -> None:
    company = company_with("einvoice", "email", "self")

    assert [row.proposed for row in propose(company).order_by("pk")] == ["autoinvoice", "autoinvoice", "self"]  # type: ignore[attr-defined]


@pytest.mark.django_db
def test_T30_the_list_has_every_customer_of_ten_thousand_and_no_other_company() -> None:
    company, other = make_company(activated=False), company_with("email")
    Customer.objects.bulk_create(
        Customer(company=company, number=str(n), name=f"Kunde {n}", method=Method.EMAIL) for n in range(10_000)
    )

    assert propose(company).count() == 10_000
    assert propose(other).count() == 1


@pytest.mark.django_db
def test_R16_a_branch_is_proposed_what_its_parent_is() -> None:
    company = company_with("einvoice", "self")
    first, second = company.customers.order_by("pk")
    make_customer(company, method="", parent=first)
    make_customer(company, method="", parent=second)

    assert [row.proposed for row in propose(company).order_by("pk")][2:] == ["autoinvoice", "self"]  # type: ignore[attr-defined]


@pytest.mark.django_db
def test_T31_without_an_agreement_it_says_why_and_refuses() -> None:
    company = make_company(activated=False, b2b="pending")

    assert "avtale om elektronisk faktura" in refusal(company)
    with pytest.raises(NotActivatable):
        activate(company, None)
    assert not Company.objects.get(pk=company.pk).activated


@pytest.mark.django_db
def test_T32_after_activation_only_two_methods_are_valid() -> None:
    company = company_with("email")
    activate(company, None)
    customer = company.customers.select_related("company").get()

    customer.method = Method.EMAIL
    with pytest.raises(ValidationError):
        customer.full_clean()
    customer.method = Method.SELF
    customer.full_clean()


@pytest.mark.django_db
def test_T33_a_second_activation_by_another_user_is_the_same_one() -> None:
    company, first, second = company_with("email", "self"), make_user(), make_user()

    made, found = activate(company, first), activate(Company.objects.get(pk=company.pk), second)

    assert (made.first, found.first) == (True, False)
    assert found.activation == made.activation
    assert found.activation.user == first
    assert Activation.objects.count() == 1
    assert MethodChange.objects.count() == 2


@pytest.mark.django_db
def test_R7_the_history_has_each_customers_method_before_and_after() -> None:
    company = company_with("einvoice", "email", "self")
    parent = company.customers.order_by("pk").first()
    make_customer(company, method="", parent=parent)

    activation = activate(company, None).activation

    changes = list(activation.method_changes.order_by("customer_id").values_list("before", "after"))
    assert changes == [("einvoice", "autoinvoice"), ("email", "autoinvoice"), ("self", "self"), ("", "")]
    assert methods_of(company) == ["autoinvoice", "autoinvoice", "self", ""]


@pytest.mark.django_db
def test_T34_a_single_customer_stays_editable_but_the_activation_does_not() -> None:
    company = company_with("email")
    activate(company, None)

    company.customers.update(method=Method.SELF)
    assert methods_of(company) == ["self"]
    for undo in (None, "2020-01-01T00:00:00Z"):
        with pytest.raises(IntegrityError), transaction.atomic():
            Company.objects.filter(pk=company.pk).update(activated_at=undo)


@pytest.mark.django_db
def test_T35_a_crash_in_the_middle_leaves_nothing_and_a_restart_completes(monkeypatch: pytest.MonkeyPatch) -> None:
    company = company_with("email", "einvoice")

    class Killed(BaseException):
        pass

    def die(_company: Company) -> None:
        company.customers.filter(method="email").update(method="autoinvoice")
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr("distribution.activation._apply", die)
        with pytest.raises(Killed), transaction.atomic():
            activate(company, None)
    assert methods_of(company) == ["email", "einvoice"]
    assert not Activation.objects.exists()
    assert not MethodChange.objects.exists()

    assert activate(company, None).first
    assert methods_of(company) == ["autoinvoice", "autoinvoice"]


@pytest.mark.django_db
def test_T36_a_customer_that_came_during_the_review_is_in_it() -> None:
    company = company_with("email")
    list(propose(company))
    make_customer(company, method="einvoice")

    activate(company, None)

    assert methods_of(company) == ["autoinvoice", "autoinvoice"]


@pytest.mark.django_db
def test_T37_edits_in_the_list_are_honoured() -> None:
    company, user = company_with("email", "einvoice", "self", "self"), make_user()
    ids = list(company.customers.order_by("pk").values_list("pk", flat=True))
    edit_proposals(company.customers.filter(pk=ids[0]), Method.SELF, user)
    edit_proposals(company.customers.filter(method="self"), Method.AUTOINVOICE, user)
    edit_proposals(company.customers.filter(pk=ids[3]), Method.SELF, user)

    assert [row.proposed for row in propose(company).order_by("pk")] == ["self", "autoinvoice", "autoinvoice", "self"]  # type: ignore[attr-defined]
    activate(company, user)

    assert methods_of(company) == ["self", "autoinvoice", "autoinvoice", "self"]


@pytest.mark.django_db
def test_P10_a_repeated_activation_changes_nothing_that_was_edited_since() -> None:
    company = company_with("email")
    activate(company, None)
    company.customers.update(method=Method.SELF)

    activate(company, None)

    assert methods_of(company) == ["self"]


def test_T33_two_at_once_make_one_activation(committed: str) -> None:
    company = company_with("email", "einvoice", "self")
    start, results = threading.Barrier(2), []

    def press() -> None:
        start.wait()
        try:
            results.append(activate(Company.objects.get(pk=company.pk), None))
        finally:
            connection.close()

    threads = [threading.Thread(target=press) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(result.first for result in results) == [False, True]
    assert Activation.objects.count() == 1
    assert MethodChange.objects.count() == 3


@pytest.mark.django_db
def test_a_company_without_customers_can_activate() -> None:
    company: Any = company_with()

    assert activate(company, None).first
