"""The commands as people and scripts use them (interfaces.md): facts on stdout, words on stderr, exit codes."""

import hashlib
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils.html import escape

from autoinvoice_site.environment import BASE_DIR
from customers.models import Company, Customer, User
from distribution import files, frozen
from distribution.documents.invoice import DocumentType, Party
from distribution.evidence import evidence
from distribution.kid import is_kid
from distribution.models import Delivery, Invoice, Run
from distribution.report import COLUMNS
from tests.factories import make_company, make_customer, make_user, out, silence_register, ubl

pytestmark = pytest.mark.django_db
EXAMPLES = BASE_DIR.parent / "shared" / "data" / "peppol" / "examples"
with_examples = pytest.mark.skipif(
    not EXAMPLES.is_dir(), reason="the official examples do not lie beside this checkout"
)


def objects(said: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in said.splitlines()]


def file_of(customer: Customer, folder: Path, **terms: object) -> str:
    content = ubl(customer, **terms)
    path = folder / f"{hashlib.sha256(content).hexdigest()}.xml"
    path.write_bytes(content)
    return str(path)


@pytest.mark.database
def test_the_demo_fills_an_empty_database_and_sends_all_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    silence_register()  # the demo writes its own
    call_command("demo", "--json")

    (figures,) = objects(capsys.readouterr().out)
    assert all(
        isinstance(figures[name], int) and figures[name] for name in ("einvoice", "email", "print", "to_user", "held")
    )
    assert figures["in"] == sum(int(str(figures[name])) for name in COLUMNS if name != "in")
    assert (figures["waiting"], figures["uncertain"], figures["failed"]) == (0, 0, 0)
    assert sorted(company.activated for company in Company.objects.all()) == [False, True]
    assert all(company.email_verified for company in Company.objects.all())
    assert Customer.objects.filter(company__activated_at__isnull=False).count() == 40
    invoices = Invoice.objects.filter(document_type=DocumentType.INVOICE)
    assert all(is_kid(files.data_of(invoice).payment_id) for invoice in invoices)


def test_the_demo_again_sends_nothing_again() -> None:
    call_command("demo")
    left = out()

    call_command("demo")

    assert out() == left
    assert Run.objects.count() == 1


def test_the_demo_refuses_a_database_with_other_data() -> None:
    make_company()

    with pytest.raises(CommandError, match="tom database"):
        call_command("demo")
    assert not User.objects.filter(is_demo=True).exists()


def test_the_reason_is_the_same_before_on_the_page_and_after_for_each_customer_of_the_demo(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """P3: `route` for the very bytes, the page and the delivery say one thing."""
    silence_register()
    call_command("demo")
    capsys.readouterr()
    client = Client()
    client.force_login(User.objects.get(email="regnskap@demo.test"))
    company = Company.objects.get(name="Fjellheim Elektro AS")
    for invoice in Invoice.objects.filter(company=company).select_related("last_delivery").order_by("pk"):
        path = tmp_path / f"{invoice.pk}.xml"
        path.write_bytes(frozen.read(invoice.sha256))
        call_command("route", str(path), "--company", company.org_number, "--json")
        (routed,) = objects(capsys.readouterr().out)
        page = client.get(f"/fakturaer/{invoice.pk}/").content.decode()
        told = evidence(invoice)["deliveries"][-1]
        assert (routed["channel"], routed["reason"]) == (told["channel"], told["reason"]["nb"])
        assert escape(str(routed["reason"])) in page


@pytest.mark.database
@with_examples
def test_the_demo_from_a_folder_accounts_for_every_file(capsys: pytest.CaptureFixture[str]) -> None:
    silence_register()

    call_command("demo", "--from", str(EXAMPLES), "--json")

    (figures,) = objects(capsys.readouterr().out)
    assert figures["in"] == 11 == sum(int(str(figures[name])) for name in COLUMNS if name != "in")
    assert figures["waiting"] == 0
    told = {one["key"]: one for invoice in Invoice.objects.all() for one in evidence(invoice)["deliveries"]}
    assert all(one["reason"]["nb"] and one["reason"]["en"] for one in told.values())
    for folder in out():
        (file,) = [path for path in folder.iterdir() if path.name != "manifest.json"]
        assert hashlib.sha256(file.read_bytes()).hexdigest() == told[folder.name]["sha256"]
    assert len(out()) == sum(one["status"] == "accepted" for one in told.values())

    left, rows = out(), Delivery.objects.count()
    call_command("demo", "--from", str(EXAMPLES), "--json")
    assert objects(capsys.readouterr().out) == [figures]
    assert (out(), Delivery.objects.count(), Run.objects.count()) == (left, rows, 1)


def test_send_takes_in_queues_and_says_a_line_per_invoice(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    customer, user = make_customer(make_company(), email="kunde@firma.test"), make_user("marit@kontor.test")
    customer.company.memberships.create(user=user, role="accountant")
    path = file_of(customer, tmp_path, number="77")

    call_command("send", path, "--company", customer.company.org_number, "--as", "marit@kontor.test", "--json")

    (fact,) = objects(capsys.readouterr().out)
    invoice = Invoice.objects.get()
    assert fact == {
        "number": "77", "customer": customer.name, "channel": None, "status": "queued", "reason": "",
        "delivery": str(Delivery.objects.get().key),
    }  # fmt: skip
    assert invoice.sent_by == user
    assert out() == []


def test_send_and_wait_delivers_here(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    customer = make_customer(make_company(), email="kunde@firma.test")

    call_command("send", file_of(customer, tmp_path), "--company", customer.company.peppol_id, "--wait", "--json")

    (fact,) = objects(capsys.readouterr().out)
    assert (fact["channel"], fact["status"]) == ("email", "accepted")
    assert len(out("email")) == 1


def test_send_takes_the_good_files_and_says_why_the_others_were_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    customer, stranger = make_customer(make_company(), email="kunde@firma.test"), make_customer(make_company())
    good, foreign = file_of(customer, tmp_path), file_of(stranger, tmp_path)
    (tmp_path / "broken.xml").write_bytes(b"<Invoice>")
    (tmp_path / "empty.xml").write_bytes(b"")

    with pytest.raises(SystemExit) as stopped:
        call_command("send", good, foreign, str(tmp_path / "broken.xml"), str(tmp_path / "empty.xml"),
                     "--company", customer.company.org_number)  # fmt: skip

    said = capsys.readouterr()
    assert stopped.value.code == 3
    assert len([line for line in said.err.splitlines() if ".xml: " in line]) == 3
    assert stranger.company.name in said.err
    assert Invoice.objects.count() == 1
    assert Customer.objects.count() == 2


@pytest.mark.parametrize(
    "words",
    [
        ["send", "missing.xml", "--company", "{company}"],
        ["send", ".", "--company", "999999999"],
        ["send", ".", "--company", "{company}", "--as", "x@y.test"],
        ["send", ".", "--company", "{company}", "--as", "fremmed@kontor.test"],
        ["route", ".", "--company", "{company}", "--as", "fremmed@kontor.test"],
    ],
    ids=["no such file", "no such company", "no such user", "another company's user", "the same for route"],
)
def test_usage_errors_exit_with_2(words: list[str]) -> None:
    company = make_company()
    make_user("fremmed@kontor.test")

    with pytest.raises(CommandError) as stopped:
        call_command(*[word.format(company=company.org_number) for word in words])
    assert stopped.value.returncode == 2


def test_route_keeps_and_sends_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    company = make_company()
    ghost = Customer(company=company, number="1", name="Ny Kunde AS", org_number="", method="autoinvoice")

    call_command("route", file_of(ghost, tmp_path), "--company", company.org_number, "--json")

    (fact,) = objects(capsys.readouterr().out)
    assert (fact["customer"], fact["channel"], fact["status"], fact["delivery"]) == ("Ny Kunde AS", None, "held", None)
    assert not Customer.objects.exists()
    assert not Invoice.objects.exists()
    assert list(Path(tmp_path / "data").glob("frozen/**/*")) == []


def test_report_of_a_run_that_is_not_there_says_so() -> None:
    with pytest.raises(CommandError, match="ingen slik utsendelse"):
        call_command("report", "4711")


def test_the_demo_leaves_no_company_behind_whose_document_it_refused(tmp_path: Path) -> None:
    ghost = Customer(
        company=Company(name="Borte AS", peppol_id="0192:310004405"), number="1", name="Kunde AS", method="autoinvoice"
    )
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "one.xml").write_bytes(ubl(ghost, seller=Party(name="Uten id")))

    with pytest.raises(SystemExit) as stopped:
        call_command("demo", "--from", str(tmp_path / "in"))

    assert stopped.value.code == 3
    assert not Company.objects.exists()
