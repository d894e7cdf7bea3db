"""Drafts (R19): kept as typed, seen by colleagues, sent once, and only by a person's «Send»."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from distribution import delivery
from distribution.delivery import OpenRun
from distribution.drafts import send
from distribution.drafts import stamp as stamp_of
from distribution.models import Draft, Invoice
from distribution.views import drafts as views
from distribution.writing import Writing
from tests.distribution.test_by_hand import PATH, form, post
from tests.factories import make_company, make_customer
from tests.test_pages import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.database]
LIST = "/fakturaer/kladder/"


def keep(client: Client, data: dict[str, str]) -> Draft:
    post(client, data, "kladd")
    return Draft.objects.latest("pk")


def address(draft: Draft) -> str:
    return f"{LIST}{draft.pk}/"


def stamp(draft: Draft) -> str:
    return Draft.objects.get(pk=draft.pk).changed_at.isoformat()


def change(client: Client, draft: Draft, data: dict[str, str], made_of: str, button: str = "kladd") -> Any:
    return client.post(address(draft), {**data, "made_of": made_of, button: "1"})


@pytest.mark.parametrize(
    "facts", [{}, {"customer": "finnes ikke\0", "due_date": "i morgen", "linje-0-price": "mange", "number": ""}]
)
def test_R19_a_draft_keeps_what_was_typed_valid_or_not_and_a_run_never_sends_it(facts: dict[str, str]) -> None:
    customer = make_customer(make_company(), email="kunde@firma.test")
    client = signed_in(customer.company)

    draft = keep(client, form(customer, **facts))

    page = client.get(address(draft)).content.decode()
    assert "Rådgivning" in page
    assert facts.get("customer", customer.name).rstrip("\0") in page
    assert facts.get("linje-0-price", "1 000,50") in page
    assert (delivery.run(), Invoice.objects.count()) == (0, 0)
    assert "Kladder (1)" in client.get("/fakturaer/").content.decode()


def test_the_list_tells_number_customer_amount_and_who() -> None:
    customer = make_customer(make_company(), name="Granli")
    client = signed_in(customer.company)
    assert "Ingen kladder" in client.get(LIST).content.decode()

    draft = keep(client, form(customer))

    page = client.get(LIST).content.decode()
    for words in ("Faktura 501", "Granli", "2\u00a0501,25", str(draft.changed_by)):
        assert words in page


def test_pressed_twice_a_new_draft_is_kept_once() -> None:
    customer = make_customer(make_company())
    client, data = signed_in(customer.company), form(customer)

    keep(client, data)
    keep(client, data)

    assert Draft.objects.count() == 1


def test_the_second_of_two_who_edit_is_told_and_keeps_his_text() -> None:
    customer = make_customer(make_company())
    first, second = signed_in(customer.company), signed_in(customer.company)
    draft = keep(first, form(customer))
    seen = stamp(draft)
    change(first, draft, form(customer, reference="Fra den første"), seen)

    for button in ("kladd", "send"):
        told = change(second, draft, form(customer, reference="Fra den andre"), seen, button)
        assert told.status_code == 409
        assert "mens du skrev" in told.content.decode()
        assert "Fra den andre" in told.content.decode()
        assert Draft.objects.get().fields["reference"] == "Fra den første"
    assert stamp(draft) in told.content.decode()

    change(second, draft, form(customer, reference="Fra den andre"), stamp(draft))
    assert Draft.objects.get().fields["reference"] == "Fra den andre"
    assert not Invoice.objects.exists()


def test_errors_and_more_lines_leave_the_users_stamp_as_it_was() -> None:
    customer = make_customer(make_company())
    client = signed_in(customer.company)
    draft = keep(client, form(customer))

    page = change(client, draft, form(customer), "gammelt", "flere").content.decode()

    assert 'name="made_of" value="gammelt"' in page


def test_R19_sent_from_two_tabs_a_draft_is_one_invoice() -> None:
    customer = make_customer(make_company(), email="kunde@firma.test")
    client = signed_in(customer.company)
    draft = keep(client, form(customer))
    seen = stamp(draft)

    answers = [
        change(client, draft, form(customer), seen, "send"),
        change(client, draft, form(customer, number="999"), seen, "send"),
    ]

    invoice = Invoice.objects.get()
    assert [answer["Location"] for answer in answers] == [
        f"/utsendelser/{invoice.run_id}/",
        f"/fakturaer/{invoice.pk}/",
    ]
    sent = Draft.objects.get()
    assert (sent.sent_as, sent.fields) == (invoice, {})
    assert "Ingen kladder" in client.get(LIST).content.decode()


def test_what_is_wrong_stays_a_draft() -> None:
    customer = make_customer(make_company())
    client = signed_in(customer.company)
    draft = keep(client, form(customer))

    answer = change(client, draft, form(customer, due_date="2020-01-01"), stamp(draft), "send")

    assert answer.status_code == 422
    assert Draft.objects.get().sent_as is None
    assert not Invoice.objects.exists()


def test_a_draft_is_deleted_after_a_warning_unless_it_was_changed_meanwhile() -> None:
    customer = make_customer(make_company())
    client = signed_in(customer.company)
    draft = keep(client, form(customer))
    assert "Slette kladden Faktura 501?" in client.get(f"{address(draft)}slett/").content.decode()

    client.post(f"{address(draft)}slett/", {"made_of": "gammelt"})
    assert Draft.objects.exists()
    client.post(f"{address(draft)}slett/", {"made_of": stamp(draft)})
    assert not Draft.objects.exists()


def test_the_number_of_a_draft_is_not_proposed_again() -> None:
    customer = make_customer(make_company())
    client = signed_in(customer.company)
    post(client, form(customer, number="77"))
    keep(client, form(customer, number="78"))

    assert 'value="79"' in client.get(PATH).content.decode()


def test_the_list_takes_as_many_queries_for_many_drafts_as_for_few() -> None:
    def queries(size: int) -> int:
        customer = make_customer(make_company())
        client = signed_in(customer.company)
        for number in range(size):
            keep(client, form(customer, number=str(number)))
        with CaptureQueriesContext(connection) as captured:
            assert client.get(LIST).status_code == 200
        return len(captured)

    assert queries(2) == queries(8)


def previewed(client: Client, *drafts: Draft) -> tuple[str, list[str]]:
    """The page, and what its button would post."""
    answer = client.get(f"{LIST}se/", {"kladd": [draft.pk for draft in drafts]} if drafts else {"alle": "1"})
    page = answer.content.decode()
    return page, re.findall(r'name="kladd" value="([^"]+)"', page)


def test_the_preview_says_where_each_goes_and_sends_nothing() -> None:
    company = make_company()
    mailed = make_customer(company, email="kunde@firma.test")
    client = signed_in(company)
    keep(client, form(mailed, number="1"))
    keep(client, form(mailed, number="1", reference="Samme nummer"))
    keep(client, form(mailed, number="3", due_date="2020-01-01"))
    keep(client, form(mailed, number="4", customer="finnes ikke"))

    page, posted = previewed(client)

    for words in ("E-post", "Nummeret er brukt", "Forfallsdatoen er før", "Finner ikke kunden", "Send 1 faktura"):
        assert words in page
    assert len(posted) == 1
    assert not Invoice.objects.exists()


def test_the_look_takes_the_drafts_of_the_list_in_its_order(monkeypatch: pytest.MonkeyPatch) -> None:
    customer = make_customer(make_company(), email="kunde@firma.test")
    client = signed_in(customer.company)
    oldest, *newer = [keep(client, form(customer, number=str(number))) for number in (1, 2, 3)]
    assert "av 3" not in client.get(LIST).content.decode() + previewed(client)[0]

    monkeypatch.setattr(views, "SHOWN", 2)
    page = client.get(LIST).content.decode()
    shown = [row["draft"] for row in client.get(f"{LIST}se/?alle=1").context["rows"]]

    assert shown == [row["draft"] for row in client.get(LIST).context["rows"]] == newer[::-1]
    assert "Se hvor de første 2 av 3 går" in page
    assert "Dette er de første 2 av 3 kladder." in previewed(client)[0]
    assert "kladder." not in previewed(client, oldest)[0]


def test_of_two_with_one_number_the_look_says_the_one_that_goes() -> None:
    customer = make_customer(make_company(), email="kunde@firma.test")
    client = signed_in(customer.company)
    first = keep(client, form(customer, number="1"))
    keep(client, form(customer, number="1", reference="Samme nummer"))

    _page, posted = previewed(client)

    assert posted == [f"{first.pk}@{stamp(first)}"]
    client.post(f"{LIST}send/", {"kladd": posted})
    first.refresh_from_db()
    assert first.sent_as == Invoice.objects.get()


def test_R19_what_is_whole_goes_in_one_run_once_and_the_rest_stays() -> None:
    customer = make_customer(make_company(), email="kunde@firma.test")
    client = signed_in(customer.company)
    whole = [keep(client, form(customer, number=str(number))) for number in (1, 2)]
    half = keep(client, form(customer, number="3", due_date="2020-01-01"))
    _page, posted = previewed(client)

    answers = [client.post(f"{LIST}send/", {"kladd": posted}) for _press in range(2)]

    assert {invoice.number for invoice in Invoice.objects.all()} == {"1", "2"}
    run = Invoice.objects.values_list("run", flat=True).distinct().get()
    assert {answer["Location"] for answer in answers} == {f"/utsendelser/{run}/"}
    assert Draft.objects.get(sent_as=None) == half
    assert Draft.objects.filter(pk__in=[draft.pk for draft in whole], sent_as__run=run).count() == 2


def test_what_was_changed_after_the_preview_is_not_sent() -> None:
    customer = make_customer(make_company(), email="kunde@firma.test")
    client = signed_in(customer.company)
    draft = keep(client, form(customer))
    _page, posted = previewed(client, draft)
    change(client, draft, form(customer, reference="Nytt"), stamp(draft))

    assert client.post(f"{LIST}send/", {"kladd": [*posted, "x@", "999@"]})["Location"] == LIST
    assert not Invoice.objects.exists()


def test_another_companys_draft_is_neither_shown_nor_sent() -> None:
    customer = make_customer(make_company(), name="Fremmed Kunde", email="kunde@firma.test")
    draft = keep(signed_in(customer.company), form(customer))
    stranger = signed_in(make_company())

    assert "Fremmed" not in previewed(stranger, draft)[0]
    stranger.post(f"{LIST}send/", {"kladd": [f"{draft.pk}@{stamp(draft)}"]})
    assert not Invoice.objects.exists()


def test_the_preview_takes_as_many_queries_for_many_drafts_as_for_few() -> None:
    def queries(size: int) -> int:
        customer = make_customer(make_company(), email="kunde@firma.test")
        client = signed_in(customer.company)
        for number in range(1, size + 1):
            keep(client, form(customer, number=str(number)))
        with CaptureQueriesContext(connection) as captured:
            assert client.get(f"{LIST}se/?alle=1").status_code == 200
        return len(captured)

    assert queries(2) == queries(8)


def test_R19_of_two_that_read_the_same_draft_the_second_gets_the_first_ones_invoice() -> None:
    customer = make_customer(make_company(), email="kunde@firma.test")
    draft = keep(signed_in(customer.company), form(customer))
    user = draft.changed_by
    assert user is not None
    read_by_both = [Writing(draft, draft.fields), Writing(draft, {**draft.fields, "number": "999"})]

    first, second = [send(writing, OpenRun(user, "test"), user, stamp_of(draft)) for writing in read_by_both]

    assert (first.invoice, second.invoice) == (Invoice.objects.get(), first.invoice)
    assert (first.new, second.new) == (True, False)
