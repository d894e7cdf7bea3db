"""A set of rules as XSLT that answers with nothing but what failed: a line each, the check's number and the element's.

What makes it fast, without changing any answer:
- no report of rules that fired; paths and texts are found afterwards, and only for what failed;
- a pattern visits only elements of the names that its contexts end in (`visits`), instead of walking the tree;
- what is searched or compared again and again is said in a way that Saxon answers sooner (`rewrites`);
- «not(a/b/c)» is looked at only where the document has elements named a, b and c: seven hundred checks of CEN forbid
  what nobody writes.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import count, groupby
from xml.sax.saxutils import quoteattr

from distribution.documents.validation.rewrites import Rewriter, is_fixed
from distribution.documents.validation.ruleset import XSLT, Check, Let, Rule, RuleSet
from distribution.documents.validation.visits import QNAME, visited

OURS = "urn:autoinvoice:validation"
FORBIDDEN_PATH = re.compile(rf"not\((//)?((?:\([\w:.| -]+\)|{QNAME}|@{QNAME})(?:/@?{QNAME})*)\)")
STATIC = ' static="yes"'
PREFIX = r"[\w.-]+:"


def stylesheet(rules: RuleSet) -> str:
    numbers, rewriter = count(), Rewriter()
    namespaces = {"xs": "http://www.w3.org/2001/XMLSchema", **rules.namespaces, "xsl": XSLT, "ours": OURS}
    declared = " ".join(f"xmlns:{prefix}={quoteattr(uri)}" for prefix, uri in namespaces.items())
    patterns = [_pattern(mode, pattern, numbers, rewriter) for mode, pattern in enumerate(rules.patterns)]
    parts = [
        f'<xsl:stylesheet version="3.0" {declared} xmlns:map="http://www.w3.org/2005/xpath-functions/map">',
        *(_variable(let, is_fixed(let.value)) for let in rules.lets),
        *rewriter.declarations(),
        FRAME,
        *rules.functions,
        _visits(rules),
        *patterns,
        "</xsl:stylesheet>",
    ]
    return "\n".join(parts)


# The number of an element is the place in which it begins. Saxon works out a global variable when it is first asked for.
FRAME = """
<xsl:output method="text"/>
<xsl:variable name="ours:places" as="map(xs:string, xs:integer)">
  <xsl:map><xsl:for-each select="//*"><xsl:map-entry key="generate-id()" select="position()"/></xsl:for-each></xsl:map>
</xsl:variable>
<xsl:variable name="ours:has" as="map(xs:string, xs:boolean)"
  select="map:merge((distinct-values(//*/local-name()), distinct-values(//@*/local-name()) ! concat('@', .)) ! map:entry(., true()))"/>
<xsl:function name="ours:failed" as="text()">
  <xsl:param name="check" as="xs:integer"/>
  <xsl:param name="at" as="node()"/>
  <xsl:variable name="element" select="if ($at instance of element()) then $at else ($at/.., root($at)/*)[1]"/>
  <xsl:variable name="attribute" select="if ($at instance of attribute()) then '@' || local-name($at) else ''"/>
  <xsl:value-of select="$check || ' ' || $ours:places(generate-id($element)) || ' ' || $attribute || '&#10;'"/>
</xsl:function>
"""


# An error left to Saxon would be written to stderr, with what the invoice says; and would take the other patterns with it.
CAUGHT = """<xsl:catch xmlns:err="http://www.w3.org/2005/xqt-errors">
  <xsl:value-of select="'! ' || local-name-from-QName($err:code) || ' ' || normalize-space($err:description) || '&#10;'"/>
</xsl:catch>"""


def _visits(rules: RuleSet) -> str:
    visits = "\n".join(
        f"<xsl:try>{_visit(mode, pattern)}{CAUGHT}</xsl:try>" for mode, pattern in enumerate(rules.patterns) if pattern
    )
    return f'<xsl:template match="/">{visits}</xsl:template>'


def _visit(mode: int, pattern: tuple[Rule, ...]) -> str:
    nodes = visited(rule.context for rule in pattern)
    return f'<xsl:apply-templates mode="pattern{mode}" select={quoteattr(nodes)}/>'


def _pattern(mode: int, rules: tuple[Rule, ...], numbers: Iterator[int], rewriter: Rewriter) -> str:
    templates = "\n".join(
        f'<xsl:template mode="pattern{mode}" match={quoteattr(rewriter.context(rule.context))} priority="{len(rules) - place}">'
        f"{''.join(_steps(rule.steps, numbers, rewriter))}</xsl:template>"
        for place, rule in enumerate(rules)
    )
    return f'{templates}\n<xsl:template mode="pattern{mode}" match="/|@*|node()" priority="-1"/>'


def _steps(steps: Iterable[Let | Check], numbers: Iterator[int], rewriter: Rewriter) -> Iterator[str]:
    """Checks in a row that forbid something below the same element stand in one condition together."""
    for path, row in groupby(steps, key=_forbidden_below):
        written = "".join(_step(step, numbers, rewriter) for step in row)
        yield f"<xsl:if test={quoteattr(_has(path))}>{written}</xsl:if>" if path else written


def _forbidden_below(step: Let | Check) -> tuple[str, ...]:
    """The elements on the way to what a check forbids."""
    found = FORBIDDEN_PATH.fullmatch(step.test.strip()) if isinstance(step, Check) else None
    return tuple(name for name in found[2].split("/")[:-1] if "|" not in name) if found else ()


def _step(step: Let | Check, numbers: Iterator[int], rewriter: Rewriter) -> str:
    if isinstance(step, Let):
        return _variable(step)
    fails = quoteattr(_fails(step.test.strip(), rewriter))
    return f'<xsl:if test={fails}><xsl:sequence select="ours:failed({next(numbers)}, .)"/></xsl:if>'


def _fails(test: str, rewriter: Rewriter) -> str:
    found = FORBIDDEN_PATH.fullmatch(test)
    if found is None:
        return f"not(({rewriter.test(test)}))"
    path, last = f"{found[1] or ''}{found[2]}", found[2].split("/")[-1]
    return f"({path})" if "|" in last else f"{_has((last,))} and ({path})"


def _has(names: tuple[str, ...]) -> str:
    """By local names: where they are missing, so is the path."""
    return " and ".join(f"$ours:has('{re.sub(PREFIX, '', name)}')" for name in reversed(names))


def _variable(let: Let, fixed: bool = False) -> str:
    return f'<xsl:variable name="{let.name}" select={quoteattr(let.value)}{STATIC if fixed else ""}/>'
