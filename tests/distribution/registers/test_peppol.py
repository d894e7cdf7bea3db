"""The outcome table, over real sockets: each thing that can go wrong on the way of a lookup, and what it means."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.conf import LazySettings

from distribution import http
from distribution.documents.invoice import DocumentType
from distribution.network import is_public
from distribution.registers.base import Query, RegisterName, Reply
from distribution.registers.peppol import register as timing
from distribution.registers.peppol.register import PeppolRegister
from distribution.states import Answer
from tests import fake_peppol
from tests.fake_peppol import FAULTS, HANG_SECONDS, Peppol
from tests.fake_sml import TEST_NETWORK

ENDLESS = ("dns_hang", "hang", "drip")
WHO = "0192:987654325"
REGISTERED = ("truncated", "mixed_case", "old_and_new", "redirect", "redirect_by_cn", "comment_inside")
NOT_REGISTERED = {
    "nxdomain": "SML: no such participant",
    "no_answer": "SML: no such participant",
    "parent_zone": "SML: no such participant",
    "http_404": "localhost: document not offered (HTTP 404)",
    "expired": "localhost: expired",
    "not_yet": "localhost: not active before",
    "wrong_profile": "localhost: no endpoint with peppol-transport-as4-v2_0",
    "no_endpoint": "localhost: no endpoint with peppol-transport-as4-v2_0",
    "wrong_process": "localhost: process not offered",
    "no_address": "localhost: endpoint without an address",
}
UNKNOWN = {
    "no_zone": "SML: no such zone: participant.sml.prod.example. (denied by example.)",
    "middle_zone": "SML: no such zone: participant.sml.prod.example. (denied by sml.prod.example.)",
    "no_answer_middle": "SML: no such zone: participant.sml.prod.example. (denied by sml.prod.example.)",
    "no_soa": "SML: denied by no zone",
    "referral": "SML: denied by no zone",
    "servfail": "SML: no answer",
    "dns_refused": "SML: no answer",
    "dns_hang": "SML: time-out",
    "dns_nonsense": "SML: ",
    "http_uri": "SML: SMP without https",
    "metadata_service": "169.254.169.254: address on a private network",
    "loopback6": "::1: address on a private network",
    "refused": "localhost: ",
    "not_terminal": "SML: no U-NAPTR for Meta:SMP",
    "other_service": "SML: no U-NAPTR for Meta:SMP",
    "composed": "SML: malformed NAPTR",
    "no_uri": "SML: SMP without https",
    "http_500": "localhost: HTTP 500",
    "http_503": "localhost: HTTP 503",
    "http_429": "localhost: HTTP 429",
    "http_301": "localhost: HTTP 301",
    "http_410": "localhost: HTTP 410",
    "hang": "localhost: ",
    "drip": "localhost: ",
    "cut": "localhost: ",
    "half": "localhost: ",
    "huge": "localhost: answer of more than",
    "empty": "localhost: broken XML",
    "broken_xml": "localhost: broken XML",
    "html": "localhost: signature: not exactly one",
    "redirect_to_stranger": "localhost: redirect to an SMP with another certificate",
    "redirect_twice": "localhost: more than one redirect",
    "redirect_inside": "localhost: 169.254.169.254: address on a private network",
    "redirect_plain": "localhost: 127.0.0.1: not https",
    "bad_date": "localhost: malformed date",
    "someone_else": "localhost: answer about another participant",
    "other_document": "localhost: answer about another document",
    "other_scheme": "localhost: answer about another participant",
    "two_informations": "localhost: ServiceInformation: not exactly one",
    "stranger": "localhost: signature: signer is not trusted",
    "expired_signer": "localhost: signature: signer's certificate is not valid now",
    "early_signer": "localhost: signature: signer's certificate is not valid now",
    "revoked": "localhost: signature: signer is revoked",
    "enciphering": "localhost: signature: certificate is not for signing",
    "unsigned": "localhost: signature: not exactly one",
    "no_certificate": "localhost: signature: malformed",
    "sha1": "localhost: signature: algorithm is not allowed",
    "sha1_digest": "localhost: signature: algorithm is not allowed",
    "hmac": "localhost: signature: algorithm is not allowed",
    "xslt": "localhost: signature: algorithm is not allowed",
    "partial": "localhost: signature: not of the whole answer",
    "two_signatures": "localhost: signature: not exactly one",
    "tampered": "localhost: signature: does not match",
    "tampered_value": "localhost: signature: does not match",
    "wrapped": "localhost: signature: not exactly one",
    "wrapped_deep": "localhost: signature: does not match",
    "instruction": "localhost: XML with instructions",
    "doctype": "localhost: XML with a DOCTYPE",
    "bomb": "localhost: broken XML",
}


@contextmanager
def failing(peppol: Peppol, fault: str) -> Iterator[None]:
    """For a while. What hangs costs a test half a second; all else has the time that it has in earnest."""
    peppol.fail(fault)
    with pytest.MonkeyPatch.context() as patch:
        if fault in ENDLESS:
            patch.setattr(timing, "SECONDS", 0.5)
            patch.setattr(timing, "SML_SECONDS", 0.4)
        yield
    peppol.fail("")


def ask(identifier: str = WHO, document: str = DocumentType.INVOICE) -> Reply:
    return PeppolRegister().ask(Query(RegisterName.EINVOICE, identifier, document))


def test_every_fault_of_the_fake_has_its_place_in_the_table() -> None:
    assert sorted([*REGISTERED, *NOT_REGISTERED, *UNKNOWN]) == sorted(FAULTS)


def test_who_is_in_elma_is_registered_and_the_reply_names_his_smp(peppol: Peppol) -> None:
    peppol.register(WHO)
    reply = ask()
    assert (reply.answer, reply.reason, reply.smp) == (Answer.REGISTERED, "localhost", "localhost")
    assert len(peppol.asked_dns) == len(peppol.asked) == 1


def test_who_is_nowhere_is_not_registered(peppol: Peppol) -> None:
    reply = ask()
    assert (reply.answer, reply.reason, reply.smp) == (Answer.NOT_REGISTERED, "SML: no such participant", "")
    assert peppol.asked == []


@pytest.mark.parametrize("fault", REGISTERED)
def test_an_answer_that_is_only_unusual_counts(peppol: Peppol, fault: str) -> None:
    peppol.register(WHO)
    peppol.fail(fault)
    assert ask().answer == Answer.REGISTERED


@pytest.mark.parametrize(("fault", "reason"), NOT_REGISTERED.items())
def test_a_sure_no_says_why(peppol: Peppol, fault: str, reason: str) -> None:
    peppol.register(WHO)
    peppol.fail(fault)
    reply = ask()
    assert reply.answer == Answer.NOT_REGISTERED
    assert reply.reason.startswith(reason)


@pytest.mark.parametrize(("fault", "reason"), UNKNOWN.items())
def test_F23_outage_and_nonsense_are_unknown(peppol: Peppol, fault: str, reason: str) -> None:
    peppol.register(WHO)
    started = time.monotonic()
    with failing(peppol, fault):
        reply = ask()
    assert reply.answer == Answer.UNKNOWN
    assert reply.reason.startswith(reason)
    assert time.monotonic() - started < HANG_SECONDS / 2


def test_F24_T10_no_credit_notes_there(peppol: Peppol) -> None:
    peppol.register(WHO, "invoice")
    assert ask().answer == Answer.REGISTERED
    reply = ask(document=DocumentType.CREDIT_NOTE)
    assert (reply.answer, reply.reason) == (Answer.NOT_REGISTERED, "localhost: document not offered (HTTP 404)")


def test_F25_T13_in_the_test_network_only_is_not_registered(peppol: Peppol, settings: LazySettings) -> None:
    peppol.test_network.add(WHO)
    assert ask().answer == Answer.NOT_REGISTERED
    settings.SML_ZONE = TEST_NETWORK.rstrip(".")
    peppol.register(WHO)
    assert ask().answer == Answer.REGISTERED


def test_F27_T12_the_case_of_a_participant_makes_no_difference(peppol: Peppol) -> None:
    peppol.register("9930:de123456789")
    assert ask("9930:DE123456789").answer == ask("9930:de123456789").answer == Answer.REGISTERED
    peppol.fail("mixed_case")  # the SMP writes it as it likes
    assert ask("9930:de123456789").answer == Answer.REGISTERED
    assert len(set(peppol.asked)) == 1


def test_everything_in_the_path_is_encoded(peppol: Peppol) -> None:
    peppol.register(WHO)
    ask()
    assert peppol.asked[0].startswith(
        "/iso6523-actorid-upis%3A%3A0192%3A987654325/services/busdox-docid-qns%3A%3Aurn%3A"
    )
    assert "%23%23urn%3Acen.eu%3Aen16931%3A2017%23compliant%23" in peppol.asked[0]


def test_an_smp_that_is_not_trusted_by_tls_is_not_asked(
    peppol: Peppol, monkeypatch: pytest.MonkeyPatch, settings: LazySettings
) -> None:
    """Without SSL_CERT_FILE the CAs are the world's."""
    monkeypatch.delenv("SSL_CERT_FILE")
    peppol.register(WHO)
    reply = ask()
    assert (reply.answer, peppol.asked) == (Answer.UNKNOWN, [])
    assert "CERTIFICATE_VERIFY_FAILED" in reply.reason
    monkeypatch.setenv("SSL_CERT_FILE", "")


def test_without_a_ca_to_believe_nothing_is_known(peppol: Peppol, settings: LazySettings) -> None:
    peppol.register(WHO)
    settings.SMP_TRUST_DIR = ""
    reply = ask()
    assert (reply.answer, reply.reason) == (Answer.UNKNOWN, "localhost: SMP_TRUST_DIR: no CA")


def test_the_smp_inside_our_network_that_nobody_listed_is_not_asked(peppol: Peppol, settings: LazySettings) -> None:
    peppol.register(WHO)
    settings.OUTBOUND_PRIVATE_HOSTS = []
    assert ask().answer == Answer.UNKNOWN
    assert peppol.asked == []
    assert not is_public("127.0.0.1")


def test_the_smp_inside_our_network_that_is_listed_for_our_own_calls_is_not_asked(
    peppol: Peppol, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A NAPTR record is a stranger's word: the real door, without the test's way round it."""
    monkeypatch.setattr(http, "call", fake_peppol.DOOR)
    peppol.register(WHO)
    reply = ask()
    assert (reply.answer, reply.reason) == (Answer.UNKNOWN, "localhost: address on a private network")
    assert peppol.asked == []


def test_a_name_server_that_is_gone_is_an_outage(peppol: Peppol, settings: LazySettings) -> None:
    settings.SML_NAMESERVERS = ["127.0.0.1:1"]
    assert ask().answer == Answer.UNKNOWN


def test_after_an_outage_it_is_as_before(peppol: Peppol) -> None:
    peppol.register(WHO)
    for fault in ("cut", "servfail", "hang"):
        with failing(peppol, fault):
            assert ask().answer == Answer.UNKNOWN
        assert ask().answer == Answer.REGISTERED
