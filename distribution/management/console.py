"""What the commands share: stdout has facts, stderr has words for people, a company is named by org.nr or Peppol id."""

import json
import sys
import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError
from django.db.models import Q
from django.utils.translation import gettext as _

from customers.access import companies_for
from customers.identifiers import clean_peppol_id
from customers.models import Company, User
from distribution.models import Invoice
from distribution.reasons import in_words
from distribution.states import Status

SETTINGS = "settings"  # the system checks that our commands run; `manage.py check` runs all
CHECKS = [SETTINGS]
SOME_REFUSED = 3
USAGE = 2


def add_json(parser: ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="facts as JSON on stdout, one object a line")


def say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


def company_named(name: str) -> Company:
    """By org.nr or Peppol id, whatever the case. Raises CommandError."""
    try:
        peppol_id = clean_peppol_id(name) if ":" in name else ""
    except ValidationError:
        peppol_id = name.strip().lower()
    if not name.strip():
        raise CommandError(_("Det finnes ikke noe firma med %(name)s.") % {"name": "«»"}, returncode=USAGE)
    found = Company.objects.filter(Q(peppol_id=peppol_id) if peppol_id else Q(org_number=name.replace(" ", ""))).first()
    if found is None:
        raise CommandError(_("Det finnes ikke noe firma med %(name)s.") % {"name": name}, returncode=USAGE)
    return found


def user_named(email: str | None, company: Company) -> User | None:
    """One of the company's users. Raises CommandError."""
    if email is None:
        return None
    found = User.objects.filter(email__iexact=email).first()
    if found is None:
        raise CommandError(_("Det finnes ingen bruker med %(email)s.") % {"email": email}, returncode=USAGE)
    if not companies_for(found).filter(pk=company.pk).exists():
        words = _("%(email)s er ikke bruker i %(company)s.") % {"email": email, "company": company.name}
        raise CommandError(words, returncode=USAGE)
    return found


def add_user(parser: ArgumentParser) -> None:
    parser.add_argument("--as", dest="user", metavar="USER", help="e-mail of the user who sends")


def files_in(paths: list[str]) -> list[Path]:
    """Files as given, and the XML files of folders, in order of name. Raises CommandError for a path that is not there."""
    found: list[Path] = []
    for path in map(Path, paths):
        if not path.exists():
            raise CommandError(_("Finner ikke %(path)s.") % {"path": path}, returncode=USAGE)
        found += sorted(one for one in path.iterdir() if one.suffix.lower() == ".xml") if path.is_dir() else [path]
    return found


def as_they_are_now(invoices: list[Invoice]) -> Iterator[Invoice]:
    """Read again with customer and delivery, in parts: a database takes so many ids at once."""
    for start in range(0, len(invoices), 900):
        part = Invoice.objects.filter(pk__in=[invoice.pk for invoice in invoices[start : start + 900]])
        yield from part.select_related("customer", "last_delivery").order_by("pk")


def facts_of_invoice(invoice: Invoice) -> dict[str, Any]:
    delivery = invoice.last_delivery
    status = delivery.status if delivery else Status.QUEUED
    return {
        "number": invoice.number,
        "customer": invoice.customer.name if invoice.customer else invoice.buyer_name,
        "channel": (delivery.channel or None) if delivery else None,
        "status": status,
        "reason": in_words(delivery.reasons) if delivery else "",
        "delivery": str(delivery.key) if delivery else None,
    }


def print_fact(facts: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print(json.dumps(facts, ensure_ascii=False), flush=True)
        return
    way = facts["channel"] or "–"
    print(
        f"{facts['number']:<16} {facts['customer'][:32]:<32} {way:<9} {facts['status']:<10} {facts['reason']}",
        flush=True,
    )


def counting(words: str, total: int, every: float = 2.0) -> Callable[[int], None]:
    """A function to call with what is left; tells how far it is now and then, and at the end."""
    told = [time.monotonic()]

    def tell(left: int) -> None:
        if left and time.monotonic() - told[0] < every:
            return
        told[0] = time.monotonic()
        say(f"{words}: {total - left}/{total}")

    return tell
