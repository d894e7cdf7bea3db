"""The rules run as their publishers mean them: CEN's XSLT as it is, and Peppol's schematron written out in the plainest way.

What the product does faster must find the same.
"""

import re
from functools import cache
from pathlib import Path

from lxml import etree
from saxonche import PySaxonApiError, PyXsltExecutable

from distribution.documents.validation import compiled, engine
from distribution.documents.validation.where import Places

SHARED = Path(__file__).resolve().parents[5] / "shared" / "data" / "peppol"
EXAMPLES = SHARED / "examples"
RULES = SHARED / "rules"
RELEASES = ("3.0.20", "3.0.21")
XSLT = "http://www.w3.org/1999/XSL/Transform"
SCH = {"s": "http://purl.oclc.org/dsdl/schematron", "x": XSLT}
SVRL = "{http://purl.oclc.org/dsdl/svrl}"
STEP = re.compile(r"/(?:\*:(\w+)\[namespace-uri\(\)='([^']*)'\]|Q\{([^}]*)\}(\w+))\[(\d+)\]")

Found = tuple[str, str, str]  # rule, severity, where


def cen(root: etree._Element) -> list[Found] | None:
    return _found(_cen(), root)


def peppol(root: etree._Element, release: str) -> list[Found] | None:
    return _found(_peppol(release), root)


def _found(rules: PyXsltExecutable, root: etree._Element) -> list[Found] | None:
    """None where the rules crash."""
    saxon = engine._of_this_process()._saxon
    try:
        report = rules.transform_to_string(xdm_node=saxon.parse_xml(xml_text=etree.tostring(root, encoding="unicode")))
    except PySaxonApiError:
        return None
    failed = etree.fromstring(report.encode()).iter(f"{SVRL}failed-assert")
    places = Places(root)
    return [
        (str(one.get("id")), str(one.get("flag")), places.of(_element(root, str(one.get("location")))))
        for one in failed
    ]


def _element(root: etree._Element, location: str) -> etree._Element:
    steps = [(b or c, a or d, int(n)) for a, b, c, d, n in STEP.findall(location)]
    element = root
    for namespace, name, position in steps[1:]:
        element = list(element.iterchildren(f"{{{namespace}}}{name}"))[position - 1]
    return element


@cache
def _cen() -> PyXsltExecutable:
    compiler = engine._of_this_process()._saxon.new_xslt30_processor()
    return compiler.compile_stylesheet(stylesheet_text=compiled.published_cen().decode())


@cache
def _peppol(release: str) -> PyXsltExecutable:
    compiler = engine._of_this_process()._saxon.new_xslt30_processor()
    return compiler.compile_stylesheet(stylesheet_text=plain_stylesheet(RULES / release / "PEPPOL-EN16931-UBL.sch"))


def plain_stylesheet(path: Path) -> str:
    """As the reference implementation of schematron does it: a walk of the whole tree for each pattern, and a report."""
    schema = etree.parse(str(path), etree.XMLParser(remove_comments=True)).getroot()
    sheet = etree.Element(f"{{{XSLT}}}stylesheet", nsmap=_bound(schema), attrib={"version": "2.0"})
    start = etree.SubElement(sheet, f"{{{XSLT}}}template", match="/")
    report = etree.SubElement(start, f"{SVRL}schematron-output")
    for let in [*schema.iterfind("s:let", SCH), *schema.iterfind("s:pattern/s:let", SCH)]:
        etree.SubElement(sheet, f"{{{XSLT}}}variable", name=str(let.get("name")), select=str(let.get("value")))
    sheet.extend(schema.findall("x:function", SCH))
    for number, pattern in enumerate(schema.iterfind("s:pattern", SCH)):
        _walk(sheet, report, f"M{number}", pattern.findall("s:rule", SCH))
    return etree.tostring(sheet, encoding="unicode")


def _bound(schema: etree._Element) -> dict[str, str]:
    bound = {str(one.get("prefix")): str(one.get("uri")) for one in schema.iterfind("s:ns", SCH)}
    return {**bound, "xsl": XSLT, "svrl": SVRL[1:-1]}


def _walk(sheet: etree._Element, report: etree._Element, mode: str, rules: list[etree._Element]) -> None:
    etree.SubElement(report, f"{SVRL}active-pattern", name=mode)
    etree.SubElement(report, f"{{{XSLT}}}apply-templates", mode=mode, select="/")
    etree.SubElement(sheet, f"{{{XSLT}}}template", match="text()", mode=mode, priority="-1")
    other = etree.SubElement(sheet, f"{{{XSLT}}}template", match="@*|node()", mode=mode, priority="-2")
    etree.SubElement(other, f"{{{XSLT}}}apply-templates", mode=mode, select="@*|*")
    for place, rule in enumerate(rules):
        context = str(rule.get("context"))
        template = etree.SubElement(sheet, f"{{{XSLT}}}template", match=context, mode=mode, priority=str(2000 - place))
        etree.SubElement(template, f"{SVRL}fired-rule", context=context)
        for step in rule:
            _step(template, step)
        etree.SubElement(template, f"{{{XSLT}}}apply-templates", mode=mode, select="@*|*")


def _step(template: etree._Element, step: etree._Element) -> None:
    if etree.QName(step).localname == "let":
        etree.SubElement(template, f"{{{XSLT}}}variable", name=str(step.get("name")), select=str(step.get("value")))
        return
    choose = etree.SubElement(template, f"{{{XSLT}}}choose")
    etree.SubElement(choose, f"{{{XSLT}}}when", test=str(step.get("test")))
    otherwise = etree.SubElement(choose, f"{{{XSLT}}}otherwise")
    failed = etree.SubElement(
        otherwise, f"{SVRL}failed-assert", id=str(step.get("id")), flag=str(step.get("flag")), location="{path()}"
    )
    etree.SubElement(failed, f"{SVRL}text").text = "".join(map(str, step.itertext())).replace("{", "").replace("}", "")
