"""A draft that a colleague deleted while another wrote in it: what he typed is kept, told, and saved as a new one."""

from typing import Any

import lxml.html
import pytest
from django.conf import settings
from django.test import Client

from customers.models import Customer, User
from distribution.delivery import OpenRun
from distribution.drafts import ChangedMeanwhile, delete, drafts_of, keep, send, stamp
from distribution.models import Draft, Invoice
from distribution.writing import Writing
from tests.distribution.test_by_hand import form
from tests.distribution.test_credit import drafted
from tests.distribution.test_drafts import address
from tests.distribution.test_drafts import keep as kept
from tests.factories import make_company, make_customer, take_in
from tests.test_pages import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.database]
GONE = "Kladden ble slettet mens du skrev."


def typed_on(page: Any) -> dict[str, str]:
    """What the form of the page would post."""
    tree: Any = lxml.html.fromstring(page.content.decode())
    (form,) = tree.xpath("//main//form[@hx-post]")
    return {name: value or "" for name, value in form.form_values()}


def written(client: Client, customer: Customer) -> tuple[str, dict[str, str]]:
    """A draft that is gone: its address, and what stands in its form in another tab."""
    draft = kept(client, form(customer))
    typed = {**typed_on(client.get(address(draft))), "reference": "Fra den andre"}
    assert delete(draft, stamp(draft))
    return address(draft), typed


@pytest.mark.parametrize("button", ["kladd", "send", "flere", "regn"])
def test_what_was_typed_is_shown_with_the_news_and_saved_as_a_new_draft(button: str) -> None:
    customer = make_customer(make_company(), email="kunde@firma.test")
    client = signed_in(customer.company)
    gone, typed = written(client, customer)

    told = client.post(gone, {**typed, button: "1"})

    assert GONE in told.content.decode()
    assert told.status_code == (409 if button in ("kladd", "send") else 200)
    assert typed_on(told)["reference"] == "Fra den andre"
    assert (Draft.objects.count(), Invoice.objects.count()) == (0, 0)

    answers = [client.post(gone, {**typed_on(told), "kladd": "1"}) for _press in range(2)]
    draft = Draft.objects.get()
    assert {answer["Location"] for answer in answers} == {address(draft)}
    assert (draft.fields["reference"], draft.customer) == ("Fra den andre", customer)


def test_once_told_it_can_be_sent_as_it_stands() -> None:
    customer = make_customer(make_company(), email="kunde@firma.test")
    client = signed_in(customer.company)
    gone, typed = written(client, customer)
    told = client.post(gone, {**typed, "send": "1"})

    for _press in range(2):
        client.post(gone, {**typed_on(told), "send": "1"})

    assert Invoice.objects.get().customer == customer


def test_it_stays_with_its_company_whichever_the_user_works_in_now() -> None:
    customer = make_customer(make_company())
    other = make_company()
    client = signed_in(customer.company, other)
    client.post(f"/firma/{customer.company_id}/velg/")
    gone, typed = written(client, customer)
    client.post(f"/firma/{other.pk}/velg/")

    client.post(gone, {**typed_on(client.post(gone, {**typed, "kladd": "1"})), "kladd": "1"})

    assert Draft.objects.get().company == customer.company


def test_a_credit_note_still_says_what_it_credits() -> None:
    customer = make_customer(make_company(), email="kunde@firma.test")
    invoice = take_in(customer).invoice
    client = signed_in(customer.company)
    draft = drafted(client, invoice)
    typed = typed_on(client.get(address(draft)))
    assert delete(draft, stamp(draft))

    told = client.post(address(draft), {**typed, "send": "1"})

    assert GONE in told.content.decode()
    assert 'name="send"' not in told.content.decode()
    client.post(address(draft), {**typed_on(told), "kladd": "1"})
    anew = Draft.objects.get()
    assert (anew.credits, anew.customer, anew.document_type) == (invoice, customer, "credit_note")
    client.post(address(anew), {**typed_on(client.get(address(anew))), "send": "1"})
    assert Draft.objects.get().sent_as == Invoice.objects.get(document_type="credit_note")


def test_signed_out_as_well_he_finds_it_after_the_sign_in() -> None:
    customer = make_customer(make_company())
    client = signed_in(customer.company)
    gone, typed = written(client, customer)
    user = User.objects.get(memberships__company=customer.company)
    del client.cookies[settings.SESSION_COOKIE_NAME]
    client.post(gone, {**typed, "kladd": "1"})

    client.force_login(user)
    page = client.get(gone)

    assert GONE in page.content.decode()
    assert typed_on(page)["reference"] == "Fra den andre"
    assert client.get(gone).status_code == 404


def test_another_companys_draft_is_answered_as_one_that_is_gone() -> None:
    customer = make_customer(make_company())
    theirs = kept(signed_in(make_company()), form(make_customer(make_company(), name="Hemmelig Gartneri")))
    client = signed_in(customer.company)
    gone, typed = written(client, customer)

    answers = [client.post(path, {**typed, "kladd": "1"}) for path in (gone, address(theirs))]

    assert {answer.status_code for answer in answers} == {409}
    assert "Hemmelig" not in answers[1].content.decode()
    before = theirs.changed_at
    theirs.refresh_from_db()
    assert theirs.changed_at == before


@pytest.mark.parametrize("foreign", ["firma", "krediterer"])
def test_a_foreign_company_or_invoice_does_not_exist(foreign: str) -> None:
    customer, stranger = make_customer(make_company()), make_customer(make_company())
    client = signed_in(customer.company)
    gone, typed = written(client, customer)
    invoice = take_in(stranger).invoice

    for number in (stranger.company_id if foreign == "firma" else invoice.pk, "x", "9" * 30):
        assert client.post(gone, {**typed, foreign: str(number), "kladd": "1"}).status_code == 404


def test_deleted_at_the_last_moment_nothing_is_kept_or_sent() -> None:
    customer = make_customer(make_company(), email="kunde@firma.test")
    draft = kept(signed_in(customer.company), form(customer))
    read, user, seen = drafts_of(customer.company).get(), draft.changed_by, stamp(draft)
    assert user is not None
    assert delete(draft, seen)

    with pytest.raises(ChangedMeanwhile):
        keep(Writing(read, read.fields), read.fields, user, seen)
    with pytest.raises(ChangedMeanwhile):
        send(Writing(read, read.fields), OpenRun(user, "test"), user, seen)
    assert (Draft.objects.count(), Invoice.objects.count()) == (0, 0)
