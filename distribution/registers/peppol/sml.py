"""The SML: which SMP a participant is at, as a U-NAPTR record (SML 1.3.0). ELMA is one SMP among others, so it is always asked."""

import re
import time
from base64 import b32encode
from collections.abc import Iterable
from hashlib import sha256
from ipaddress import ip_address
from urllib.parse import urlsplit

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rdatatype
import dns.resolver
from django.conf import settings
from dns.nameserver import Do53Nameserver
from dns.rdtypes.IN.NAPTR import NAPTR

from distribution.registers.peppol.identifiers import Identifier
from distribution.registers.peppol.outcomes import NotRegistered, Unclear

SERVICE = "meta:smp"
EVERYTHING = (".*", "^.*$")  # the only patterns in use; a URI is never composed of what was asked


def smp_of(participant: Identifier, *, seconds: float) -> str:
    """The https address of the SMP, without a slash at its end. Never cached: the record may change within a minute.

    Raises NotRegistered and Unclear.
    """
    ends = time.monotonic() + seconds
    try:
        found = _resolver().resolve(name_of(participant), "NAPTR", search=False, lifetime=max(0.01, seconds))
    except dns.resolver.NXDOMAIN as error:
        raise _denial(error.kwargs["responses"].values(), ends) from error
    except dns.resolver.NoAnswer as error:
        raise _denial([error.kwargs["response"]], ends) from error
    except dns.resolver.LifetimeTimeout as error:
        raise Unclear("time-out") from error
    except dns.exception.DNSException as error:
        raise Unclear(_cause(error)) from error
    return _address([record for record in found if isinstance(record, NAPTR)])


def name_of(participant: Identifier) -> dns.name.Name:
    """Only the value is hashed, which is in lower case; the scheme is a label of its own."""
    digest = b32encode(sha256(participant.value.encode()).digest()).decode().rstrip("=").lower()
    return dns.name.from_text(f"{digest}.{participant.scheme}.{settings.SML_ZONE.strip('.')}.")


def _resolver() -> dns.resolver.Resolver:
    """The system's, or that of SML_NAMESERVERS. dnspython asks again over TCP where an answer did not fit."""
    if not settings.SML_NAMESERVERS:
        return dns.resolver.Resolver()
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers = [nameserver(one) for one in settings.SML_NAMESERVERS]
    return resolver


def nameserver(text: str) -> Do53Nameserver:
    """`192.0.2.1:53`, `[2001:db8::1]`. Raises ValueError: a name would have to be resolved first, by whom?"""
    parts = urlsplit(f"//{text.strip()}")
    return Do53Nameserver(str(ip_address(parts.hostname or "")), parts.port or 53)


def _denial(responses: Iterable[dns.message.Message], ends: float) -> Exception:
    """A zone denies a name with its own SOA (RFC 2308). That of the participants can say no. One above it may be the zone that
    they lie in, or may know of no such zone, since SML_ZONE has a slip in it or was retired: it is asked for the zone itself.
    No SOA is a filter on the way, or a referral that nobody followed."""
    zone = dns.name.from_text(settings.SML_ZONE.strip("."))
    deniers = [one.name for said in responses for one in said.authority if one.rdtype == dns.rdatatype.SOA]
    if not deniers:
        return Unclear("denied by no zone")
    if all(denier.is_subdomain(zone) for denier in deniers) or _exists(zone, ends):
        return NotRegistered("no such participant")
    return Unclear(f"no such zone: {zone} (denied by {', '.join(map(str, deniers))})"[:280])


def _exists(zone: dns.name.Name, ends: float) -> bool:
    """Raises Unclear where that can't be found out."""
    left = max(0.01, ends - time.monotonic())
    try:
        _resolver().resolve(zone, "SOA", search=False, lifetime=left, raise_on_no_answer=False)
    except dns.resolver.NXDOMAIN:
        return False
    except dns.exception.DNSException as error:
        raise Unclear(_cause(error)) from error
    return True


def _cause(error: dns.exception.DNSException) -> str:
    if isinstance(error, dns.resolver.NoNameservers):
        said = [str(one[-2]) for one in error.kwargs.get("errors", []) if one]
        return f"no answer ({', '.join(dict.fromkeys(said))})"[:120]
    return type(error).__name__


def _address(records: list[NAPTR]) -> str:
    for record in sorted(records, key=lambda one: (one.order, one.preference)):
        if record.flags.lower() == b"u" and record.service.decode("latin-1").lower() == SERVICE:
            return _checked(_uri(record.regexp.decode("latin-1")))
    raise Unclear("no U-NAPTR for Meta:SMP")


def _uri(regexp: str) -> str:
    """`!.*!https://smp.elma-smp.no/!`: whatever the first character is divides the parts."""
    parts = regexp.split(regexp[:1] or "!")
    if len(parts) != 4 or parts[0] or parts[1] not in EVERYTHING or parts[3] not in ("", "i"):
        raise Unclear("malformed NAPTR")
    return parts[2]


def _checked(uri: str) -> str:
    try:
        parts = urlsplit(uri)
        host = parts.hostname
    except ValueError as error:
        raise Unclear("malformed NAPTR") from error
    if parts.scheme.lower() != "https":
        raise Unclear("SMP without https")
    if not host or parts.username is not None or parts.query or parts.fragment or not re.fullmatch(r"[!-~]+", uri):
        raise Unclear("malformed NAPTR")
    return uri.rstrip("/")
