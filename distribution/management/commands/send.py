"""Takes in UBL invoices and credit notes of one company, and queues them; with --wait delivers them here."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from customers.models import Company, User
from distribution import intake
from distribution.delivery import OpenRun, finish
from distribution.management import console
from distribution.models import Invoice
from distribution.tasks import ring


class Command(BaseCommand):
    help = "Tar inn UBL-fakturaer og legger dem i kø / takes in UBL invoices and queues them"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", metavar="FILE", help="UBL files, or folders of them")
        parser.add_argument("--company", required=True, metavar="ID", help="org.nr or Peppol id")
        parser.add_argument("--as", dest="user", metavar="USER", help="e-mail of the user who sends")
        parser.add_argument("--pdf", metavar="FILE", help="the company's own PDF; for one invoice")
        parser.add_argument("--wait", action="store_true", help="deliver in this process until each has ended")
        console.add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        company, user = console.company_named(options["company"]), console.user_named(options["user"])
        files = console.files_in(options["files"])
        pdf = _own_pdf(options["pdf"], files)
        run = OpenRun(user, "command")
        taken, refused = _take_in(company, files, user, pdf, run)
        if run.row is not None and not options["wait"]:
            ring(run.row)
        if run.row is not None and options["wait"]:
            finish(run.row, console.counting(_("Sendt"), len(taken)))
        for invoice in Invoice.objects.filter(pk__in=taken).select_related("customer", "last_delivery").order_by("pk"):
            console.print_fact(console.facts_of_invoice(invoice), options["json"])
        if refused:
            raise SystemExit(console.SOME_REFUSED)


def _take_in(
    company: Company, files: list[Path], user: User | None, pdf: bytes | None, run: OpenRun
) -> tuple[list[int], int]:
    """Ids of the invoices, new or known, and how many files were refused; each refusal is said at once."""
    taken, refused = [], 0
    tell = console.counting(_("Tatt inn"), len(files))
    for position, path in enumerate(files, 1):
        try:
            received = intake.receive(company, path.read_bytes(), join_run=run.join, user=user, own_pdf=pdf)
        except intake.Refused as refusal:
            console.say(f"{path.name}: {refusal}")
            refused += 1
            continue
        taken.append(received.invoice.pk)
        if not received.new:
            console.say(_("%(file)s: er tatt inn før; ingenting sendes på nytt.") % {"file": path.name})
        tell(len(files) - position)
    return taken, refused


def _own_pdf(path: str | None, files: list[Path]) -> bytes | None:
    if path is None:
        return None
    if len(files) != 1:
        raise CommandError(
            _("--pdf hører til én faktura; her er det %(count)s.") % {"count": len(files)}, returncode=console.USAGE
        )
    return console.files_in([path])[0].read_bytes()
