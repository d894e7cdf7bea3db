"""A birth number: sealed, for the lookup of eFaktura alone, and told to nobody."""

import json
import logging
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client

from customers.models import Company, Customer, CustomerChange, Kind, Membership, Role
from customers.sealed import seal, unseal
from distribution import http
from distribution.evidence import evidence
from distribution.models import Lookup
from distribution.states import Status
from tests.autoinvoice import company_with_keys, use, work
from tests.factories import make_customer, make_user, queue
from tests.fake_autoinvoice import Remote

pytestmark = pytest.mark.django_db
BORN, WRONG = "15108695088", "15108695089"


def accountant(company: Company) -> Client:
    user, client = make_user(), Client()
    Membership.objects.create(user=user, company=company, role=Role.ACCOUNTANT)
    client.force_login(user)
    return client


def person(company: Company) -> Customer:
    return make_customer(company, kind=Kind.PRIVATE, org_number="", phone="90012345", email="ola@person.test")


def test_it_is_kept_sealed_and_only_said_to_be_there(caplog: pytest.LogCaptureFixture) -> None:
    company = company_with_keys()
    customer, client = person(company), accountant(company)
    page, order = f"/kunder/{customer.pk}/", f"/kunder/{customer.pk}/fodselsnummer/"

    with caplog.at_level(logging.DEBUG):
        wrong = client.post(order, {"national_id": WRONG}, follow=True).content.decode()
        right = client.post(order, {"national_id": f"{BORN[:6]} {BORN[6:]}"}, follow=True).content.decode()

    customer.refresh_from_db()
    assert unseal(customer.national_id or b"") == BORN
    assert "ikke et gyldig fødselsnummer" in wrong
    assert "Fødselsnummer registrert" in right
    file = b"".join(client.get("/kunder/last-ned/"))
    told = [wrong, right, client.get(page).content.decode(), caplog.text, file.decode("utf-8", "replace")]
    told.append(repr(list(CustomerChange.objects.values())))
    for text in told:
        assert BORN not in text
        assert WRONG not in text

    client.post(order, {"national_id": ""})
    customer.refresh_from_db()
    assert customer.national_id is None


def test_it_is_what_he_is_looked_up_by_and_stands_in_nothing_that_is_kept(
    server: Remote, settings: LazySettings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.EFAKTURA_REGISTER = "autoinvoice"
    use(server, settings)
    company = company_with_keys()
    customer = person(company)
    accountant(company).post(f"/kunder/{customer.pk}/fodselsnummer/", {"national_id": BORN})
    server.company(directory={"consumers": {BORN: "RECEIVING"}})

    with caplog.at_level(logging.DEBUG):
        row = work(queue(customer))

    assert (row.status, row.channel) == (Status.ACCEPTED, "einvoice")
    sent = server.invoices()[str(row.key)]
    kept = [caplog.text, repr(list(Lookup.objects.values())), repr(row.facts), repr(evidence(row.invoice)), repr(sent)]
    assert not any(BORN in text for text in kept)


@pytest.mark.parametrize(
    "said",
    [
        (422, {"code": "invalid", "message": f"{BORN[:6]} {BORN[6:]} is nobody", "details": [f"ssn={BORN}"]}),
        (200, {"routes": {"yes2all": {"status": f"UNSURE about {BORN}"}}}),
    ],
)
def test_a_provider_that_says_it_back_is_not_listened_to(
    server: Remote, settings: LazySettings, monkeypatch: pytest.MonkeyPatch, said: tuple[int, object]
) -> None:
    settings.EFAKTURA_REGISTER = "autoinvoice"
    use(server, settings)
    genuine = http.call

    def echoing(method: str, url: str, **how: Any) -> http.Answer:
        if "/lookup/consumers" in url:
            assert BORN in url
            return http.Answer(said[0], {}, json.dumps(said[1]).encode())
        return genuine(method, url, **how)

    monkeypatch.setattr("distribution.http.call", echoing)
    customer = person(company_with_keys())
    customer.national_id = seal(BORN)
    customer.save(update_fields=["national_id"])

    row = work(queue(customer))

    assert row.status == Status.QUEUED
    assert "…" in row.facts["registration_cause"]
    kept = [repr(list(Lookup.objects.values())), repr(row.facts), repr(evidence(row.invoice))]
    assert not any(text in one for one in kept for text in (BORN, BORN[:6], BORN[6:]))
