"""A Peppol of our own on real sockets: an authoritative name server for a private zone (UDP and TCP), and an SMP over https.

Strict where the real ones are: a question for anything but a NAPTR of the zone is REFUSED, a path that is not fully encoded is
400. Answers are signed as SMP 1.4.0 wants it (RSA-SHA256, canonical XML 1.1). `fail` makes them wrong in one way at a time.
"""

import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import quote, unquote, urlsplit

from django.conf import LazySettings

from distribution import http
from distribution.registers.peppol.identifiers import DOCUMENTS, Identifier
from tests.certificates import DAY, Authority, crl, tls_for
from tests.fake_sml import DNS_FAULTS, PRODUCTION, name_server
from tests.ports import free_port
from tests.service_metadata import XML_FAULTS, Signers, redirect, service_metadata
from tests.wire import Answering, Request, Server, answer, serving

HTTP_FAULTS = (
    "http_404", "http_500", "http_503", "http_429", "http_301", "http_410", "hang", "drip", "cut", "half", "huge",
    "empty", "broken_xml", "html",
)  # fmt: skip
REDIRECTS = (
    "redirect",
    "redirect_by_cn",
    "redirect_to_stranger",
    "redirect_twice",
    "redirect_inside",
    "redirect_plain",
)
FAULTS = (*DNS_FAULTS, *HTTP_FAULTS, *REDIRECTS, *XML_FAULTS)
HANG_SECONDS = 30.0
DOOR = http.call


@dataclass
class Peppol:
    """What it knows, what goes wrong, and what it was asked."""

    signers: Signers
    documents: dict[str, frozenset[str]] = field(default_factory=dict)  # by participant, of the production network
    test_network: set[str] = field(default_factory=set)
    faults: dict[str, str] = field(default_factory=dict)  # by participant; "" is everybody
    smp: Server | None = None
    asked_dns: list[str] = field(default_factory=list)
    signed: dict[tuple[Identifier, Identifier], bytes] = field(
        default_factory=dict
    )  # a faultless answer is signed once
    trouble: list[str] = field(default_factory=list)  # what a strict server would not have answered

    def register(self, value: str, *documents: str) -> None:
        self.documents[value.lower()] = frozenset(documents or DOCUMENTS)

    def fail(self, fault: str, of: str = "") -> None:
        if fault not in (*FAULTS, ""):
            raise ValueError(f"no such fault: {fault}")
        self.faults[of.lower()] = fault

    def fault(self, value: str) -> str:
        return self.faults.get(value, self.faults.get("", ""))

    @property
    def asked(self) -> list[str]:
        return [request.target for request in self.smp.requests] if self.smp else []

    @property
    def base(self) -> str:
        assert self.smp is not None
        return self.smp.url


@cache
def signers() -> Signers:
    """Keys take a while; one set does for a process."""
    genuine, theirs = Authority("SMP CA"), Authority("Another CA")
    now = datetime.now(UTC)
    return Signers(
        authority=genuine,
        genuine=genuine.issue("PNO000001"),
        other=genuine.issue("PNO000002"),
        stranger=theirs.issue("PNO000001"),
        expired=genuine.issue("PNO000001", starts=now - 3 * DAY, ends=now - 2 * DAY),
        early=genuine.issue("PNO000001", starts=now + DAY, ends=now + 2 * DAY),
        revoked=genuine.issue("PNO000001"),
        enciphering=genuine.issue("PNO000001", signs=False),
    )


@cache
def tls_authority() -> Authority:
    return Authority("TLS CA")


@contextmanager
def running(folder: Path, settings: LazySettings) -> Iterator[Peppol]:
    """Made the register of e-invoice, with its CA trusted. The CA of its TLS is in SSL_CERT_FILE while it runs."""
    peppol = Peppol(signers())
    trusted = folder / "trusted"
    trusted.mkdir()
    peppol.signers.authority.write(trusted / "smp-ca.pem")
    (trusted / "smp-ca.crl.pem").write_bytes(crl(peppol.signers.authority, peppol.signers.revoked))
    before = os.environ.get("SSL_CERT_FILE")
    os.environ["SSL_CERT_FILE"] = str(tls_authority().write(folder / "tls-ca.pem"))
    context = tls_for(tls_authority(), folder, "localhost", "::1")
    try:
        smp, door = serving(_smp(peppol), context), patch.object(http, "call", _reaching_the_smp)
        with name_server(peppol) as port, smp as server, door:
            peppol.smp = server
            settings.EINVOICE_REGISTER, settings.SMP_TRUST_DIR = "peppol", str(trusted)
            settings.SML_ZONE, settings.SML_NAMESERVERS = PRODUCTION, [f"127.0.0.1:{port}"]
            settings.OUTBOUND_PRIVATE_HOSTS = ["localhost"]
            yield peppol
    finally:
        os.environ.pop("SSL_CERT_FILE")
        if before is not None:
            os.environ["SSL_CERT_FILE"] = before


def _reaching_the_smp(method: str, url: str, *, stranger: bool = False, **how: Any) -> http.Answer:
    """A real one is outside, where strangers may send us; this one is on a host that is listed."""
    return DOOR(method, url, stranger=stranger and urlsplit(url).hostname != "localhost", **how)


# --- the SMP ---------------------------------------------------------------------------------------------------------
def _smp(peppol: Peppol) -> Answering:
    def answering(request: Request, line: socket.socket) -> bytes | None:
        asked = _asked(request)
        if asked is None:
            peppol.trouble.append(request.target)
            return answer(400)
        prefix, who, what = asked
        value = who.value.lower()
        fault = peppol.fault(value)
        if fault in HTTP_FAULTS:
            return _fail(fault, line)
        document = next((name for name, one in DOCUMENTS.items() if one == what), "")
        if document not in peppol.documents.get(value, ()):
            return answer(404, b"<html>not here</html>")
        return answer(200, _content(peppol, prefix, who, what, fault), Content_Type="text/xml")

    return answering


def _asked(request: Request) -> tuple[str, Identifier, Identifier] | None:
    """The other SMP lives under /other. Only what is encoded in full is understood."""
    parts = request.target.split("/")
    prefix = parts.pop(1) if parts[1:2] in (["other"], ["third"]) else ""
    if request.method != "GET" or len(parts) != 4 or parts[0] or parts[2] != "services":
        return None
    plain = [unquote(part) for part in (parts[1], parts[3])]
    if [quote(one, safe="") for one in plain] != [parts[1], parts[3]]:
        return None
    who, what = (Identifier(*one.split("::", 1)) for one in plain)
    return prefix, who, what


def _fail(fault: str, line: socket.socket) -> bytes | None:
    if fault == "hang":
        time.sleep(HANG_SECONDS)
        return None
    if fault == "drip":
        line.sendall(b"HTTP/1.1 200 X\r\nContent-Length: 5000\r\n\r\n")
        for _byte in range(5000):
            line.sendall(b"<")
            time.sleep(0.1)
        return None
    if fault == "half":
        line.sendall(answer(200, b"<a/>")[:-2])
        return None
    if fault == "huge":
        line.sendall(b"HTTP/1.1 200 X\r\nContent-Length: 1000000000\r\n\r\n")
        for _part in range(1000):
            line.sendall(b" " * 1_000_000)
        return None
    bodies = {"empty": b"", "broken_xml": b"<a><b></a>", "html": b"<html><body>gateway</body></html>"}
    if fault in bodies:
        return answer(200, bodies[fault])
    if fault == "cut":
        return None
    return answer(int(fault.removeprefix("http_")), Location="/elsewhere")


def _content(peppol: Peppol, prefix: str, who: Identifier, what: Identifier, fault: str) -> bytes:
    pair = peppol.signers.other if prefix else peppol.signers.genuine
    if fault in REDIRECTS and (not prefix or fault == "redirect_twice"):
        where = "third" if prefix else "other"
        host = {"redirect_inside": "https://169.254.169.254", "redirect_plain": f"http://127.0.0.1:{free_port()}"}
        href = f"{host.get(fault, f'{peppol.base}/{where}')}/{quote(str(who), safe='')}/services/{quote(str(what), safe='')}"
        subject = peppol.signers.other.certificate.subject.rfc4514_string()
        uid = {"redirect_by_cn": "PNO000002", "redirect_to_stranger": "CN=PNO000001"}.get(fault, subject)
        return redirect(href, uid, pair)
    if prefix or fault:
        return service_metadata(who, what, peppol.signers, pair, "" if fault in REDIRECTS else fault)
    if (who, what) not in peppol.signed:
        peppol.signed[who, what] = service_metadata(who, what, peppol.signers, pair, "")
    return peppol.signed[who, what]
