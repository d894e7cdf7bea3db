"""The provider's directories: only a sure answer is one (R21, R25, F23, F24, T10-T13, P5)."""

import json
from collections.abc import Callable
from itertools import permutations
from typing import Any
from uuid import uuid4

import pytest
from django.conf import LazySettings
from django.utils import timezone

from customers.models import Company, Customer, Kind
from customers.sealed import seal
from distribution import delivery, http, lookups
from distribution.accounts import save_account
from distribution.facts import case_of_customer, query_of, terms_of
from distribution.models import Lookup, Prediction, ProviderAccount
from distribution.prediction import predict
from distribution.registers.base import Query, RegisterName, Reply
from distribution.registers.registry import register_for
from distribution.states import Answer, Status
from tests.autoinvoice import ACCOUNT, company_with_keys, work
from tests.factories import ADDRESS, delivery_of, make_company, make_customer, out, queue
from tests.fake_autoinvoice import Remote

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def provider(provider: Remote, settings: LazySettings) -> Remote:
    settings.EINVOICE_REGISTER = settings.EFAKTURA_REGISTER = "autoinvoice"
    return provider


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


BIS3 = "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0::2.1"
INVOICE = f"urn:oasis:names:specification:ubl:schema:xsd:Invoice-2::Invoice##{BIS3}"
NOTE = f"urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2::CreditNote##{BIS3}"
ORDER = "urn:oasis:names:specification:ubl:schema:xsd:Order-2::Order##urn:fdc:peppol.eu:poacc:trns:order:3::2.1"
US, OTHERS = "0192:987654325", "0192:974760673"


@pytest.mark.parametrize(
    ("found", "invoice", "note"),
    [
        ([], "not_registered", "not_registered"),
        ([(OTHERS, [("Invoice", INVOICE)])], "unknown", "unknown"),
        ([(US, [("Faktura 3", None)])], "unknown", "unknown"),
        ([(US, [("Faktura 3", "4711")])], "unknown", "unknown"),
        ([(US, [("Invoice", None), ("Kreditnota", None)])], "registered", "unknown"),
        ([(US, [("Faktura 3", INVOICE)])], "registered", "not_registered"),
        ([(US, [(None, f"busdox-docid-qns::{NOTE}"), ("invoice", None)])], "registered", "registered"),
        ([(US, [("INVOICE", INVOICE), ("Bestilling", ORDER)])], "registered", "not_registered"),
        ([(US, [("Bestilling", ORDER)])], "not_registered", "not_registered"),
        ([(OTHERS, [("CreditNote", NOTE)]), (US.upper(), [("Invoice", None)])], "registered", "not_registered"),
        ([(OTHERS, [("Invoice", None)])] * 99 + [(US, [("Invoice", None)])], "registered", "unknown"),  # cut off?
        ([(US, [(["Invoice"], {"a": 1})])], "unknown", "unknown"),
    ],
)
def test_F23_a_no_is_what_every_kind_of_document_says_in_words_that_we_know(
    monkeypatch: pytest.MonkeyPatch, found: list[tuple[str, list[tuple[Any, Any]]]], invoice: str, note: str
) -> None:
    body = [
        {"eia": eia, "document_types": [{"document_type": word, "document_identifier": one} for word, one in kinds]}
        for eia, kinds in found
    ]

    def answer(method: str, url: str, **_how: Any) -> http.Answer:
        token = b'{"access_token": "t", "expires_in": 3600}'
        return http.Answer(200, {}, token if url.endswith("/token") else json.dumps(body).encode())

    monkeypatch.setattr("distribution.http.call", answer)

    assert ask(RegisterName.EINVOICE, US) == invoice
    assert ask(RegisterName.EINVOICE, US, "credit_note") == note


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


# --- whose answer it is -----------------------------------------------------------------------------------------------
REFUSED = "andre-nokler-enn-de-rette"


def company_that_is_refused() -> Company:
    company = make_company()
    save_account(company, None, company_uuid=uuid4(), user_api_key=REFUSED)
    return company


def person(company: Company, national_id: str = "") -> Customer:
    sealed = seal(national_id) if national_id else None
    return make_customer(company, kind=Kind.PRIVATE, org_number="", phone="90012345", national_id=sealed, **ADDRESS)


def query_about(customer: Customer) -> Query:
    query = query_of(case_of_customer(customer, terms_of([customer.company])[customer.company_id]))
    assert query is not None
    return query


@pytest.mark.parametrize("of_others", [make_company, company_that_is_refused])
def test_P9_each_company_has_its_own_answer_in_a_chunk(provider: Remote, of_others: Callable[[], Company]) -> None:
    """Both have the same customer; one has keys that the provider takes."""
    provider.company(directory={"receivers": {"0192:987654325": ["invoice"]}})
    for others_first in (True, False):
        makers = (of_others, company_with_keys) if others_first else (company_with_keys, of_others)
        rows = [queue(make_customer(maker(), org_number="987654325", **ADDRESS)) for maker in makers]
        delivery.run()
        rows = [delivery_of(row.invoice) for row in rows]
        other, mine = rows if others_first else reversed(rows)
        assert (mine.status, mine.facts["registration_cause"]) == (Status.ACCEPTED, "AutoInvoice")
        assert other.status == Status.QUEUED
        assert "AutoInvoice" not in other.facts["registration_cause"]
        ProviderAccount.objects.all().delete()


def test_P9_what_is_said_to_one_company_stands_in_nothing_that_others_read(provider: Remote) -> None:
    query = query_about(make_customer(company_that_is_refused(), org_number="987654325"))

    replies = lookups.ask([query])
    lookups.remember(replies)

    assert "invalid_client" in replies[query].reason
    assert Lookup.objects.get().reason == ""


def test_two_companies_share_one_kept_answer_the_surest_and_never_a_wrong_no(provider: Remote) -> None:
    customers = [make_customer(make_company(), org_number="987654325") for _ in range(3)]
    queries = [query_about(customer) for customer in customers]
    now = timezone.now()
    answers = (Answer.UNKNOWN, Answer.REGISTERED, Answer.NOT_REGISTERED)
    for order in permutations(zip(queries, answers, strict=True)):
        lookups.remember({query: Reply(answer, "AutoInvoice", now) for query, answer in order})
        row = Lookup.objects.get()
        assert (row.answer, row.failed_at) == (Answer.REGISTERED, None)
        assert {lookups.kept([query])[query].answer for query in queries} == {Answer.REGISTERED}
        assert lookups.due(queries) == set()
        row.delete()


def test_two_persons_with_one_telephone_have_each_their_own_answer(provider: Remote) -> None:
    company = company_with_keys()
    yes, no, by_phone = (person(company, one) for one in ("01010012356", "15108695088", ""))
    provider.company(directory={"consumers": {"01010012356": "RECEIVING", "+4790012345": "TEMPORARY_UNAVAILABLE"}})
    rows = [queue(one) for one in (no, by_phone, yes)]

    delivery.run()

    assert [delivery_of(row.invoice).channel for row in rows] == ["print", "", "einvoice"]
    queries = [query_about(one) for one in (yes, no, by_phone)]
    kept = lookups.kept(queries)
    assert [kept[query].answer if query in kept else None for query in queries] == [
        "registered",
        "not_registered",
        None,
    ]
    assert Lookup.objects.count() == 3
    predict(company)
    assert [Prediction.objects.get(pk=one.pk).channel_now for one in (yes, no, by_phone)] == ["einvoice", "print", ""]
    told = repr([list(Lookup.objects.values()), list(Prediction.objects.values()), queries])
    assert not any(number in told for number in ("01010012356", "15108695088"))


def test_a_question_shows_neither_keys_nor_numbers(provider: Remote) -> None:
    query = query_about(person(company_with_keys(), "01010012356"))
    (filled,) = lookups._with_keys({query})
    assert (filled, filled.account, filled.national_id) == (query, ACCOUNT, "01010012356")
    for secret in (str(ACCOUNT.company_uuid), ACCOUNT.user_api_key, "01010012356", repr(query.sealed_id)):
        assert secret not in repr(filled)
