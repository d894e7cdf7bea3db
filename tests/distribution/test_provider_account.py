"""The company's keys at the provider: entered, tried and removed by an admin, and shown to nobody."""

import logging
from uuid import uuid4

import pytest
from django.conf import LazySettings
from django.test import Client

from customers.models import Company, Membership, Role
from distribution.accounts import account_of, hook_token_of, note_text, save_account
from distribution.models import Agreement, ProviderAccount
from distribution.nightly import read_b2c_agreements
from tests.autoinvoice import KEY, UUID_AT, company_with_keys, reachable, work
from tests.factories import make_company, make_user, queue
from tests.fake_autoinvoice import Remote

pytestmark = pytest.mark.django_db
PAGE = "/mitt-firma/elektronisk-faktura/autoinvoice/"


def signed_in(company: Company, role: Role = Role.ADMIN) -> Client:
    user, client = make_user(), Client()
    Membership.objects.create(user=user, company=company, role=role)
    client.force_login(user)
    return client


def said(client: Client, **typed: str) -> str:
    return client.post(PAGE, typed, follow=True).content.decode()


def test_keys_are_kept_encrypted_and_never_shown_again(caplog: pytest.LogCaptureFixture) -> None:
    company = make_company()
    client = signed_in(company)

    with caplog.at_level(logging.DEBUG):
        answer = said(client, company_uuid=str(UUID_AT), user_api_key=KEY)

    row = ProviderAccount.objects.get(company=company)
    assert "Nøklene er lagret" in answer
    assert KEY.encode() not in bytes(row.user_api_key)
    account = account_of(company.pk)
    assert account is not None
    assert (account.user_api_key, account.company_uuid) == (KEY, str(UUID_AT))
    pages = [client.get(path).content.decode() for path in (PAGE, "/mitt-firma/elektronisk-faktura/")]
    for text in [answer, *pages, caplog.text, repr(account), repr(row), str(account)]:
        assert KEY not in text
        assert str(UUID_AT) not in text
        assert hook_token_of(row) not in text
    assert all(str(row.saved_by) in page for page in pages)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"company_uuid": "ikke-en-uuid", "user_api_key": KEY}, "Dette er ikke en UUID"),
        ({"company_uuid": str(UUID_AT), "user_api_key": ""}, "Brukernøkkel"),
        ({"company_uuid": str(UUID_AT), "user_api_key": "kort"}, "Brukernøkkel"),
    ],
)
def test_what_is_wrong_is_told_and_the_key_is_not_sent_back(typed: dict[str, str], words: str) -> None:
    answer = signed_in(make_company()).post(PAGE, typed)

    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert KEY not in answer.content.decode()
    assert not ProviderAccount.objects.exists()


def test_replacing_them_makes_a_new_address_for_the_webhook() -> None:
    company = company_with_keys()
    before = hook_token_of(ProviderAccount.objects.get())

    said(signed_in(company), company_uuid=str(UUID_AT), user_api_key="en-annen-nokkel")

    account = account_of(company.pk)
    assert account is not None
    assert account.user_api_key == "en-annen-nokkel"
    assert hook_token_of(ProviderAccount.objects.get()) != before


def test_R14_the_text_of_another_account_is_not_this_ones() -> None:
    company = company_with_keys()
    note_text(company.pk, "Hilsen Fjellro")

    said(signed_in(company), company_uuid=str(UUID_AT), user_api_key="en-annen-nokkel")
    assert ProviderAccount.objects.get().email_text == "Hilsen Fjellro"

    said(signed_in(company), company_uuid=str(uuid4()), user_api_key="en-annen-nokkel")
    row = ProviderAccount.objects.get()
    assert (row.email_text, row.email_text_at) == ("", None)


def test_it_warns_of_a_change_while_invoices_are_followed(provider: Remote) -> None:
    customer = reachable()
    client = signed_in(customer.company)
    rows = [work(queue(customer)) for _ in range(2)]
    queue(reachable())  # another company's

    assert "2 fakturaer er tatt imot av AutoInvoice" in client.get(PAGE).content.decode()

    for row in rows:
        provider.settle(row.key, "DELIVERED")
    work(rows[0], minutes=10)
    assert "er tatt imot av AutoInvoice" not in client.get(PAGE).content.decode()


def test_an_accountant_may_neither_see_nor_change_them() -> None:
    company = company_with_keys()
    client = signed_in(company, Role.ACCOUNTANT)

    assert client.get(PAGE).status_code == 403
    for typed in ({"order": "remove"}, {"company_uuid": str(UUID_AT), "user_api_key": "x" * 20}):
        assert client.post(PAGE, typed).status_code == 403
    assert account_of(company.pk) is not None
    assert PAGE not in client.get("/mitt-firma/elektronisk-faktura/").content.decode()


def test_the_connection_is_tried_and_what_was_seen_is_told(provider: Remote) -> None:
    company = company_with_keys()
    client = signed_in(company)
    assert "Nøklene hører til Fjellro hos AutoInvoice" in said(client, order="try")

    provider.company(keys={str(UUID_AT): "another"})
    from distribution.autoinvoice import client as api

    api._tokens.clear()
    answer = said(client, order="try")
    assert "godtar ikke nøklene" in answer
    assert KEY not in answer  # this provider repeats it
    assert ProviderAccount.objects.get().stopped_at is not None
    provider.company(keys={str(UUID_AT): KEY})
    said(client, order="try")
    assert ProviderAccount.objects.get().stopped_at is None


def test_a_provider_that_is_away_is_told_and_stops_nothing(provider: Remote, settings: LazySettings) -> None:
    settings.AUTOINVOICE_URL = "http://127.0.0.1:1"
    company = company_with_keys()

    assert "ikke noe brukbart svar" in said(signed_in(company), order="try")
    assert ProviderAccount.objects.get().stopped_at is None


def test_the_webhook_is_registered_with_its_secret_address(provider: Remote, settings: LazySettings) -> None:
    company = company_with_keys()

    said(signed_in(company), order="hooks")

    (made,) = provider.truth()["notifications"]
    token = hook_token_of(ProviderAccount.objects.get())
    assert made["destination"] == f"{settings.SITE_URL}/hooks/autoinvoice/{token}"
    assert made["destination_type"] == "WEBHOOK"
    assert "DOCUMENTS.INVOICE.FAILED" in made["events"]
    assert ProviderAccount.objects.get().hooks_since is not None


@pytest.mark.parametrize(
    ("there", "status"),
    [("ACTIVE", "active"), ("RESERVED", "pending"), ("FREE", "none"), ("FAULT", "active"), ("NEW", "active")],
)
def test_R18_the_b2c_agreement_is_what_the_provider_says(provider: Remote, there: str, status: str) -> None:
    """A fault there changes nothing here."""
    company = company_with_keys(b2c="active")
    provider.company(directory={"b2cno": there})

    said(signed_in(company), order="b2c")

    assert Agreement.objects.get(company=company, kind="b2c").status == status


def test_R18_the_night_asks_for_every_company_and_one_fault_stops_no_other(provider: Remote) -> None:
    first = company_with_keys(b2c="active")
    without, other = make_company(b2c="active"), make_company(b2c="none")
    save_account(other, None, company_uuid=uuid4(), user_api_key="no such key")
    provider.company(directory={"b2cno": "FREE"})

    assert read_b2c_agreements() == 1

    kept = dict(Agreement.objects.filter(kind="b2c").values_list("company", "status"))
    assert (kept[first.pk], kept[without.pk], kept.get(other.pk, "none")) == ("none", "active", "none")


def test_removed_they_are_gone_and_an_order_without_them_does_nothing() -> None:
    company = company_with_keys()
    client = signed_in(company)

    assert "Nøklene er fjernet" in said(client, order="remove")
    for order in ("remove", "try", "hooks", "b2c"):
        assert client.post(PAGE, {"order": order}).status_code == 302
    assert account_of(company.pk) is None


def test_keys_that_can_not_be_opened_any_more_are_as_good_as_none(
    settings: LazySettings, caplog: pytest.LogCaptureFixture
) -> None:
    from cryptography.fernet import Fernet

    company = company_with_keys()
    settings.FIELD_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]

    assert account_of(company.pk) is None
    assert "FIELD_ENCRYPTION_KEYS" in caplog.text
    assert "kan ikke åpnes lenger" in said(signed_in(company), order="try")
