"""Asks the register of e-invoice about one participant, now and without a cache."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from customers.identifiers import clean_peppol_id
from distribution.documents.invoice import DocumentType
from distribution.management import console
from distribution.registers.base import Query, RegisterName
from distribution.registers.registry import register_for

DOCUMENTS = {"invoice": DocumentType.INVOICE, "creditnote": DocumentType.CREDIT_NOTE}


class Command(BaseCommand):
    help = "Slår opp om en mottaker kan ta imot EHF / looks up whether a participant receives EHF"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("participant", metavar="0192:ORGNR")
        parser.add_argument("--document", choices=tuple(DOCUMENTS), default="invoice")
        console.add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            identifier = clean_peppol_id(options["participant"])
        except ValidationError as error:
            raise CommandError(error.messages[0], returncode=console.USAGE) from error
        wanted = options["document"]
        reply = register_for(RegisterName.EINVOICE).ask(
            Query(RegisterName.EINVOICE, identifier, DOCUMENTS[wanted].value)
        )
        facts = {"answer": reply.answer, "reason": reply.reason, "smp": reply.smp or None, "document": wanted}
        words = f"{identifier} {wanted}: {reply.answer.label}. {reply.reason}"
        print(json.dumps(facts, ensure_ascii=False) if options["json"] else words)
