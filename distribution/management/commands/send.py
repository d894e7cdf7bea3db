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
from distribution.models import Invoice, Run
from distribution.tasks import ring


class Command(BaseCommand):
    help = "Tar inn UBL-fakturaer og legger dem i kø / takes in UBL invoices and queues them"
    requires_system_checks = console.CHECKS

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", metavar="FILE", help="UBL files, or folders of them")
        parser.add_argument("--company", required=True, metavar="ID", help="org.nr or Peppol id")
        console.add_user(parser)
        parser.add_argument("--pdf", metavar="FILE", help="the company's own PDF; for one invoice")
        parser.add_argument("--wait", action="store_true", help="deliver in this process until each has ended")
        console.add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        company = console.company_named(options["company"])
        user = console.user_named(options["user"], company)
        files = console.files_in(options["files"])
        pdf = _own_pdf(options["pdf"], files)
        run = OpenRun(user, "command")
        taken, refused = _take_in(company, files, user, pdf, run)
        if options["wait"]:
            for one in _runs_of(taken):  # also that of an earlier call which was killed
                finish(one, console.counting(_("Sendt"), Invoice.objects.filter(run=one).count()))
        for invoice in console.as_they_are_now(taken):
            console.print_fact(console.facts_of_invoice(invoice), options["json"])
        if run.row is not None and not options["wait"]:
            ring(run.row)
        if refused:
            raise SystemExit(console.SOME_REFUSED)


def _runs_of(invoices: list[Invoice]) -> list[Run]:
    return list(Run.objects.filter(pk__in={invoice.run_id for invoice in invoices}).order_by("pk"))


def _take_in(
    company: Company, files: list[Path], user: User | None, pdf: bytes | None, run: OpenRun
) -> tuple[list[Invoice], int]:
    """The invoices, new or known, and how many files were refused; each refusal is said at once."""
    taken, refused = list[Invoice](), 0
    tell = console.counting(_("Tatt inn"), len(files))
    for position, path in enumerate(files, 1):
        try:
            received = intake.receive(company, path.read_bytes(), run=run, user=user, own_pdf=pdf)
        except (intake.Refused, OSError) as refusal:
            console.say(f"{path.name}: {refusal}")
            refused += 1
            continue
        taken.append(received.invoice)
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
