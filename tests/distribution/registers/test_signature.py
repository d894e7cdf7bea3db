"""Whose answer it is: four genuine answers of real SMPs, and what is done to them; the CAs that are believed."""

import random
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from django.conf import LazySettings

from autoinvoice_site.environment import BASE_DIR
from distribution.registers.peppol import metadata, signature
from distribution.registers.peppol.identifiers import AS4, DOCUMENTS, participant
from distribution.registers.peppol.metadata import Endpoint, Metadata
from distribution.registers.peppol.outcomes import NotRegistered, Unclear
from distribution.registers.peppol.signature import verified
from distribution.registers.peppol.trust import Trust, trust
from tests.certificates import Authority, crl
from tests.fake_peppol import signers
from tests.service_metadata import service_metadata

GENUINE = BASE_DIR.parent / "shared" / "data" / "peppol" / "smp-answers"
SHA1 = "http://www.w3.org/2000/09/xmldsig#rsa-sha1", "http://www.w3.org/2000/09/xmldsig#sha1"
NOW = datetime.now(UTC)
WHO, WHAT = participant("0192:987654325"), DOCUMENTS["invoice"]
# Of each, the participant.
ANSWERS = {
    "busdox-servicemetadata-0192-991825827.xml": "0192:991825827",
    "busdox-servicemetadata-9933-061828591.xml": "9933:061828591",
    "peppol-doctype-wildcard-servicemetadata-9901-pint_c4_jp_sb.xml": "9901:pint_c4_jp_sb",
    "phax3.xml": "0106:55872255",
}
genuine = pytest.mark.skipif(not GENUINE.is_dir(), reason="the genuine answers do not lie beside this checkout")


@dataclass(frozen=True)
class Everybody(Trust):
    """Their CAs are gone: what is tried is the signature alone."""

    def believe(self, signer: x509.Certificate, now: datetime) -> None:
        return


@pytest.fixture
def sha1_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """All four are of the years when SMPs signed with SHA-1."""
    monkeypatch.setattr(signature, "SIGNATURES", signature.SIGNATURES | {SHA1[0]})
    monkeypatch.setattr(signature, "DIGESTS", signature.DIGESTS | {SHA1[1]})


@genuine
@pytest.mark.parametrize("name", ANSWERS)
def test_a_genuine_answer_fails_for_what_is_true_of_it_its_age(name: str) -> None:
    with pytest.raises(Unclear, match="algorithm is not allowed"):
        verified((GENUINE / name).read_bytes(), Everybody(), NOW)


@genuine
@pytest.mark.usefixtures("sha1_too")
@pytest.mark.parametrize(("name", "who"), ANSWERS.items())
def test_a_genuine_answer_verifies_and_is_read(name: str, who: str) -> None:
    said = metadata.read(verified((GENUINE / name).read_bytes(), Everybody(), NOW).root)
    assert isinstance(said, Metadata)
    assert said.participant == participant(who)


@genuine
@pytest.mark.usefixtures("sha1_too")
@pytest.mark.parametrize("name", ANSWERS)
def test_a_genuine_answer_is_not_believed_without_its_ca(name: str) -> None:
    with pytest.raises(Unclear, match="signer is not trusted"):
        verified((GENUINE / name).read_bytes(), Trust((signers().authority.pair.certificate,)), NOW)


@genuine
@pytest.mark.usefixtures("sha1_too")
def test_what_elma_said_of_its_as4_endpoint_has_run_out() -> None:
    content = (GENUINE / "busdox-servicemetadata-0192-991825827.xml").read_bytes()
    said = metadata.read(verified(content, Everybody(), NOW).root)
    assert isinstance(said, Metadata)
    said.require_receiving(datetime(2022, 1, 1, tzinfo=UTC))
    with pytest.raises(NotRegistered, match="expired 2022-07-21"):
        said.require_receiving(NOW)


@genuine
@pytest.mark.usefixtures("sha1_too")
@pytest.mark.parametrize("name", ANSWERS)
def test_one_changed_byte_is_caught(name: str) -> None:
    """Any letter or digit that is signed, or is the signature itself. (A changed certificate has another key, or none.)"""
    content = (GENUINE / name).read_bytes()
    end = content.index(b"</SignatureValue>")
    places = [place for place in range(content.index(b"ServiceMetadata>"), end) if chr(content[place]).isalnum()]
    for place in random.Random(1).sample(places, 150):
        other = b"A" if content[place : place + 1] != b"A" else b"B"
        changed = content[:place] + other + content[place + 1 :]
        with pytest.raises(Unclear):
            verified(changed, Everybody(), NOW)


# --- whom we believe -------------------------------------------------------------------------------------------------
@pytest.fixture
def folder(tmp_path: Path, settings: LazySettings) -> Path:
    settings.SMP_TRUST_DIR = str(tmp_path)
    return tmp_path


def answer_signed() -> bytes:
    return service_metadata(WHO, WHAT, signers(), signers().genuine, "")


def test_a_ca_in_the_folder_is_believed_from_then_on(folder: Path) -> None:
    with pytest.raises(Unclear, match="no CA"):
        trust()
    Authority("Another").write(folder / "another.pem")
    with pytest.raises(Unclear, match="not trusted"):
        verified(answer_signed(), trust(), NOW)
    signers().authority.write(folder / "ca.pem")
    assert verified(answer_signed(), trust(), NOW).signer == signers().genuine.certificate


def test_a_revocation_list_beside_it_counts_when_its_own_ca_signed_it(folder: Path) -> None:
    signers().authority.write(folder / "ca.pem")
    (folder / "list.pem").write_bytes(crl(Authority("SMP CA"), signers().genuine))  # of the same name
    verified(answer_signed(), trust(), NOW)
    (folder / "list.pem").write_bytes(crl(signers().authority, signers().genuine))
    with pytest.raises(Unclear, match="revoked"):
        verified(answer_signed(), trust(), NOW)


def test_a_leaf_in_the_folder_is_no_ca(folder: Path) -> None:
    (folder / "leaf.pem").write_bytes(signers().genuine.pem)
    with pytest.raises(Unclear, match="no CA"):
        trust()


def test_what_lies_there_and_is_no_certificate_is_passed_by_or_told(folder: Path) -> None:
    signers().authority.write(folder / "ca.pem")
    (folder / "README").write_text("where they come from")
    assert len(trust().authorities) == 1
    (folder / "broken.pem").write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    with pytest.raises(Unclear, match="SMP_TRUST_DIR: ValueError"):
        trust()


def test_a_folder_that_is_not_there_is_an_outage(settings: LazySettings) -> None:
    settings.SMP_TRUST_DIR = "/nowhere/at/all"
    with pytest.raises(Unclear, match="SMP_TRUST_DIR: FileNotFoundError"):
        trust()


def test_a_ca_that_has_run_out_is_believed_no_longer() -> None:
    authority = signers().authority.pair.certificate
    with pytest.raises(Unclear, match="CA's certificate is not valid now"):
        verified(answer_signed(), Trust((authority,)), NOW + timedelta(days=31))


# --- what it means ---------------------------------------------------------------------------------------------------
ENDPOINT = Endpoint(AS4, "https://ap.example", NOW - timedelta(days=1), NOW + timedelta(days=1))


@pytest.mark.parametrize(
    ("endpoint", "why"),
    [
        (replace(ENDPOINT, activates=NOW), ""),  # from that moment on
        (replace(ENDPOINT, activates=NOW + timedelta(microseconds=1)), "not active before"),
        (replace(ENDPOINT, expires=NOW), "expired"),  # until just before it
        (replace(ENDPOINT, expires=NOW + timedelta(microseconds=1)), ""),
        (replace(ENDPOINT, activates=None, expires=None), ""),
        (replace(ENDPOINT, address=""), "without an address"),
        (replace(ENDPOINT, profile="peppol-transport-as4-v1_0"), "no endpoint"),
    ],
)
def test_when_an_endpoint_receives(endpoint: Endpoint, why: str) -> None:
    said = Metadata(WHO, WHAT, (endpoint,), offers_process=True)
    if not why:
        return said.require_receiving(NOW)
    with pytest.raises(NotRegistered, match=why):
        said.require_receiving(NOW)
    replace(said, endpoints=(endpoint, ENDPOINT)).require_receiving(NOW)  # one that receives is enough
