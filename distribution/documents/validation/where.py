"""Where in a document a finding is: an XPath from the root that a person can follow, `/Invoice/cac:InvoiceLine[2]/cbc:ID`."""

from lxml import etree

from distribution.documents.xml import CAC, CBC

EXT = "urn:oasis:names:specification:ubl:schema:xsd:CommonExtensionComponents-2"
PREFIXES = {CAC: "cac:", CBC: "cbc:", EXT: "ext:"}


class Places:
    """Of one document; asked for many elements of it, it counts the children of each parent once."""

    def __init__(self, root: etree._Element) -> None:
        self._root = root
        self._steps: dict[etree._Element, dict[etree._Element, str]] = {}
        self._numbered: list[etree._Element] = []

    def numbered(self, number: int) -> etree._Element:
        """The first element is 1, in the order in which they begin."""
        if not self._numbered:
            self._numbered = list(self._root.iter())
        return self._numbered[number - 1]

    def of(self, element: etree._Element) -> str:
        steps = []
        while (parent := element.getparent()) is not None:
            steps.append(self._step(parent, element))
            element = parent
        steps.append(named(element))
        return "/" + "/".join(reversed(steps))

    def _step(self, parent: etree._Element, element: etree._Element) -> str:
        if parent not in self._steps:
            self._steps[parent] = _steps_below(parent)
        return self._steps[parent][element]


def named(element: etree._Element) -> str:
    """With the prefix that UBL is always written about with, whatever this document calls it."""
    name = etree.QName(element)
    return f"{PREFIXES.get(name.namespace or '', '')}{name.localname}"


def _steps_below(parent: etree._Element) -> dict[etree._Element, str]:
    """Numbered where there is more than one of a name."""
    same: dict[str, list[etree._Element]] = {}
    for child in parent.iterchildren("*"):
        same.setdefault(named(child), []).append(child)
    return {
        child: f"{name}[{position}]" if len(children) > 1 else name
        for name, children in same.items()
        for position, child in enumerate(children, 1)
    }
