"""eFaktura through AutoInvoice's own lookup of consumers: who gets it, and whom it is sent to (T14-T17)."""

from collections.abc import Iterator

import pytest
from django.conf import LazySettings

from customers.models import Company, Customer, Kind
from customers.sealed import seal
from distribution.states import Status
from tests.autoinvoice import company_with_keys, use, work
from tests.factories import make_customer, queue
from tests.fake_autoinvoice import Remote, running

pytestmark = [pytest.mark.database, pytest.mark.django_db]
BORN = "15108695088"


@pytest.fixture(scope="module")
def server() -> Iterator[Remote]:
    with running() as remote:
        yield remote


@pytest.fixture
def provider(server: Remote, settings: LazySettings) -> Remote:
    settings.EFAKTURA_REGISTER = "autoinvoice"
    return use(server, settings)


def person(company: Company, **facts: object) -> Customer:
    known = {"phone": "90012345", "email": "ola@person.test", **facts}
    return make_customer(company, kind=Kind.PRIVATE, org_number="", **known)


RECEIVING = {"status": "RECEIVING"}


@pytest.mark.parametrize(
    ("identifier", "told"),
    [
        ("1234-abc", {"recipient_efaktura_id": ["1234-abc"]}),
        (None, {"recipient_phone_number": ["+4790012345"]}),
        ("", {"recipient_phone_number": ["+4790012345"]}),
        ({"a": 1}, {"recipient_phone_number": ["+4790012345"]}),
        ("x" * 500, {"recipient_phone_number": ["+4790012345"]}),
        ("12\u000034", {"recipient_phone_number": ["+4790012345"]}),
        (BORN, {"recipient_phone_number": ["+4790012345"]}),
        (int(BORN), {"recipient_phone_number": ["+4790012345"]}),
    ],
)
def test_who_was_found_by_it_is_sent_to_as_the_register_knows_him(
    provider: Remote, identifier: object, told: dict[str, list[str]]
) -> None:
    """His telephone may be another's by now; and a register that says the birth number back is not believed that far."""
    customer = person(company_with_keys(), national_id=seal(BORN))
    provider.company(directory={"consumers": {BORN: {**RECEIVING, "efaktura_identifier": identifier}}})

    row = work(queue(customer))

    assert (row.status, row.channel) == (Status.ACCEPTED, "einvoice")
    form = provider.invoices()[str(row.key)]["form"]
    assert {name: said for name, said in form.items() if name.startswith("recipient_")} == {
        "recipient_type": ["consumer"], **told,
    }  # fmt: skip
    assert BORN not in repr((row.facts, row.to, form))


def test_R34_a_later_attempt_goes_to_the_same_recipient(provider: Remote) -> None:
    customer = person(company_with_keys())
    provider.company(directory={"consumers": {"+4790012345": {**RECEIVING, "efaktura_identifier": "first"}}})
    provider.fail("reset_before")
    row = work(queue(customer))
    assert row.status == Status.UNCERTAIN
    provider.company(directory={"consumers": {"+4790012345": {**RECEIVING, "efaktura_identifier": "second"}}})

    row = work(row, minutes=1)

    assert (row.status, row.to) == (Status.ACCEPTED, ["efaktura:first"])
    assert provider.invoices()[str(row.key)]["form"]["recipient_efaktura_id"] == ["first"]
