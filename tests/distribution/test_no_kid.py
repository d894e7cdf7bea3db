"""Where the company's rule makes no KID for an invoice by hand, the page says so, and it goes without only when a person says so."""

import re
from typing import Any

import pytest
from django.test import Client

from customers.models import Customer
from distribution import frozen
from distribution.documents.ubl import read
from distribution.kid import MOD10
from distribution.models import Draft, Invoice
from tests.distribution.test_by_hand import form, post
from tests.distribution.test_credit import drafted, sent
from tests.distribution.test_drafts import address, keep, previewed
from tests.factories import make_company, make_customer, set_choices, take_in
from tests.test_pages import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.database]
WHY = "Det kan ikke lages KID av kundenummer {customer} og fakturanummer {invoice}."
ROOM = "kundenummeret har plass til 5 og fakturanummeret til 7."
WITHOUT = {"without_kid": "ja"}


def at_work(**facts: str) -> tuple[Client, Customer]:
    """In a company with a rule that has room for five digits of a customer's number."""
    company = make_company()
    set_choices(company, kid_rule=MOD10, kid_length=13)
    return signed_in(company), make_customer(company, email="kunde@firma.test", **facts)


def kid_of_the_invoice() -> str:
    return read(frozen.read(Invoice.objects.get().sha256)).payment_id


def ticks(page: Any) -> list[str]:
    return re.findall(r'<input type="checkbox"[^>]*name="without_kid"[^>]*>', page.content.decode())


@pytest.mark.parametrize(("customer", "invoice"), [("A-17", "501"), ("123456", "501"), ("10005", "12345678")])
def test_without_a_word_it_is_not_sent_and_the_field_says_why(customer: str, invoice: str) -> None:
    client, to = at_work(number=customer)

    told = post(client, form(to, number=invoice))

    page, why = told.content.decode(), WHY.format(customer=customer, invoice=invoice)
    assert told.status_code == 422
    assert re.search(rf'id="id_payment_id-f"><b>{why}.*{ROOM}</b>', page)
    assert f'<a href="#id_payment_id">KID: {why}' in page
    assert len(ticks(told)) == 1
    assert not Invoice.objects.exists()


def test_with_a_persons_word_it_goes_without_and_with_his_own_kid_it_needs_none() -> None:
    client, to = at_work(number="A-17")
    post(client, form(to, **WITHOUT))
    assert kid_of_the_invoice() == ""

    client, to = at_work(number="A-17")
    assert post(client, form(to, number="502", payment_id="602243")).status_code == 302


def test_nothing_is_asked_where_the_rule_makes_one_or_there_is_no_rule() -> None:
    client, to = at_work(number="10005")
    assert not ticks(post(client, form(to), "regn"))
    post(client, form(to))
    assert kid_of_the_invoice()

    odd = make_customer(make_company(), number="A-17")
    assert post(signed_in(odd.company), form(odd, number="502")).status_code == 302


def test_it_is_said_while_it_is_written_and_when_the_draft_is_opened() -> None:
    client, to = at_work(number="A-17")
    why = WHY.format(customer="A-17", invoice="501")

    part = post(client, form(to), "regn", headers={"HX-Request": "true"})
    draft = keep(client, form(to))
    pages = [part, post(client, form(to), "regn"), client.get(address(draft))]

    for page in pages:
        assert why in page.content.decode()
        assert len(ticks(page)) == 1
        assert "checked" not in ticks(page)[0]
    assert 'id="uten-kid" role="status" hx-swap-oob="true"' in part.content.decode()
    assert "hx-swap-oob" not in pages[2].content.decode()
    assert not ticks(post(client, form(to, payment_id="602243"), "regn"))


def test_the_tick_stays_with_the_draft() -> None:
    client, to = at_work(number="A-17")

    draft = keep(client, form(to, **WITHOUT))

    assert "checked" in ticks(client.get(address(draft)))[0]


def test_the_look_at_many_drafts_says_which_lacks_one_and_which_goes_without() -> None:
    client, to = at_work(number="A-17")
    asks = keep(client, form(to, number="501"))
    goes = keep(client, form(to, number="502", **WITHOUT))

    page, posted = previewed(client)

    assert f"KID: {WHY.format(customer='A-17', invoice='501')}" in page
    assert page.count("Går uten KID.") == 1
    assert [value.partition("@")[0] for value in posted] == [str(goes.pk)]
    client.post(
        "/fakturaer/kladder/send/", {"kladd": [f"{draft.pk}@{draft.changed_at.isoformat()}" for draft in (asks, goes)]}
    )
    assert Draft.objects.get(sent_as=None) == asks


def test_a_credit_note_needs_none() -> None:
    client, to = at_work(number="A-17")
    draft = drafted(client, take_in(to).invoice)

    assert not ticks(client.get(address(draft)))
    assert sent(client, draft).status_code == 302
