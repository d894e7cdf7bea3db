"""The provider's directories: only a sure answer is one (R21, R25, F23, F24, T10-T13, P5)."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import LazySettings

from customers.models import Kind
from distribution import http, lookups
from distribution.facts import case_of_customer, query_of, terms_of
from distribution.models import Lookup
from distribution.registers.base import Query, RegisterName
from distribution.registers.registry import register_for
from distribution.states import Answer, Status
from tests.autoinvoice import ACCOUNT, company_with_keys, use, work
from tests.factories import ADDRESS, make_company, make_customer, out, queue
from tests.fake_autoinvoice import Remote, running

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def server() -> Iterator[Remote]:
    with running() as remote:
        yield remote


@pytest.fixture(autouse=True)
def provider(server: Remote, settings: LazySettings) -> Remote:
    settings.EINVOICE_REGISTER = settings.EFAKTURA_REGISTER = "autoinvoice"
    return use(server, settings)


def ask(register: RegisterName, identifier: str, document: str = "invoice", **more: Any) -> Answer:
    return register_for(register).ask(Query(register, identifier, document, account=ACCOUNT, **more)).answer


@pytest.mark.parametrize(
    ("kinds", "document", "answer"),
    [
        (["invoice", "CreditNote"], "invoice", Answer.REGISTERED),
        (["invoice", "CreditNote"], "credit_note", Answer.REGISTERED),
        (["Invoice"], "credit_note", Answer.NOT_REGISTERED),  # T10, F24
        ([], "invoice", Answer.NOT_REGISTERED),
        (None, "invoice", Answer.NOT_REGISTERED),
    ],
)
def test_T10_registered_is_by_kind_of_document(
    provider: Remote, kinds: list[str] | None, document: str, answer: Answer
) -> None:
    provider.company(directory={"receivers": {} if kinds is None else {"0192:987654325": kinds}})

    assert ask(RegisterName.EINVOICE, "0192:987654325", document) == answer


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        ("RECEIVING", Answer.REGISTERED),
        ("NOT_RECEIVING", Answer.NOT_REGISTERED),
        ("NOT_AVAILABLE", Answer.NOT_REGISTERED),
        ("TEMPORARY_UNAVAILABLE", Answer.UNKNOWN),
        ("SOMETHING_NEW", Answer.UNKNOWN),
        ("NONSENSE", Answer.UNKNOWN),
    ],
)
def test_a_consumers_status_is_one_of_three_answers(provider: Remote, status: str, answer: Answer) -> None:
    provider.company(directory={"consumers": {"+4790012345": status, "ola@person.test": status, "01010012356": status}})

    assert ask(RegisterName.EFAKTURA, "90012345") == answer
    assert ask(RegisterName.EFAKTURA, "ola@person.test") == answer
    assert ask(RegisterName.EFAKTURA, "40000000", national_id="01010012356") == answer


@pytest.mark.parametrize(
    ("status", "body"),
    [(200, b"<html>"), (200, b"{}"), (200, b'[{"eia": 1}]'), (200, b"null"), (404, b"{}"), (429, b"{}"), (500, b"[]")],
)
@pytest.mark.parametrize("register", list(RegisterName))
def test_F23_nonsense_and_outage_are_unknown(
    monkeypatch: pytest.MonkeyPatch, register: RegisterName, status: int, body: bytes
) -> None:
    def answer(method: str, url: str, **_how: Any) -> http.Answer:
        token = b'{"access_token": "t", "expires_in": 3600}'
        return http.Answer(200, {}, token) if url.endswith("/token") else http.Answer(status, {}, body)

    monkeypatch.setattr("distribution.http.call", answer)

    assert ask(register, "0192:987654325") == Answer.UNKNOWN


def test_F23_nobody_there_and_no_keys_are_unknown(settings: LazySettings) -> None:
    settings.AUTOINVOICE_URL = "http://127.0.0.1:1"

    assert ask(RegisterName.EINVOICE, "0192:987654325") == Answer.UNKNOWN
    without = register_for(RegisterName.EINVOICE).ask(Query(RegisterName.EINVOICE, "0192:987654325", "invoice"))
    assert without.answer == Answer.UNKNOWN


def test_F23_a_page_that_may_be_cut_off_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    other = b'{"eia": "0192:1", "document_types": []}'

    def answer(method: str, url: str, **_how: Any) -> http.Answer:
        token = b'{"access_token": "t", "expires_in": 3600}'
        return http.Answer(200, {}, token if url.endswith("/token") else b"[" + b",".join([other] * 100) + b"]")

    monkeypatch.setattr("distribution.http.call", answer)

    assert ask(RegisterName.EINVOICE, "0192:987654325") == Answer.UNKNOWN


def test_T11_an_outage_lets_it_wait_and_the_next_answer_lets_it_go(provider: Remote) -> None:
    company = company_with_keys()
    person = make_customer(company, kind=Kind.PRIVATE, org_number="", phone="90012345", email="ola@person.test")
    provider.company(directory={"consumers": {"+4790012345": "TEMPORARY_UNAVAILABLE"}})
    row = work(queue(person))
    assert (row.status, out("email")) == (Status.QUEUED, [])

    provider.company(directory={"consumers": {"+4790012345": "RECEIVING"}})

    row = work(row, minutes=1)
    assert (row.status, row.channel) == (Status.ACCEPTED, "einvoice")


def test_the_company_that_asks_and_its_keys_make_no_other_question(provider: Remote) -> None:
    """Two companies with the same customer share one kept answer, and each asks with its own keys."""
    provider.company(directory={"receivers": {"0192:987654325": ["invoice"]}})
    companies = [company_with_keys(), make_company()]
    customers = [make_customer(company, org_number="987654325", **ADDRESS) for company in companies]
    terms = terms_of(companies)
    queries = [query_of(case_of_customer(customer, terms[customer.company_id])) for customer in customers]
    mine, other = queries
    assert mine is not None
    assert mine == other
    assert hash(mine) == hash(other)

    lookups.remember(lookups.ask([mine]))

    assert Lookup.objects.get().answer == Answer.REGISTERED
    assert str(ACCOUNT.company_uuid) not in repr(mine)
