"""What a person asks of the provider on the company's page: does the connection work, call us, how stands the B2C agreement,
and the text of its mails (R14). Over the network, for seconds at most."""

from typing import Any

from distribution.account import Account
from distribution.autoinvoice.client import KeysRefused, Said, call
from distribution.http import CallFailed
from distribution.states import AgreementStatus

SECONDS = 15
SETTINGS = "/v1/company/settings"
MOST = 5000  # characters of a text that is kept
EVENTS = ("DOCUMENTS.INVOICE.DELIVERED", "DOCUMENTS.INVOICE.DELIVERY_CONFIRMED", "DOCUMENTS.INVOICE.FAILED")
B2C = {"ACTIVE": AgreementStatus.ACTIVE, "RESERVED": AgreementStatus.PENDING, "FREE": AgreementStatus.NONE}


class NoAnswer(Exception):
    """Nothing that can be used; the text says what came instead."""


class NotServed(NoAnswer):
    """The keys were refused."""


def seen_as(account: Account) -> str:
    """The name of the company that the keys open, as the provider has it. Raises NoAnswer."""
    facts = _good(account, "GET", "/oauth2/current").facts
    company = facts.get("company") if isinstance(facts, dict) else None
    if not isinstance(company, dict) or not company.get("name"):
        raise NoAnswer("/oauth2/current")
    if company.get("disabled"):
        raise NotServed(f"{company['name']}: disabled")
    return str(company["name"])[:200]


def call_us_at(account: Account, address: str) -> None:
    """Raises NoAnswer."""
    facts = {"destination_type": "WEBHOOK", "destination": address, "events": EVENTS}
    _good(account, "POST", "/v1/company/notifications", facts)


def b2c_agreement(account: Account) -> AgreementStatus:
    """Raises NoAnswer, also for a fault at the provider: that says nothing about the agreement."""
    facts = _good(account, "GET", "/v1/services/b2cno").facts
    status = facts.get("status") if isinstance(facts, dict) else None
    if status not in B2C:
        raise NoAnswer(str(status)[:40])
    return B2C[status]


def email_text(account: Account) -> str:
    """The note in the company's mails; empty where none is set. Raises NoAnswer."""
    facts = _good(account, "GET", SETTINGS, query=[("fields[]", "send_invoice_email")]).facts
    for name in ("send_invoice_email", "content_data", "note_to_receiver"):
        if not isinstance(facts, dict):
            raise NoAnswer(SETTINGS)
        facts = facts.get(name) or ({} if name != "note_to_receiver" else "")
    if not isinstance(facts, str):
        raise NoAnswer(SETTINGS)
    return facts[:MOST]


def write_email_text(account: Account, text: str) -> None:
    """Raises NoAnswer."""
    facts = {"send_invoice_email": {"content_data": {"note_to_receiver": text}}}
    _good(account, "PATCH", SETTINGS, facts)


def _good(account: Account, method: str, path: str, facts: object = None, query: Any = ()) -> Said:
    try:
        said = call(account, method, path, seconds=SECONDS, facts=facts, query=query)
    except KeysRefused as error:
        raise NotServed(str(error)) from error
    except CallFailed as error:
        raise NoAnswer(str(error)) from error
    if not said.good:
        raise NoAnswer(said.words)
    return said
