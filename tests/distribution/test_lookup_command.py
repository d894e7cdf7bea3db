"""The command `lookup`, and the system checks of what it needs."""

import json

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command

from autoinvoice_site.checks import check_choices, check_peppol
from distribution.models import Lookup
from tests.autoinvoice import company_with_keys, use
from tests.factories import make_company, make_customer, register_customer
from tests.fake_autoinvoice import running
from tests.fake_peppol import Peppol

pytestmark = pytest.mark.django_db


# --- the command -----------------------------------------------------------------------------------------------------
def said(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, object]:
    call_command("lookup", *words, "--json")
    facts: dict[str, object] = json.loads(capsys.readouterr().out)
    return facts


def test_lookup_says_the_answer_why_and_which_smp(peppol: Peppol, capsys: pytest.CaptureFixture[str]) -> None:
    peppol.register("0192:987654325", "invoice")
    facts = {"answer": "registered", "reason": "localhost", "smp": "localhost", "document": "invoice"}
    assert said(capsys, "0192:987654325") == facts
    assert said(capsys, "0192:987654325", "--document", "creditnote") == {
        "answer": "not_registered",
        "reason": "localhost: document not offered (HTTP 404)",
        "smp": "localhost",
        "document": "creditnote",
    }
    peppol.fail("servfail")
    unknown = said(capsys, "0192:987654325")
    assert (unknown["answer"], unknown["smp"]) == ("unknown", None)
    assert not Lookup.objects.exists()
    assert len(peppol.asked) == 2  # asked each time


def test_lookup_in_words_and_of_the_file_register(capsys: pytest.CaptureFixture[str]) -> None:
    customer = make_customer(make_company())
    register_customer(customer)
    call_command("lookup", f"0192:{customer.org_number}")
    assert capsys.readouterr().out == f"0192:{customer.org_number} invoice: Registrert. receivers.csv\n"


@pytest.mark.parametrize("name", ["987654325", "0192:987654320", "x"])
def test_lookup_refuses_what_is_no_participant(name: str) -> None:
    with pytest.raises(CommandError) as refused:
        call_command("lookup", name)
    assert refused.value.returncode == 2


def test_lookup_at_a_provider_is_with_a_companys_keys(
    settings: LazySettings, capsys: pytest.CaptureFixture[str]
) -> None:
    company = company_with_keys()
    with running() as remote:
        use(remote, settings)
        settings.EINVOICE_REGISTER = "autoinvoice"
        remote.company(directory={"receivers": {"0192:987654325": ["invoice"]}})
        assert said(capsys, "0192:987654325", "--company", company.org_number)["answer"] == "registered"
        with pytest.raises(CommandError, match="--company") as refused:
            call_command("lookup", "0192:987654325")
    assert refused.value.returncode == 2
    assert not Lookup.objects.exists()


def test_lookup_says_unknown_of_what_nobody_foresaw(
    peppol: Peppol, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stumble(*_args: object, **_named: object) -> str:
        raise ZeroDivisionError

    monkeypatch.setattr("distribution.registers.peppol.sml.smp_of", stumble)
    facts = said(capsys, "0192:987654325")
    assert (facts["answer"], facts["reason"]) == ("unknown", "ZeroDivisionError")


# --- half a setting --------------------------------------------------------------------------------------------------
def test_peppol_without_a_ca_is_an_error_at_start(peppol: Peppol, settings: LazySettings) -> None:
    assert check_peppol() == []
    for folder in ("", "/nowhere", str(settings.DATA_DIR)):
        settings.SMP_TRUST_DIR = folder
        (error,) = check_peppol()
        assert error.id == "autoinvoice.E003"
        assert "SMP_TRUST_DIR" in str(error.hint)
    settings.EINVOICE_REGISTER = "file"
    assert check_peppol() == []


def test_a_name_server_must_be_an_address(peppol: Peppol, settings: LazySettings) -> None:
    settings.SML_NAMESERVERS = ["192.0.2.1", "[2001:db8::1]:53", "ns.example", "192.0.2.1:x"]
    assert [(error.id, error.msg) for error in check_peppol()] == [
        ("autoinvoice.E006", "SML_NAMESERVERS has «ns.example»."),
        ("autoinvoice.E006", "SML_NAMESERVERS has «192.0.2.1:x»."),
    ]


def test_consumers_are_not_in_peppol(settings: LazySettings) -> None:
    settings.EFAKTURA_REGISTER = "peppol"
    assert [error.id for error in check_choices()] == ["autoinvoice.E001"]
