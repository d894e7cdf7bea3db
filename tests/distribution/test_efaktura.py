"""eFaktura through AutoInvoice's own lookup of consumers: who gets it, and whom it is sent to (T14-T17)."""

import pytest
from django.conf import LazySettings

from customers.models import Company, Customer, Kind
from customers.sealed import seal
from distribution.autoinvoice.breaker import BREAKERS, FAILURES
from distribution.documents.invoice import DocumentType
from distribution.states import Status
from tests.autoinvoice import company_with_keys, reachable, work
from tests.factories import make_customer, out, queue
from tests.fake_autoinvoice import Remote

pytestmark = [pytest.mark.database, pytest.mark.django_db]
BORN = "15108695088"


@pytest.fixture
def provider(provider: Remote, settings: LazySettings) -> Remote:
    settings.EFAKTURA_REGISTER = "autoinvoice"
    return provider


def person(company: Company, **facts: object) -> Customer:
    known = {"phone": "90012345", "email": "ola@person.test", **facts}
    return make_customer(company, kind=Kind.PRIVATE, org_number="", **known)


def people(provider: Remote, status: str = "RECEIVING", **more: object) -> None:
    provider.company(directory={"consumers": {"+4790012345": status}, **more})


@pytest.mark.parametrize("b2cno", [{}, {"b2cno": "ACTIVE"}])
def test_T14_the_lookup_says_yes_and_it_comes_to_the_netbank(provider: Remote, b2cno: dict[str, str]) -> None:
    people(provider, **b2cno)

    row = work(queue(person(company_with_keys())))
    provider.settle(row.key, "DELIVERED")
    row = work(row, minutes=10)

    assert (row.status, row.channel, row.facts["registration_cause"]) == (
        Status.DELIVERED, "einvoice", "AutoInvoice: RECEIVING",
    )  # fmt: skip
    form = provider.invoices()[str(row.key)]["form"]
    assert (form["recipient_type"], form["route_order[]"]) == (["consumer"], ["netbank"])
    assert out("email") == []


@pytest.mark.parametrize(
    ("b2c", "status", "days", "kind", "why"),
    [
        ("none", "RECEIVING", 14, DocumentType.INVOICE, "no_b2c_agreement"),  # T15
        ("active", "NOT_RECEIVING", 14, DocumentType.INVOICE, "efaktura_no_consent"),  # T16
        ("active", "NOT_AVAILABLE", 14, DocumentType.INVOICE, "efaktura_no_consent"),
        ("active", "RECEIVING", 3, DocumentType.INVOICE, "efaktura_due_too_soon"),  # T17
        ("active", "RECEIVING", 14, DocumentType.CREDIT_NOTE, "efaktura_only_invoices"),
    ],
)
def test_T15_T16_T17_what_is_no_eFaktura_takes_the_next_channel(
    provider: Remote, b2c: str, status: str, days: int, kind: DocumentType, why: str
) -> None:
    people(provider, status)

    row = work(queue(person(company_with_keys(b2c=b2c)), days=days, kind=kind))

    assert (row.status, row.channel) == (Status.ACCEPTED, "email")
    assert why in [reason["code"] for reason in row.reasons]
    assert str(row.key) not in provider.invoices()


@pytest.mark.parametrize("trouble", [{"status": "TEMPORARY_UNAVAILABLE"}, {"status": "NONSENSE"}, {"outage": 502}])
def test_T11_an_uncertain_answer_lets_it_wait_and_nothing_goes_meanwhile(
    provider: Remote, trouble: dict[str, object]
) -> None:
    people(provider, **trouble)  # type: ignore[arg-type]
    row = work(queue(person(company_with_keys())))
    assert (row.status, row.tried, out("email")) == (Status.QUEUED, 0, [])

    people(provider)
    BREAKERS.clear()
    row = work(row, minutes=10)

    assert (row.status, row.channel) == (Status.ACCEPTED, "einvoice")


def test_T18_not_found_the_next_day_takes_the_next_channel_though_the_lookup_still_says_yes(provider: Remote) -> None:
    people(provider)
    first = work(queue(person(company_with_keys())))
    provider.settle(first.key, "FAILED", "Receiver not found")

    last = work(first, minutes=24 * 60)
    last = work(last, minutes=25 * 60)

    first.refresh_from_db()
    assert (first.status, last.channel, last.status) == (Status.FAILED, "email", Status.ACCEPTED)
    assert len(out("email")) == 1


def test_R31_an_agreement_that_ended_there_is_for_a_person(provider: Remote) -> None:
    """Here it stands as active still: the next night asks."""
    people(provider, b2cno="RESERVED")

    row = work(queue(person(company_with_keys())))

    assert (row.status, row.needs_person, out("email")) == (Status.HELD, True, [])


def test_consumers_that_can_not_be_looked_up_stop_no_business(provider: Remote) -> None:
    company = company_with_keys()
    business = reachable(company)
    people(provider, outage=503)
    waiting = [work(queue(person(company, phone=f"9001234{number}"))) for number in range(2 * FAILURES)]

    row = work(queue(business))

    assert {one.status for one in waiting} == {Status.QUEUED}
    assert (row.status, row.channel) == (Status.ACCEPTED, "einvoice")
    assert str(row.key) in provider.invoices()


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
