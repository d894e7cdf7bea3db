"""Businesses by AutoInvoice's own directory, end to end: the lookup decides, and what it does not know is not guessed (T1-T11)."""

import pytest
from django.conf import LazySettings

from customers.models import Customer
from distribution.autoinvoice.breaker import BREAKERS
from distribution.documents.invoice import DocumentType
from distribution.states import Status
from tests.autoinvoice import company_with_keys, work
from tests.factories import ADDRESS, make_customer, out, queue
from tests.fake_autoinvoice import Remote

pytestmark = [pytest.mark.database, pytest.mark.django_db]
EIA = "0192:987654325"


@pytest.fixture
def provider(provider: Remote, settings: LazySettings) -> Remote:
    settings.EINVOICE_REGISTER = "autoinvoice"
    return provider


def business() -> Customer:
    return make_customer(company_with_keys(), org_number="987654325", email="kunde@firma.test", **ADDRESS)


def test_T01_registered_there_it_goes_as_e_invoice_and_no_other_way(provider: Remote) -> None:
    provider.company(directory={"receivers": {EIA: ["Invoice", "CreditNote"]}})

    row = work(queue(business()))

    assert (row.status, row.channel) == (Status.ACCEPTED, "einvoice")
    assert provider.invoices()[str(row.key)]["form"]["recipient_eia"] == [EIA]
    assert out("email") + out("print") == []


def test_T02_surely_not_registered_it_goes_by_email(provider: Remote) -> None:
    row = work(queue(business()))

    assert (row.status, row.channel) == (Status.ACCEPTED, "email")
    assert str(row.key) not in provider.invoices()


def test_T10_one_who_takes_no_credit_notes_gets_them_by_email_and_invoices_as_e_invoice(provider: Remote) -> None:
    provider.company(directory={"receivers": {EIA: ["Invoice"]}})
    customer = business()

    invoice, note = (work(queue(customer, kind=kind)) for kind in (DocumentType.INVOICE, DocumentType.CREDIT_NOTE))

    assert [(row.status, row.channel) for row in (invoice, note)] == [
        (Status.ACCEPTED, "einvoice"), (Status.ACCEPTED, "email"),
    ]  # fmt: skip
    assert str(note.key) not in provider.invoices()


@pytest.mark.parametrize(
    "trouble", [{"outage": 502}, {"outage": 429}, {"outage": 404}, {"receivers": {EIA: "NONSENSE"}}]
)
def test_T11_an_outage_lets_it_wait_on_no_channel_and_go_when_it_is_over(
    provider: Remote, trouble: dict[str, object]
) -> None:
    provider.company(directory=trouble)
    row = work(queue(business()))
    row = work(row, minutes=5)
    assert (row.status, row.tried, out("email") + out("print")) == (Status.QUEUED, 0, [])

    provider.company(directory={"receivers": {EIA: ["Invoice"]}})
    BREAKERS.clear()
    row = work(row, minutes=30)

    assert (row.status, row.channel) == (Status.ACCEPTED, "einvoice")
