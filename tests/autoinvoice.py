"""The product set to the fake AutoInvoice, for tests: a company with keys there, and what a sweep does."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
import time_machine
from django.conf import LazySettings
from django.utils import timezone

from customers.models import Company, Customer
from distribution import delivery, receipts
from distribution.account import Account
from distribution.accounts import save_account
from distribution.autoinvoice import client
from distribution.autoinvoice.breaker import BREAKERS
from distribution.models import Delivery
from tests.factories import ADDRESS, delivery_of, make_company, make_customer, register_customer
from tests.fake_autoinvoice import VENDOR, Remote

UUID_AT = UUID("01234567-89ab-cdef-0123-456789abcdef")
KEY = "hemmelig-brukernokkel-4711"
ACCOUNT = Account(company_uuid=str(UUID_AT), user_api_key=KEY)


def use(remote: Remote, settings: LazySettings) -> Remote:
    """E-invoice and eFaktura go there; it knows our keys, and has no fault to make."""
    settings.AUTOINVOICE_URL, settings.AUTOINVOICE_VENDOR_KEY = remote.url, VENDOR
    settings.OUTBOUND_PRIVATE_HOSTS = ["127.0.0.1"]
    settings.EINVOICE_TRANSPORT = settings.EFAKTURA_TRANSPORT = "autoinvoice"
    remote.fail()
    remote.company(keys={str(UUID_AT): KEY}, directory={}, settings={}, notifications=[])
    BREAKERS.clear()
    client._tokens.clear()
    return remote


def company_with_keys(**facts: object) -> Company:
    company = make_company(**facts)  # type: ignore[arg-type]
    save_account(company, None, company_uuid=UUID_AT, user_api_key=KEY)
    return company


def reachable(company: Company | None = None) -> Customer:
    """A business that is registered, and has an e-mail and an address besides."""
    customer = make_customer(company or company_with_keys(), email="kunde@firma.test", **ADDRESS)
    register_customer(customer)
    return customer


def work(row: Delivery, minutes: float = 0) -> Delivery:
    """All that workers and sweeps do until nothing is left for now; the delivery that is the invoice's last one then."""
    with time_machine.travel(timezone.now() + timedelta(minutes=minutes)):
        until_nothing(lambda: delivery.run() + delivery.sweep() + receipts.follow())
        return delivery_of(row.invoice)


def until_nothing(step: Callable[[], int]) -> None:
    for _ in range(500):
        if not step():
            return
    pytest.fail("there is always something left")
