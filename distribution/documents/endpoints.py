"""The electronic addresses of seller and buyer (BT-34, BT-49), which many systems leave out and Peppol's rules want."""

from lxml import etree

from distribution.documents.xml import CAC, CBC, element, parse

SELLER, BUYER = "AccountingSupplierParty", "AccountingCustomerParty"
BEFORE = {
    f"{{{CBC}}}{name}" for name in ("MarkCareIndicator", "MarkAttentionIndicator", "WebsiteURI", "LogoReferenceID")
}


def with_endpoints(ubl: bytes, *, seller: str, buyer: str) -> bytes:
    """Each a `scheme:value`, put in where the document has none; the same bytes where it has both. Raises Unreadable."""
    if ubl.count(b"EndpointID") >= 4:  # two elements, each opened and closed: so it is for nearly all
        return ubl
    root = parse(ubl)
    added = [_add(root, SELLER, seller), _add(root, BUYER, buyer)]
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8") if any(added) else ubl


def _add(root: etree._Element, whose: str, identifier: str) -> bool:
    party = root.find(f"{{{CAC}}}{whose}/{{{CAC}}}Party")
    scheme, _colon, value = identifier.partition(":")
    if party is None or not value or party.find(f"{{{CBC}}}EndpointID") is not None:
        return False
    made = element("cbc:EndpointID", value, schemeID=scheme)
    assert made is not None  # it has a value
    party.insert(sum(child.tag in BEFORE for child in party), made)
    return True
