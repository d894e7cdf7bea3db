"""XML from strangers, and XML of our own. Bytes in, bytes out: the declaration of the document decides its encoding."""

import re
from collections.abc import Callable
from xml.parsers import expat

from django.utils.translation import gettext_lazy as _
from lxml import etree

from distribution.documents.errors import InWords

MAX_BYTES = 25 * 1024 * 1024
CAC = "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
CBC = "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"
PREFIXES = {"cac": CAC, "cbc": CBC}
RESOURCE_LIMIT = 114  # XML_ERR_RESOURCE_LIMIT of libxml2: a text above 10 MB, or elements nested too deep
FORBIDDEN = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0 can't write it


class Unreadable(InWords):
    """These bytes are not an invoice that can be sent. `str()` tells an accountant why."""


def parse(content: bytes) -> etree._Element:
    """The root element. Raises Unreadable. Nothing is fetched, no entity is expanded, any DOCTYPE is refused."""
    if not content.strip():
        raise Unreadable(_("Filen er tom."))
    if len(content) > MAX_BYTES:
        raise Unreadable(_("Filen er for stor. Grensen er %(limit)s MB."), limit=MAX_BYTES // 1024 // 1024)
    try:
        root = etree.fromstring(content, _hardened_parser(huge=_surely_without_doctype(content)))
    except etree.XMLSyntaxError as error:
        raise _broken(content, error) from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise _doctype()
    return root


class _RootReached(Exception):
    """The prolog is over."""


def _surely_without_doctype(content: bytes) -> bool:
    """Looks at the prolog alone: it must be known before the document is read whether its entities could be a bomb.

    False where expat can't tell (an encoding it doesn't know): then libxml2's limits stand, and an attachment may be 7 MB.
    """
    prolog = expat.ParserCreate()
    prolog.StartDoctypeDeclHandler = _raise(_doctype())
    prolog.StartElementHandler = _raise(_RootReached())
    try:
        prolog.Parse(content, True)
    except _RootReached:
        return True
    except (expat.ExpatError, LookupError, ValueError):
        return False
    return False


def _raise(error: Exception) -> Callable[..., None]:
    def handler(*_facts: object) -> None:
        raise error

    return handler


def _hardened_parser(*, huge: bool) -> etree.XMLParser:
    """`huge` lifts the limits that guard against entities: a text may then be as large as a document may be."""
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        huge_tree=huge,
        recover=False,
        remove_comments=True,
        remove_pis=True,
    )


def _broken(content: bytes, error: etree.XMLSyntaxError) -> Unreadable:
    # An entity bomb stops the parser before the DOCTYPE can be seen in the tree. The zeros are those of UTF-16.
    if b"<!DOCTYPE" in content.replace(b"\0", b""):
        return _doctype()
    if error.code == RESOURCE_LIMIT:  # type: ignore[attr-defined]
        return Unreadable(_("Filen har en del som er for stor, oftest et vedlegg. Ett vedlegg kan være på høyst 7 MB."))
    if b"<" not in content:
        return Unreadable(_("Filen er ikke en XML-fil."))
    return Unreadable(_("Filen er ikke gyldig XML. Feilen er på linje %(line)s."), line=error.lineno or 1)


def _doctype() -> Unreadable:
    return Unreadable(_("Filen har en DOCTYPE. Av hensyn til sikkerheten tas den ikke imot."))


def element(name: str, text: str = "", /, *children: etree._Element | None, **attributes: str) -> etree._Element | None:
    """`cbc:ID` with text or `cac:Party` with children; None where it would be empty: EHF has no empty elements."""
    clean = without_forbidden(text).strip()
    present = [child for child in children if child is not None]
    if not clean and not present:
        return None
    prefix, _colon, local = name.partition(":")
    named = {key: without_forbidden(value).strip() for key, value in attributes.items()}
    made = etree.Element(f"{{{PREFIXES[prefix]}}}{local}", {key: value for key, value in named.items() if value})
    made.text = clean or None
    made.extend(present)
    return made


def group(name: str, *children: etree._Element | None) -> etree._Element | None:
    return element(name, "", *children)


def without_forbidden(text: str) -> str:
    return FORBIDDEN.sub("", text)


def document(name: str, namespace: str, children: list[etree._Element | None]) -> bytes:
    root = etree.Element(f"{{{namespace}}}{name}", nsmap={None: namespace, **PREFIXES})  # type: ignore[dict-item]
    root.extend([child for child in children if child is not None])
    etree.cleanup_namespaces(root, keep_ns_prefixes=list(PREFIXES))
    etree.indent(root)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8") + b"\n"
