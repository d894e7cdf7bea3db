"""Companies that mail links, the addresses under them, and what stands on the pages there."""

from typing import Any

import lxml.html
from django.test import Client

from customers.models import Company, Membership, Role
from distribution import delivery
from distribution.delivery.preparing import token_of
from distribution.models import Invoice
from tests.factories import ADDRESS, kinds, make_company, make_customer, make_user, queue, set_choices

PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Version/18.5 Mobile/15E148 Safari/604.1"


def linking_company(**facts: Any) -> Company:
    company = make_company(**facts)
    set_choices(company, attach_pdf=False)
    return company


def mailed(company: Company, **how: Any) -> Invoice:
    row = queue(make_customer(company, email="kunde@firma.test", **ADDRESS), **how)
    while delivery.run():
        pass
    return row.invoice


def path_of(invoice: Invoice) -> str:
    return f"/i/{token_of(invoice.deliveries.earliest('pk'))}"


def everything_of(path: str) -> list[str]:
    return [path, f"{path}/pdf", f"{path}/logo"]


def member_of(company: Company) -> Client:
    user, client = make_user(), Client()
    Membership.objects.create(user=user, company=company, role=Role.ACCOUNTANT)
    client.force_login(user)
    return client


def text_of(answer: Any) -> str:
    """What is read."""
    tree: Any = lxml.html.fromstring(answer.content.decode())
    return " ".join(" ".join(tree.itertext()).split())


def closed(path: str, words: str, invoice: Invoice) -> None:
    """Nothing behind it opens, and nothing of the invoice is told."""
    opened = kinds(invoice).count("link_opened")
    for address in everything_of(path):
        answer = Client().get(address)
        assert answer.status_code == 404
        assert words in text_of(answer)
        private(answer)
        for secret in (invoice.number, invoice.buyer_name, invoice.company.name, "1\u00a0250"):
            assert secret not in answer.content.decode()
    assert kinds(invoice).count("link_opened") == opened


def private(answer: Any) -> None:
    """Kept by nobody, found by nobody, told to nobody."""
    said = {
        name: answer[name] for name in ("Cache-Control", "Referrer-Policy", "X-Robots-Tag", "X-Content-Type-Options")
    }
    assert said == {
        "Cache-Control": "private, no-store",
        "Referrer-Policy": "no-referrer",
        "X-Robots-Tag": "noindex, nofollow",
        "X-Content-Type-Options": "nosniff",
    }
    assert "default-src 'self'" in answer["Content-Security-Policy"]
