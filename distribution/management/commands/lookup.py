"""Asks the register of e-invoice about one participant, now and without a cache."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from customers.identifiers import clean_peppol_id
from distribution import lookups
from distribution.documents.invoice import DocumentType
from distribution.management import console
from distribution.registers.base import Query, RegisterName
from distribution.registers.registry import register_for

DOCUMENTS = {"invoice": DocumentType.INVOICE, "creditnote": DocumentType.CREDIT_NOTE}


class Command(BaseCommand):
    help = "Slår opp om en mottaker kan ta imot EHF / looks up whether a participant receives EHF"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("participant", metavar="0192:ORGNR")
        parser.add_argument("--company", metavar="ORGNR", help="whose keys to ask with, where the register wants some")
        parser.add_argument("--document", choices=tuple(DOCUMENTS), default="invoice")
        console.add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        query = _query(options)
        reply, wanted = lookups.ask([query])[query], options["document"]
        facts = {"answer": reply.answer, "reason": reply.reason, "smp": reply.smp or None, "document": wanted}
        words = f"{query.identifier} {wanted}: {reply.answer.label}. {reply.reason}"
        print(json.dumps(facts, ensure_ascii=False) if options["json"] else words)


def _query(options: dict[str, Any]) -> Query:
    """Raises CommandError."""
    try:
        identifier = clean_peppol_id(options["participant"])
    except ValidationError as error:
        raise CommandError(error.messages[0], returncode=console.USAGE) from error
    company = console.company_named(options["company"]).pk if options["company"] else None
    if company is None and register_for(RegisterName.EINVOICE).needs_account:
        words = _("Registeret svarer bare et firma med nøkler: oppgi det med --company.")
        raise CommandError(words, returncode=console.USAGE)
    return Query(RegisterName.EINVOICE, identifier, DOCUMENTS[options["document"]].value, company=company)
