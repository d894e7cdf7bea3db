"""An accountant of one company never sees another's anything: every address of the URL table, with the other company's ids."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, reverse
from django.utils import timezone

from customers.models import Company, Customer, Membership, Role
from distribution import delivery
from distribution.models import Delivery, Draft, Link
from distribution.prediction import predict
from distribution.urls import urlpatterns
from tests.factories import ADDRESS, make_company, make_customer, make_user, queue

pytestmark = pytest.mark.django_db
NAME = "Hemmelig Gartneri"  # of the other company's customer
# What has no company behind it, or whose key is the right to see it.
OPEN = {
    "hook-autoinvoice",
    "hook-anymail",
    "link",
    "link-pdf",
    "link-logo",
    "verify-email",
    "livez",
    "readyz",
    "metrics",
}
BY_ID = {
    "choose-company": ["company_id"],
    "morning-mail": ["company_id"],
    "customer": ["customer_id"],
    "edit-customer": ["customer_id"],
    "check-customer": ["customer_id"],
    "fill-in": ["customer_id"],
    "national-id": ["customer_id"],
    "archive-customer": ["customer_id"],
    "bring-back-customer": ["customer_id"],
    "use-address": ["customer_id"],
    "invoice": ["invoice_id"],
    "settle": ["invoice_id"],
    "invoice-pdf": ["invoice_id"],
    "invoice-xml": ["invoice_id"],
    "invoice-evidence": ["invoice_id"],
    "frozen-file": ["invoice_id", "key"],
    "withdraw-link": ["invoice_id", "link_id"],
    "send-again": ["invoice_id"],
    "another-way": ["invoice_id"],
    "stop": ["invoice_id"],
    "credit": ["invoice_id"],
    "new-invoice-customers": ["company_id"],
    "draft": ["draft_id"],
    "delete-draft": ["draft_id"],
    "change-member": ["membership_id"],
    "remove-member": ["membership_id"],
    "run": ["run_id"],
    "undo": ["run_id"],
    "run-file": ["run_id"],
    "run-workbook": ["run_id"],
    "run-pdf": ["run_id"],
}
OF_ONES_OWN = {
    "home", "choose-language", "invoices", "customers", "new-customer", "customers-import", "customers-import-now",
    "customers-download", "new-invoice", "upload", "company", "edit-company", "company-logo", "members",
    "send-verification",
    "electronic-invoice", "provider-account", "provider-text", "conclude",
    "settings", "activation", "activation-numbers", "activation-found", "proposals", "proposals-download", "undo-proposals", "activate",
    "runs", "worklist", "send-ready",
    "customers-import-columns",
    "drafts", "drafts-preview", "drafts-send",
}  # fmt: skip


def names() -> list[str]:
    assert all(isinstance(one, URLPattern) for one in urlpatterns)
    return [str(one.name) for one in urlpatterns]


@pytest.fixture
def theirs() -> Delivery:
    """Another company's customer, invoice and run."""
    row = queue(make_customer(make_company(), name=NAME, email="hemmelig@gartneri.test", **ADDRESS))
    while delivery.run():
        pass
    predict(row.company)
    return row


@pytest.fixture
def client() -> Client:
    """Of an admin of a company that has a customer and an invoice of its own."""
    user, company = make_user(), make_company()
    Membership.objects.create(user=user, company=company, role=Role.ADMIN)
    queue(make_customer(company, email="egen@kunde.test"))
    client = Client()
    client.force_login(user)
    return client


def test_every_address_is_known_here() -> None:
    """Whoever adds an address says here whether it takes an id, and the tests below try it."""
    assert set(names()) == OPEN | BY_ID.keys() | OF_ONES_OWN
    taking = {one.name for one in urlpatterns if isinstance(one, URLPattern) and one.pattern.converters}
    assert taking == BY_ID.keys() | {
        "hook-autoinvoice",
        "hook-anymail",
        "link",
        "link-pdf",
        "link-logo",
        "verify-email",
        "conclude",
    }


@pytest.fixture
def ids(theirs: Delivery) -> dict[str, Any]:
    """The other company's, by the word that an address has for each."""
    invoice = theirs.invoice
    draft = Draft.objects.create(company=theirs.company, document_type="invoice", fields={"customer": NAME})
    member = Membership.objects.create(user=make_user(), company=theirs.company, role=Role.ACCOUNTANT)
    return {
        "company_id": theirs.company_id,
        "customer_id": invoice.customer_id,
        "invoice_id": invoice.pk,
        "run_id": invoice.run_id,
        "key": theirs.key,
        "link_id": Link.objects.create(invoice=invoice, token_sha256="f" * 64, expires_at=timezone.now()).pk,
        "draft_id": draft.pk,
        "membership_id": member.pk,
    }


def test_the_other_companys_id_does_not_exist(client: Client, theirs: Delivery, ids: dict[str, Any]) -> None:
    before = facts(theirs)
    orders = {"confirmed": "1", "arrived": "1", "channel": "print", "role": "admin"}

    for name in sorted(BY_ID):
        address = reverse(name, kwargs={word: ids[word] for word in BY_ID[name]})
        answers = [client.get(address), client.post(address, orders)]

        assert {answer.status_code for answer in answers} <= {404, 405}, name
        assert 404 in {answer.status_code for answer in answers}, name
        assert not any(tells(answer) for answer in answers), name
        assert facts(theirs) == before, name


def test_ones_own_pages_tell_nothing_of_the_other_company(client: Client, theirs: Delivery) -> None:
    before = facts(theirs)
    everything = f"?alle=1&q={NAME[:5]}&etter={theirs.pk}&company={theirs.company_id}"

    for name in sorted(OF_ONES_OWN - {"conclude", "choose-language"}):
        address = reverse(name)
        with undone():
            answers = [
                client.get(address),
                client.get(address + everything),
                client.post(address, {"q": NAME[:5]}),
            ]
            assert all(answer.status_code < 500 for answer in answers), name
            assert not any(tells(answer) for answer in answers), name
            assert facts(theirs) == before, name


@contextmanager
def undone() -> Iterator[None]:
    """One's own orders change one's own company; the next page finds it as it was."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def test_a_stranger_is_led_to_the_sign_in() -> None:
    client = Client()
    for name in sorted(BY_ID.keys() | OF_ONES_OWN - {"conclude"}):
        words = {word: uuid4() if word == "key" else 1 for word in BY_ID.get(name, [])}

        answer = client.get(reverse(name, kwargs=words))

        where = answer.headers.get("Location", "").partition("?")[0]
        assert (answer.status_code, where) == (302, reverse("account_login")), name


def facts(theirs: Delivery) -> tuple[Any, ...]:
    """All that an order could have changed."""
    row = Delivery.objects.values_list("status", "fence", "tried").filter(invoice=theirs.invoice_id)
    customer = Customer.objects.values().get(pk=theirs.invoice.customer_id or 0)
    members = list(Membership.objects.filter(company=theirs.company_id).values())
    links = list(Link.objects.filter(invoice=theirs.invoice_id).values())
    return list(row), customer, Company.objects.values().get(pk=theirs.company_id), members, links


def tells(answer: Any) -> bool:
    content = b"".join(answer) if answer.streaming else answer.content
    return NAME.encode() in content or b"gartneri" in content
