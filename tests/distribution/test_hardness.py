"""What once broke or could have: files that can't be read, answers nobody prints, certificates nobody signed, two at once."""

import ssl
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from aiosmtpd.controller import Controller
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.conf import LazySettings
from django.core.management import CommandError, call_command
from django.utils import timezone

from autoinvoice_site.environment import email_settings
from customers.models import Company
from distribution import delivery, lookups
from distribution.channels.base import Accepted, Outgoing, Uncertain
from distribution.channels.folder import Folder
from distribution.models import Attempt, Delivery
from distribution.registers.base import Query, RegisterName
from distribution.states import Answer, Status
from tests.factories import delivery_of, make_company, make_customer, out, queue, register_customer, ubl
from tests.ports import free_port
from tests.smtp_sink import Sink

pytestmark = [pytest.mark.django_db, pytest.mark.database]


class Killed(BaseException):
    """As a SIGKILL: nothing of ours catches it."""


def dies(*_args: object) -> None:
    raise Killed


def adrift(monkeypatch: pytest.MonkeyPatch) -> Delivery:
    """A row whose worker died after the hand-over."""
    row = queue(make_customer(make_company(), email="kunde@firma.test"))
    with monkeypatch.context() as patch, suppress(Killed):
        patch.setattr("distribution.delivery.sending.record", dies)
        delivery.run()
    return delivery_of(row.invoice)


def later(minutes: float) -> time_machine.travel:
    return time_machine.travel(timezone.now() + timedelta(minutes=minutes))


def test_R32_a_row_with_damaged_bytes_reaches_a_person_and_the_others_are_asked(
    monkeypatch: pytest.MonkeyPatch, data_dir: Path
) -> None:
    bad, good = adrift(monkeypatch), adrift(monkeypatch)
    sha256 = bad.content_sha256
    (data_dir / "frozen" / sha256[:2] / sha256[2:4] / sha256).write_bytes(b"something else")

    with later(5):
        while delivery.sweep():
            pass

    assert delivery_of(bad.invoice).needs_person
    assert delivery_of(good.invoice).status == Status.ACCEPTED


def test_R32_a_disk_that_fails_while_asking_is_asked_again_later(monkeypatch: pytest.MonkeyPatch) -> None:
    row = adrift(monkeypatch)
    with later(5), monkeypatch.context() as patch:
        patch.setattr("distribution.delivery.sweeping.outgoing_of", no_disk)
        delivery.sweep()

    left = delivery_of(row.invoice)
    assert (left.status, left.due_at is not None) == (Status.UNCERTAIN, True)
    with later(60):
        delivery.sweep()
    assert delivery_of(row.invoice).status == Status.ACCEPTED


def test_a_manifest_that_is_no_json_is_asked_again_and_never_sent_over(
    monkeypatch: pytest.MonkeyPatch, data_dir: Path
) -> None:
    row = adrift(monkeypatch)
    manifest = data_dir / "out" / "email" / str(row.key) / "manifest.json"
    whole = manifest.read_bytes()
    manifest.write_bytes(b"{")
    with later(5):
        delivery.sweep()

    assert delivery_of(row.invoice).status == Status.UNCERTAIN
    manifest.write_bytes(whole)
    with later(60):
        delivery.sweep()
    assert delivery_of(row.invoice).status == Status.ACCEPTED
    assert len(out("email")) == 1


def test_R25_a_register_file_that_is_no_csv_is_an_outage(data_dir: Path) -> None:
    (data_dir / "receivers.csv").write_text('identifier,documents\n0192:987654325,"invoice" x\n')
    query = Query(RegisterName.EINVOICE, "0192:987654325", "invoice")

    (reply,) = lookups.ask([query]).values()

    assert reply.answer == Answer.UNKNOWN


@pytest.mark.parametrize("said", ["\x00 done \x1b[2J", "\ud800", "x" * 5000])
def test_F40_whatever_a_provider_answers_can_be_kept(said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    customer = make_customer(make_company(), email="kunde@firma.test")
    register_customer(customer)
    monkeypatch.setattr(Folder, "send", lambda _self, _outgoing: Accepted(reference=said, answer=said))
    row = queue(customer)

    delivery.run()

    assert delivery_of(row.invoice).status == Status.ACCEPTED


def test_F40_nor_does_an_uncertain_ones_answer_break_the_record(monkeypatch: pytest.MonkeyPatch) -> None:
    customer = make_customer(make_company(), email="kunde@firma.test")
    register_customer(customer)
    monkeypatch.setattr(Folder, "send", doubtful)
    row = queue(customer)

    delivery.run()

    assert delivery_of(row.invoice).status == Status.UNCERTAIN


@pytest.mark.parametrize("scheme", ["smtps", "smtp+tls"])
def test_a_mail_server_whose_certificate_nobody_signed_gets_nothing(
    scheme: str, tmp_path: Path, settings: LazySettings
) -> None:
    context, sink = self_signed(tmp_path), Sink()
    implicit = scheme == "smtps"
    more: dict[str, Any] = {"ssl_context": context} if implicit else {"tls_context": context}
    server = Controller(sink, hostname="127.0.0.1", port=free_port(), **more)
    server.start()
    try:
        url = f"{scheme}://127.0.0.1:{server.port}"
        settings.EMAIL_URL = url
        for name, value in email_settings(url, tmp_path).items():
            setattr(settings, name, value)
        row = queue(make_customer(make_company(), email="kunde@firma.test"))
        delivery.run()
    finally:
        server.stop()

    assert delivery_of(row.invoice).status == Status.QUEUED
    assert "CERTIFICATE_VERIFY_FAILED" in Attempt.objects.get().answer
    assert sink.seen == 0


def test_send_names_a_file_that_can_not_be_read_and_takes_the_others(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    customer = make_customer(make_company(), email="kunde@firma.test")
    folder = tmp_path / "in"
    (folder / "a folder.xml").mkdir(parents=True)
    (folder / "good.xml").write_bytes(ubl(customer))

    with pytest.raises(SystemExit) as stopped:
        call_command("send", str(folder), "--company", customer.company.org_number)

    assert stopped.value.code == 3
    assert "a folder.xml: " in capsys.readouterr().err
    assert Delivery.objects.count() == 1


def test_an_empty_company_is_a_usage_error(tmp_path: Path) -> None:
    Company.objects.create(name="Uten org.nr", peppol_id="9915:uten")

    with pytest.raises(CommandError) as stopped:
        call_command("send", str(tmp_path), "--company", "")

    assert stopped.value.returncode == 2


def test_the_report_of_run_0_is_not_the_last_ones() -> None:
    queue(make_customer(make_company(), email="kunde@firma.test"))

    with pytest.raises(CommandError, match="ingen slik utsendelse"):
        call_command("report", "0")


def no_disk(*_args: object) -> None:
    raise OSError(5, "Input/output error")


def doubtful(_self: Folder, _outgoing: Outgoing) -> Accepted:
    raise Uncertain("\x00\x07")


def self_signed(folder: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    start = datetime(2026, 1, 1, tzinfo=UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=3650))
        .sign(key, hashes.SHA256())
    )
    pem = folder / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    pem.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context
