"""The SMP: what it says, signed, of one participant and one kind of document. At most one redirect, to the SMP that it names."""

import time
from datetime import datetime
from urllib.parse import quote

from cryptography import x509

from distribution import http
from distribution.registers.peppol.identifiers import Identifier
from distribution.registers.peppol.metadata import Metadata, Redirect, read
from distribution.registers.peppol.outcomes import NotRegistered, Unclear
from distribution.registers.peppol.signature import Signed, verified
from distribution.registers.peppol.trust import Trust

MAX_BYTES = 1_000_000  # genuine ones have 8 to 13 kB
OK, NOT_FOUND = 200, 404


def metadata_of(
    base: str, participant: Identifier, document: Identifier, *, trust: Trust, now: datetime, ends: float
) -> Metadata:
    """`ends` on the monotonic clock. Raises NotRegistered and Unclear."""
    signed = verified(_fetch(url_of(base, participant, document), ends), trust, now)
    said = read(signed.root)
    if isinstance(said, Redirect):
        signed = verified(_fetch(said.href, ends), trust, now)
        _require_named(signed, said)
        said = read(signed.root)
    if isinstance(said, Redirect):
        raise Unclear("more than one redirect")
    said.require_about(participant, document)
    return said


def url_of(base: str, participant: Identifier, document: Identifier) -> str:
    """Both identifiers have «:» and «#» in them: everything is encoded."""
    return f"{base}/{quote(str(participant), safe='')}/services/{quote(str(document), safe='')}"


def _fetch(url: str, ends: float) -> bytes:
    try:
        answer = http.call("GET", url, seconds=ends - time.monotonic(), max_bytes=MAX_BYTES, stranger=True)
    except http.CallFailed as error:
        raise Unclear(str(error)) from error
    if answer.status == NOT_FOUND:
        raise NotRegistered("document not offered (HTTP 404)")
    if answer.status != OK:
        raise Unclear(f"HTTP {answer.status}")
    return answer.body


def _require_named(signed: Signed, redirect: Redirect) -> None:
    """The SMP that redirects names the certificate of the other; a subject may be written in any order, or by its CN alone."""
    subject = signed.signer.subject
    wanted = _parts(redirect.certificate_uid)
    names = [str(one.value) for one in subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)]
    if wanted != _parts(subject.rfc4514_string()) and redirect.certificate_uid not in names:
        raise Unclear("redirect to an SMP with another certificate")


def _parts(name: str) -> frozenset[str]:
    return frozenset(part.strip().lower() for part in name.split(","))
