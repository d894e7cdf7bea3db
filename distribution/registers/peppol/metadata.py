"""What the signed answer says, and whether it means that the document can be received (SMP 1.4.0)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from lxml import etree

from distribution.registers.peppol.identifiers import AS4, PROCESS, Identifier
from distribution.registers.peppol.outcomes import NotRegistered, Unclear

SMP = "http://busdox.org/serviceMetadata/publishing/1.0/"
IDS = "http://busdox.org/transport/identifiers/1.0/"
WSA = "http://www.w3.org/2005/08/addressing"
NAMES = {"smp": SMP, "ids": IDS, "wsa": WSA}


@dataclass(frozen=True, slots=True)
class Redirect:
    """The participant is at another SMP, whose certificate has this subject."""

    href: str
    certificate_uid: str


@dataclass(frozen=True, slots=True)
class Endpoint:
    profile: str
    address: str
    activates: datetime | None
    expires: datetime | None


@dataclass(frozen=True, slots=True)
class Metadata:
    participant: Identifier
    document: Identifier
    endpoints: tuple[Endpoint, ...]  # of our process
    offers_process: bool

    def require_about(self, participant: Identifier, document: Identifier) -> None:
        """Raises Unclear. Participants are the same whatever the case (T12), document types are not."""
        if str(self.participant).lower() != str(participant).lower():
            raise Unclear("answer about another participant")
        if self.document != document:
            raise Unclear("answer about another document")

    def require_receiving(self, now: datetime) -> None:
        """Raises NotRegistered with the reason."""
        if not self.offers_process:
            raise NotRegistered("process not offered")
        ours = [endpoint for endpoint in self.endpoints if endpoint.profile == AS4]
        if not ours:
            raise NotRegistered(f"no endpoint with {AS4}")
        reasons = [_why_not(endpoint, now) for endpoint in ours]
        if all(reasons):
            raise NotRegistered(reasons[-1])


def read(root: etree._Element) -> Metadata | Redirect:
    """Of a root that was verified, and of nothing else. Raises Unclear."""
    if root.tag != f"{{{SMP}}}SignedServiceMetadata":
        raise Unclear("not service metadata")
    service = _only(root, "smp:ServiceMetadata")
    redirects = service.findall("smp:Redirect", NAMES)
    if redirects and len(service) == 1:
        return Redirect(redirects[0].get("href", ""), _text(redirects[0], "smp:CertificateUID"))
    information = _only(service, "smp:ServiceInformation")
    processes = [one for one in information.iterfind("smp:ProcessList/smp:Process", NAMES) if _is_ours(one)]
    return Metadata(
        _identifier(information, "ids:ParticipantIdentifier"),
        _identifier(information, "ids:DocumentIdentifier"),
        tuple(endpoint for process in processes for endpoint in _endpoints(process)),
        bool(processes),
    )


def _why_not(endpoint: Endpoint, now: datetime) -> str:
    if not endpoint.address:
        return "endpoint without an address"
    if endpoint.activates and now < endpoint.activates:
        return f"not active before {endpoint.activates:%Y-%m-%d}"
    if endpoint.expires and endpoint.expires <= now:
        return f"expired {endpoint.expires:%Y-%m-%d}"
    return ""


def _is_ours(process: etree._Element) -> bool:
    return _identifier(process, "ids:ProcessIdentifier") == PROCESS


def _endpoints(process: etree._Element) -> Iterator[Endpoint]:
    for one in process.iterfind("smp:ServiceEndpointList/smp:Endpoint", NAMES):
        yield Endpoint(
            one.get("transportProfile", ""),
            _text(one, "wsa:EndpointReference/wsa:Address"),
            _time(_text(one, "smp:ServiceActivationDate")),
            _time(_text(one, "smp:ServiceExpirationDate")),
        )


def _identifier(parent: etree._Element, path: str) -> Identifier:
    found = _only(parent, path)
    return Identifier(found.get("scheme", ""), (found.text or "").strip())


def _only(parent: etree._Element, path: str) -> etree._Element:
    found = parent.findall(path, NAMES)
    if len(found) != 1:
        raise Unclear(f"{path.partition(':')[2]}: not exactly one")
    return found[0]


def _text(parent: etree._Element, path: str) -> str:
    return (parent.findtext(path, "", NAMES) or "").strip()


def _time(text: str) -> datetime | None:
    """Without a zone it is UTC."""
    if not text:
        return None
    try:
        time = datetime.fromisoformat(text)
    except ValueError as error:
        raise Unclear("malformed date") from error
    return time if time.tzinfo else time.replace(tzinfo=UTC)
