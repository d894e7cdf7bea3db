"""An accountant of one company never sees another's anything: every address of the URL table, with the other company's ids."""

from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, reverse

from customers.models import Company, Customer, Membership, Role
from distribution import delivery
from distribution.models import Delivery, Draft
from distribution.prediction import predict
from distribution.urls import urlpatterns
from tests.factories import ADDRESS, make_company, make_customer, make_user, queue

pytestmark = pytest.mark.django_db
NAME = "Hemmelig Gartneri"  # of the other company's customer
# What has no company behind it, or whose key is the right to see it.
OPEN = {"hook-autoinvoice", "hook-anymail", "link", "link-pdf", "livez", "readyz", "metrics"}
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
    assert taking == BY_ID.keys() | {"hook-autoinvoice", "hook-anymail", "link", "link-pdf", "conclude"}


@pytest.mark.parametrize("name", sorted(BY_ID))
def test_the_other_companys_id_does_not_exist(name: str, client: Client, theirs: Delivery) -> None:
    invoice = theirs.invoice
    ids: dict[str, Any] = {
        "company_id": theirs.company_id,
        "customer_id": invoice.customer_id,
        "invoice_id": invoice.pk,
        "run_id": invoice.run_id,
        "key": theirs.key,
        "draft_id": Draft.objects.create(company=theirs.company, document_type="invoice", fields={"customer": NAME}).pk,
        "membership_id": Membership.objects.create(user=make_user(), company=theirs.company, role=Role.ACCOUNTANT).pk,
    }
    before = facts(theirs)
    address = reverse(name, kwargs={word: ids[word] for word in BY_ID[name]})

    answers = [
        client.get(address),
        client.post(address, {"confirmed": "1", "arrived": "1", "channel": "print", "role": "admin"}),
    ]

    assert {answer.status_code for answer in answers} <= {404, 405}
    assert 404 in {answer.status_code for answer in answers}
    assert not any(tells(answer) for answer in answers)
    assert facts(theirs) == before


@pytest.mark.parametrize("name", sorted(OF_ONES_OWN - {"conclude", "choose-language"}))
def test_ones_own_pages_tell_nothing_of_the_other_company(name: str, client: Client, theirs: Delivery) -> None:
    before = facts(theirs)
    address = reverse(name)
    everything = f"?alle=1&q={NAME[:5]}&etter={theirs.pk}&company={theirs.company_id}"

    for answer in (client.get(address), client.get(address + everything), client.post(address, {"q": NAME[:5]})):
        assert answer.status_code < 500
        assert not tells(answer)
    assert facts(theirs) == before


@pytest.mark.parametrize("name", sorted(BY_ID.keys() | OF_ONES_OWN - {"conclude"}))
def test_a_stranger_is_led_to_the_sign_in(name: str, theirs: Delivery) -> None:
    numbers = dict.fromkeys(BY_ID.get(name, []), 1)
    named: dict[str, Any] = {word: theirs.key if word == "key" else value for word, value in numbers.items()}

    answer = Client().get(reverse(name, kwargs=named))

    assert (answer.status_code, answer.headers.get("Location", "").partition("?")[0]) == (302, reverse("account_login"))


def facts(theirs: Delivery) -> tuple[Any, ...]:
    """All that an order could have changed."""
    row = Delivery.objects.values_list("status", "fence", "tried").filter(invoice=theirs.invoice_id)
    customer = Customer.objects.values().get(pk=theirs.invoice.customer_id or 0)
    members = list(Membership.objects.filter(company=theirs.company_id).values())
    return list(row), customer, Company.objects.values().get(pk=theirs.company_id), members


def tells(answer: Any) -> bool:
    content = b"".join(answer) if answer.streaming else answer.content
    return NAME.encode() in content or b"gartneri" in content
