"""Service metadata as an SMP signs it, and wrong in one way at a time."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import xmlsec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from lxml import etree

from distribution.registers.peppol.identifiers import AS4, DOCUMENTS, PROCESS, PROCESS_SCHEME, Identifier
from distribution.registers.peppol.signature import DS
from tests.certificates import DAY, Authority, Pair

XML_FAULTS = (
    # what it says
    "expired", "not_yet", "wrong_profile", "wrong_process", "no_endpoint", "no_address", "bad_date", "mixed_case",
    "someone_else", "other_document", "other_scheme", "two_informations", "old_and_new",
    # who signed, and how
    "stranger", "expired_signer", "early_signer", "revoked", "enciphering", "unsigned", "no_certificate", "sha1", "sha1_digest", "hmac",
    "xslt", "partial", "two_signatures", "tampered", "tampered_value", "wrapped", "wrapped_deep", "comment_inside", "instruction",
    "doctype", "bomb",
)  # fmt: skip
SAID = "http://busdox.org/serviceMetadata/publishing/1.0/"
RSA_SHA256, SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", "http://www.w3.org/2001/04/xmlenc#sha256"
C14N11 = "http://www.w3.org/2006/12/xml-c14n11"


@dataclass(frozen=True)
class Signers:
    authority: Authority
    genuine: Pair
    other: Pair
    stranger: Pair
    expired: Pair
    early: Pair
    revoked: Pair
    enciphering: Pair


def service_metadata(who: Identifier, what: Identifier, signers: Signers, pair: Pair, fault: str) -> bytes:
    pair = {
        "stranger": signers.stranger,
        "expired_signer": signers.expired,
        "early_signer": signers.early,
        "revoked": signers.revoked,
        "enciphering": signers.enciphering,
    }.get(fault, pair)
    plain = _document(_information(who, what, fault))
    if fault == "unsigned":
        return plain
    if fault == "instruction":
        plain = plain.replace(b"<smp:ProcessList>", b"<?x y?><smp:ProcessList>")
    return _spoil(sign(plain, pair, fault), who, fault)


def redirect(href: str, uid: str, pair: Pair) -> bytes:
    target = etree.Element("x", href=href)  # for the quoting
    quoted = etree.tostring(target).decode()[len("<x ") : -len("/>")]
    return sign(
        _document(f"<smp:Redirect {quoted}><smp:CertificateUID>{uid}</smp:CertificateUID></smp:Redirect>"), pair
    )


def sign(plain: bytes, pair: Pair, fault: str = "") -> bytes:
    root = etree.fromstring(plain)
    template = _template(fault)
    root.append(template)
    if fault == "partial":
        root[0].set("Id", "part")
        template.find(f".//{{{DS}}}Reference").set("URI", "#part")  # type: ignore[union-attr]
        xmlsec.tree.add_ids(root, ["Id"])
    context = xmlsec.SignatureContext()
    if fault == "hmac":
        public = pair.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        context.key = xmlsec.Key.from_binary_data(xmlsec.constants.KeyDataHmac, public)
    else:
        context.key = xmlsec.Key.from_memory(pair.key_pem, xmlsec.constants.KeyDataFormatPem)
    context.sign(template)
    if fault != "no_certificate":
        info = etree.SubElement(etree.SubElement(template, f"{{{DS}}}KeyInfo"), f"{{{DS}}}X509Data")
        text = pair.pem.decode().replace("-----BEGIN CERTIFICATE-----", "").replace("-----END CERTIFICATE-----", "")
        etree.SubElement(info, f"{{{DS}}}X509Certificate").text = text.strip()
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _document(inside: str) -> bytes:
    return (
        f'<smp:SignedServiceMetadata xmlns:smp="{SAID}" xmlns:ids="http://busdox.org/transport/identifiers/1.0/"'
        f' xmlns:wsa="http://www.w3.org/2005/08/addressing"><smp:ServiceMetadata>{inside}</smp:ServiceMetadata>'
        "</smp:SignedServiceMetadata>"
    ).encode()


def _information(who: Identifier, what: Identifier, fault: str) -> str:
    value = {"someone_else": "0192:974760673", "mixed_case": who.value.upper()}.get(fault, who.value)
    scheme = "iso6523-actorid-upis-x" if fault == "other_scheme" else who.scheme
    if fault == "other_document":
        what = next(one for one in DOCUMENTS.values() if one != what)
    process = "urn:peppol:bis:something_else" if fault == "wrong_process" else PROCESS.value
    said = (
        f'<smp:ServiceInformation><ids:ParticipantIdentifier scheme="{scheme}">{value}</ids:ParticipantIdentifier>'
        f'<ids:DocumentIdentifier scheme="{what.scheme}">{what.value}</ids:DocumentIdentifier><smp:ProcessList><smp:Process>'
        f'<ids:ProcessIdentifier scheme="{PROCESS_SCHEME}">{process}</ids:ProcessIdentifier><smp:ServiceEndpointList>'
        f"{_endpoints(fault)}</smp:ServiceEndpointList></smp:Process></smp:ProcessList></smp:ServiceInformation>"
    )
    return said * 2 if fault == "two_informations" else said


def _endpoints(fault: str) -> str:
    now = datetime.now(UTC)
    starts, ends = now - 100 * DAY, now + 100 * DAY
    if fault == "expired":
        starts, ends = now - 100 * DAY, now - 10 * DAY
    if fault == "not_yet":
        starts = now + 10 * DAY
    profile = "busdox-transport-as2-ver2p0" if fault == "wrong_profile" else AS4
    address = "" if fault == "no_address" else "https://ap.example/as4"
    if fault == "no_endpoint":
        return ""
    if fault == "old_and_new":  # a change of access point: the old one has run out, the new one counts
        return _endpoint(AS4, address, starts, now - DAY) + _endpoint(AS4, address, starts, ends)
    return _endpoint(profile, address, starts, ends, "soon" if fault == "bad_date" else "")


def _endpoint(profile: str, address: str, starts: datetime, ends: datetime, date: str = "") -> str:
    return (
        f'<smp:Endpoint transportProfile="{profile}"><wsa:EndpointReference><wsa:Address>{address}</wsa:Address>'
        "</wsa:EndpointReference><smp:RequireBusinessLevelSignature>false</smp:RequireBusinessLevelSignature>"
        f"<smp:ServiceActivationDate>{starts.isoformat()}</smp:ServiceActivationDate>"
        f"<smp:ServiceExpirationDate>{date or ends.isoformat()}</smp:ServiceExpirationDate>"
        "<smp:Certificate>MII=</smp:Certificate></smp:Endpoint>"
    )


def _template(fault: str) -> etree._Element:
    method, digest = RSA_SHA256, SHA256
    if fault == "sha1":
        method = f"{DS}rsa-sha1"
    if fault == "sha1_digest":
        digest = f"{DS}sha1"
    if fault == "hmac":
        method = "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256"
    more = ""
    if fault == "xslt":
        more = (
            '<Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116"><xsl:stylesheet version="1.0" '
            'xmlns:xsl="http://www.w3.org/1999/XSL/Transform"><xsl:template match="/"><a/></xsl:template></xsl:stylesheet>'
            "</Transform>"
        )
    return etree.fromstring(
        f'<Signature xmlns="{DS}"><SignedInfo><CanonicalizationMethod Algorithm="{C14N11}"/>'
        f'<SignatureMethod Algorithm="{method}"/><Reference URI=""><Transforms>'
        f'<Transform Algorithm="{DS}enveloped-signature"/>{more}</Transforms><DigestMethod Algorithm="{digest}"/>'
        "<DigestValue/></Reference></SignedInfo><SignatureValue/></Signature>"
    )


def _spoil(signed: bytes, who: Identifier, fault: str) -> bytes:
    spoiling = SPOILING.get(fault)
    return spoiling(signed, who) if spoiling else signed


def _tampered(signed: bytes, who: Identifier) -> bytes:
    return signed.replace(b"https://ap.example/as4", b"https://ap.evil.example/as4")


def _tampered_value(signed: bytes, who: Identifier) -> bytes:
    return re.sub(rb"<SignatureValue>(.)", lambda m: b"<SignatureValue>" + (b"B" if m[1] == b"A" else b"A"), signed)


def _two_signatures(signed: bytes, who: Identifier) -> bytes:
    found = re.search(rb"<Signature .*</Signature>", signed, re.DOTALL)
    assert found is not None
    return signed.replace(found[0], found[0] * 2)


def _wrapped(signed: bytes, who: Identifier) -> bytes:
    """What was truly signed, about somebody else, lies inside an answer about us, with its signature."""
    inner = signed[signed.index(b"<smp:SignedServiceMetadata") :]
    return _document(_information(who, next(iter(DOCUMENTS.values())), "") + inner.decode())


def _wrapped_deep(signed: bytes, who: Identifier) -> bytes:
    """The signature moved up to the root of the forged answer, where a careless reader looks for it."""
    found = re.search(rb"<Signature .*</Signature>", signed, re.DOTALL)
    assert found is not None
    inner = signed[signed.index(b"<smp:SignedServiceMetadata") :].replace(found[0], b"")
    forged = _document(_information(who, next(iter(DOCUMENTS.values())), "") + inner.decode())
    end = forged.rindex(b"</smp:SignedServiceMetadata>")
    return forged[:end] + found[0] + forged[end:]


def _comment_inside(signed: bytes, who: Identifier) -> bytes:
    """Canonical XML leaves comments out, so the signature stands: the identifier must still be read whole."""
    return signed.replace(f">{who.value}<".encode(), f">{who.value[:8]}<!-- -->{who.value[8:]}<".encode())


def _doctype(signed: bytes, who: Identifier) -> bytes:
    return signed.replace(b"<smp:SignedServiceMetadata", b"<!DOCTYPE x><smp:SignedServiceMetadata", 1)


def _bomb(signed: bytes, who: Identifier) -> bytes:
    entities = b"".join(b'<!ENTITY e%d "%s">' % (n, b"&e%d;" % (n - 1) * 10 if n else b"x") for n in range(10))
    bomb = signed.replace(
        b"<smp:SignedServiceMetadata", b"<!DOCTYPE x [" + entities + b"]><smp:SignedServiceMetadata", 1
    )
    return bomb.replace(b"https://ap.example/as4", b"&e9;")


SPOILING: dict[str, Callable[[bytes, Identifier], bytes]] = {
    "tampered": _tampered,
    "tampered_value": _tampered_value,
    "two_signatures": _two_signatures,
    "wrapped": _wrapped,
    "wrapped_deep": _wrapped_deep,
    "comment_inside": _comment_inside,
    "doctype": _doctype,
    "bomb": _bomb,
}
