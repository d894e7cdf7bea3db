"""Where a customer can be reached: his own identifier, e-mails and postal address, else his parent's (R16)."""

from dataclasses import replace

from customers.identifiers import peppol_id_of
from customers.models import Customer
from distribution.channels.email.addresses import mailbox_of
from distribution.routing import Facts


def peppol_id(customer: Customer) -> str:
    """The customer's own address for e-invoice; a branch without one has its parent's (R16)."""
    own = customer.peppol_id or (peppol_id_of(customer.org_number) if customer.org_number else "")
    return own or (peppol_id(customer.parent) if customer.parent else "")


def consumer_identity(customer: Customer) -> str:
    return customer.phone.replace(" ", "") or (customer.emails[0].lower() if customer.emails else "")


def emails_of(customer: Customer) -> tuple[tuple[str, ...], str]:
    """Each mailbox once, as it was written first: in two spellings it would get the invoice twice (R33)."""
    if customer.emails:
        return _each_once(customer.emails), "has_invoice_email" if customer.invoice_email else "has_email"
    return _each_once(customer.parent.emails if customer.parent else ()), "has_parent_email"


def _each_once(emails: tuple[str, ...]) -> tuple[str, ...]:
    if len(emails) < 2:
        return emails
    by_mailbox: dict[str, str] = {}
    for address in emails:
        by_mailbox.setdefault(mailbox_of(address), address)
    return tuple(by_mailbox.values())


def with_address(facts: Facts, customer: Customer) -> Facts:
    """R23: name, street or box, postcode, town, country. A branch without any address has its parent's (R16)."""
    has_own = bool(customer.address_line or customer.postcode or customer.town)
    place = customer if has_own or customer.parent is None else customer.parent
    abroad = "" if place.country == "NO" else place.country
    lines = (customer.name, place.address_line, place.address_line2, f"{place.postcode} {place.town}", abroad)
    named = {
        "name": customer.name,
        "address_line": place.address_line,
        "postcode": place.postcode,
        "town": place.town,
        "country": place.country,
    }
    return replace(
        facts,
        address=tuple(line for line in lines if line.strip()),
        address_source="has_address" if place is customer else "has_parent_address",
        address_missing=tuple(name for name, value in named.items() if not value.strip()),
    )
