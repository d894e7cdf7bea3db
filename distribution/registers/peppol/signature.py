"""The signature of an SMP: one enveloped XMLDSig over the whole answer, RSA-SHA256, by a certificate that `trust` believes.

Guards against wrapping: the only signature of the document is a child of its root and refers to the whole (`URI=""`), so that
whatever is read below the root was signed. The list of what is allowed is closed: no HMAC with a public key as secret, no
XSLT, no XPath, no second reference. xmlsec verifies; lxml's own canonical form is wrong for what ELMA sends.
"""

from base64 import b64decode
from binascii import Error as NotBase64
from dataclasses import dataclass
from datetime import datetime

import xmlsec
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from distribution.registers.peppol.outcomes import Unclear
from distribution.registers.peppol.trust import Trust

DS = "http://www.w3.org/2000/09/xmldsig#"
ENVELOPED = f"{DS}enveloped-signature"
SIGNATURES = frozenset({"http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"})
DIGESTS = frozenset({"http://www.w3.org/2001/04/xmlenc#sha256"})
CANONICAL = frozenset(
    {
        "http://www.w3.org/2006/12/xml-c14n11",
        "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
        "http://www.w3.org/2001/10/xml-exc-c14n#",
    }
)


@dataclass(frozen=True, slots=True)
class Signed:
    root: etree._Element
    signer: x509.Certificate


def verified(content: bytes, trust: Trust, now: datetime) -> Signed:
    """Raises Unclear: what can't be believed was not said."""
    root = _parse(content)
    signature = _only_signature(root)
    _require_allowed(signature)
    signer = _signer(signature)
    trust.believe(signer, now)
    try:
        context = xmlsec.SignatureContext()
        context.key = xmlsec.Key.from_memory(signer.public_bytes(Encoding.DER), xmlsec.constants.KeyDataFormatCertDer)
        context.verify(signature)
    except xmlsec.Error as error:
        raise Unclear("signature: does not match") from error
    return Signed(root, signer)


def _parse(content: bytes) -> etree._Element:
    """Comments are dropped before anything is read: canonical XML leaves them out, so they may stand anywhere, also in the
    middle of an identifier. Processing instructions are signed, and have no business here."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Unclear("broken XML") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise Unclear("XML with a DOCTYPE")
    if next(root.iter(etree.PI), None) is not None:
        raise Unclear("XML with instructions")
    return root


def _only_signature(root: etree._Element) -> etree._Element:
    found = list(root.iter(f"{{{DS}}}Signature"))
    if len(found) != 1 or found[0].getparent() is not root:
        raise Unclear("signature: not exactly one")
    return found[0]


def _require_allowed(signature: etree._Element) -> None:
    info, *_value_and_key = _children(signature, "SignedInfo", "SignatureValue", "KeyInfo")
    canonical, method, reference = _children(info, "CanonicalizationMethod", "SignatureMethod", "Reference")
    transforms, digest, _value = _children(reference, "Transforms", "DigestMethod", "DigestValue")
    first, *others = [one.get("Algorithm") for one in transforms] or [None]
    allowed = (
        canonical.get("Algorithm") in CANONICAL
        and method.get("Algorithm") in SIGNATURES
        and len(method) == 0
        and digest.get("Algorithm") in DIGESTS
        and first == ENVELOPED
        and len(others) <= 1
        and CANONICAL.issuperset(others)
    )
    if not allowed:
        raise Unclear("signature: algorithm is not allowed")
    if reference.get("URI") != "":
        raise Unclear("signature: not of the whole answer")


def _children(element: etree._Element, *names: str) -> list[etree._Element]:
    """Exactly these, in this order."""
    children = list(element)
    if [child.tag for child in children] != [f"{{{DS}}}{name}" for name in names]:
        raise Unclear("signature: malformed")
    return children


def _signer(signature: etree._Element) -> x509.Certificate:
    """The first certificate is the signer's; others would be its CAs, which we know or do not believe."""
    text = signature.findtext(f"{{{DS}}}KeyInfo/{{{DS}}}X509Data/{{{DS}}}X509Certificate") or ""
    try:
        return x509.load_der_x509_certificate(b64decode("".join(text.split()), validate=True))
    except (ValueError, NotBase64) as error:
        raise Unclear("signature: no certificate") from error
