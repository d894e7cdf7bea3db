"""The SML of the fake Peppol: an authoritative name server for two private zones, over UDP and TCP."""

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset

from distribution.registers.peppol.identifiers import participant
from distribution.registers.peppol.sml import name_of
from tests.ports import free_port

if TYPE_CHECKING:
    from tests.fake_peppol import Peppol

PRODUCTION, TEST_NETWORK = "participant.sml.prod.example.", "participant.sml.test.example."
DNS_FAULTS = (
    "nxdomain", "no_answer", "no_zone", "middle_zone", "no_soa", "no_answer_middle", "referral",
    "parent_zone",
    "servfail", "dns_refused", "dns_hang", "dns_nonsense", "truncated",
    "http_uri", "metadata_service", "loopback6", "refused", "not_terminal", "other_service", "composed", "no_uri",
)  # fmt: skip
# How it denies a name, and the zone in whose name: "" is that of the participants, None is none.
DENIALS = {
    "nxdomain": (dns.rcode.NXDOMAIN, ""),
    "no_answer": (dns.rcode.NOERROR, ""),
    "no_zone": (dns.rcode.NXDOMAIN, "example."),
    "middle_zone": (dns.rcode.NXDOMAIN, "sml.prod.example."),
    "no_answer_middle": (dns.rcode.NOERROR, "sml.prod.example."),
    "parent_zone": (dns.rcode.NXDOMAIN, "sml.prod.example."),  # where the participants lie in it
    "no_soa": (dns.rcode.NXDOMAIN, None),
    "referral": (dns.rcode.NOERROR, None),
}


@contextmanager
def name_server(peppol: "Peppol") -> Iterator[int]:
    tcp, udp = _on_one_port()
    with tcp, udp:
        port: int = tcp.getsockname()[1]
        for serve, line in ((_serve_udp, udp), (_serve_tcp, tcp)):
            threading.Thread(target=serve, args=(peppol, line), daemon=True).start()
        try:
            yield port
        finally:
            with suppress(OSError):
                tcp.shutdown(socket.SHUT_RDWR)
            udp.sendto(b"", ("127.0.0.1", port))  # wakes it up; shutdown does not


def _on_one_port() -> tuple[socket.socket, socket.socket]:
    """TCP and UDP: a port that is free for the one may be taken for the other."""
    while True:
        tcp, udp = socket.create_server(("127.0.0.1", 0)), socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            udp.bind(tcp.getsockname())
        except OSError:
            tcp.close()
            udp.close()
        else:
            return tcp, udp


def _serve_udp(peppol: "Peppol", udp: socket.socket) -> None:
    with suppress(OSError):
        while True:
            wire, address = udp.recvfrom(4096)
            if not wire:
                return
            said = _resolve(peppol, wire, over_tcp=False)
            if said is not None:
                udp.sendto(said, address)


def _serve_tcp(peppol: "Peppol", tcp: socket.socket) -> None:
    with suppress(OSError):
        while True:
            line, _address = tcp.accept()
            with line:
                (size,) = struct.unpack("!H", line.recv(2))
                said = _resolve(peppol, line.recv(size), over_tcp=True)
                if said is not None:
                    line.sendall(struct.pack("!H", len(said)) + said)


def _resolve(peppol: "Peppol", wire: bytes, *, over_tcp: bool) -> bytes | None:
    question = dns.message.from_wire(wire)
    response = dns.message.make_response(question)
    (asked,) = question.question
    if asked.rdtype == dns.rdatatype.SOA:
        response.set_rcode(dns.rcode.NOERROR if "parent_zone" in peppol.faults.values() else dns.rcode.NXDOMAIN)
        return response.to_wire()
    zone = next((zone for zone in (PRODUCTION, TEST_NETWORK) if asked.name.is_subdomain(dns.name.from_text(zone))), "")
    if not zone or asked.rdtype != dns.rdatatype.NAPTR:
        peppol.trouble.append(f"{asked.name} {dns.rdatatype.to_text(asked.rdtype)}")
        response.set_rcode(dns.rcode.REFUSED)
        return response.to_wire()
    peppol.asked_dns.append(str(asked.name))
    value = _participant_at(peppol, asked.name, zone)
    fault = peppol.fault(value)
    response.flags |= dns.flags.AA
    if fault == "dns_hang":
        return None
    if fault == "dns_nonsense":
        return wire[:2] + b"\xff" * 7
    if fault in ("servfail", "dns_refused"):
        response.set_rcode(dns.rcode.SERVFAIL if fault == "servfail" else dns.rcode.REFUSED)
        return response.to_wire()
    if fault == "truncated" and not over_tcp:
        response.flags |= dns.flags.TC
        return response.to_wire()
    if not value or fault in DENIALS:
        return _denied(response, fault, zone)
    response.answer.append(dns.rrset.from_text(asked.name, 60, "IN", "NAPTR", _naptr(peppol, fault)))
    return response.to_wire()


def _denied(response: dns.message.Message, fault: str, zone: str) -> bytes:
    """As a zone does it, with its own SOA (RFC 2308); or as something else does, that has no say here."""
    rcode, denier = DENIALS.get(fault, DENIALS["nxdomain"])
    response.set_rcode(rcode)
    soa = "ns.example. post.example. 1 60 60 60 60"
    if fault == "referral":
        response.flags &= ~dns.flags.AA
        response.authority.append(dns.rrset.from_text(zone, 60, "IN", "NS", "ns.example."))
    elif denier is not None:
        response.authority.append(dns.rrset.from_text(denier or zone, 60, "IN", "SOA", soa))
    return response.to_wire()


def _participant_at(peppol: "Peppol", name: dns.name.Name, zone: str) -> str:
    """By the hash, as a real one: whoever asks with another case or another hash finds nobody."""
    known = peppol.documents if zone == PRODUCTION else peppol.test_network
    label = name.labels[0]
    return next((value for value in known if name_of(participant(value)).labels[0] == label), "")


def _naptr(peppol: "Peppol", fault: str) -> str:
    port = peppol.smp.port if peppol.smp else 0
    uri = {
        "http_uri": f"http://localhost:{port}/",
        "metadata_service": "https://169.254.169.254/",
        "loopback6": f"https://[::1]:{port}/",
        "refused": f"https://localhost:{free_port()}/",
        "no_uri": "",
    }.get(fault, f"https://localhost:{port}/")
    flag = "" if fault == "not_terminal" else "U"
    service = "Meta:CPPA" if fault == "other_service" else "Meta:SMP"
    regexp = f"!^(.*)$!{uri}\\\\1!" if fault == "composed" else f"!.*!{uri}!"
    return f'100 10 "{flag}" "{service}" "{regexp}" .'
