"""A set of rules as XSLT that answers with nothing but what failed: a line each, the check's number and the element's.

What makes it fast, without changing any answer:
- no report of rules that fired; paths and texts are found afterwards, and only for what failed;
- a pattern visits only elements of the names that its contexts end in, in the document's order, instead of walking the tree;
- «not(a/b/c)» is looked at only where the document has elements named a, b and c: seven hundred checks of CEN forbid
  what nobody writes.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import count
from xml.sax.saxutils import quoteattr

from distribution.documents.validation.ruleset import XSLT, Check, Let, Rule, RuleSet

OURS = "urn:autoinvoice:validation"
QNAME = r"(?:[\w.-]+:)?[\w-][\w.-]*"
ELEMENT = re.compile(QNAME)
FORBIDDEN_PATH = re.compile(rf"not\(((?:\([\w:.| -]+\)/)?{QNAME}(?:/{QNAME})*)\)")
ANYTHING = "/ | //* | //@*"


def stylesheet(rules: RuleSet) -> str:
    numbers = count()
    namespaces = {"xs": "http://www.w3.org/2001/XMLSchema", **rules.namespaces, "xsl": XSLT, "ours": OURS}
    declared = " ".join(f"xmlns:{prefix}={quoteattr(uri)}" for prefix, uri in namespaces.items())
    parts = [
        f'<xsl:stylesheet version="3.0" {declared} xmlns:map="http://www.w3.org/2005/xpath-functions/map">',
        FRAME,
        *rules.functions,
        *map(_variable, rules.lets),
        _visits(rules),
        *(_pattern(mode, pattern, numbers) for mode, pattern in enumerate(rules.patterns)),
        "</xsl:stylesheet>",
    ]
    return "\n".join(parts)


# The number of an element is the place in which it begins. Saxon works out a global variable when it is first asked for.
FRAME = """
<xsl:output method="text"/>
<xsl:variable name="ours:places" as="map(xs:string, xs:integer)">
  <xsl:map><xsl:for-each select="//*"><xsl:map-entry key="generate-id()" select="position()"/></xsl:for-each></xsl:map>
</xsl:variable>
<xsl:variable name="ours:has" as="map(xs:string, xs:boolean)" select="map:merge(distinct-values(//*/local-name()) ! map:entry(., true()))"/>
<xsl:function name="ours:failed" as="text()">
  <xsl:param name="check" as="xs:integer"/>
  <xsl:param name="at" as="node()"/>
  <xsl:variable name="element" select="if ($at instance of element()) then $at else ($at/.., root($at)/*)[1]"/>
  <xsl:variable name="attribute" select="if ($at instance of attribute()) then '@' || local-name($at) else ''"/>
  <xsl:value-of select="$check || ' ' || $ours:places(generate-id($element)) || ' ' || $attribute || '&#10;'"/>
</xsl:function>
"""


def _visits(rules: RuleSet) -> str:
    visits = "\n".join(
        f'<xsl:apply-templates mode="pattern{mode}" select={quoteattr(_visited(pattern))}/>'
        for mode, pattern in enumerate(rules.patterns)
        if pattern
    )
    return f'<xsl:template match="/">{visits}</xsl:template>'


def _visited(pattern: tuple[Rule, ...]) -> str:
    names = [name for rule in pattern for name in last_names(rule.context)]
    if not all(ELEMENT.fullmatch(name) for name in names):
        return "//*" if set(names) and all(name == "*" or ELEMENT.fullmatch(name) for name in names) else ANYTHING
    return f"//({'|'.join(dict.fromkeys(names))})"


def last_names(context: str) -> list[str]:
    """What the paths of a context end in: `a/b[c] | (d | e)[f]` in b, d and e. Whatever it can't tell comes out as no name."""
    names: list[str] = []
    for path in _split(_without_predicates(context), "|"):
        inside = path[1:-1] if path.startswith("(") and path.endswith(")") else None
        names += last_names(inside) if inside is not None else [_split(path, "/")[-1]]
    return names


def _without_predicates(path: str) -> str:
    kept, depth = [], 0
    for quoted, plain in re.findall(r"""("[^"]*"|'[^']*')|(.)""", path, re.DOTALL):
        depth += plain == "["
        if not depth:
            kept.append(quoted or plain)
        depth -= plain == "]"
    return "".join(kept)


def _split(path: str, at: str) -> list[str]:
    """Outside parentheses."""
    parts, depth = [""], 0
    for character in path:
        depth += (character == "(") - (character == ")")
        if character == at and not depth:
            parts.append("")
        else:
            parts[-1] += character
    return [part.strip() for part in parts]


def _pattern(mode: int, rules: tuple[Rule, ...], numbers: Iterator[int]) -> str:
    templates = "\n".join(
        f'<xsl:template mode="pattern{mode}" match={quoteattr(rule.context)} priority="{len(rules) - place}">'
        f"{''.join(_steps(rule.steps, numbers))}</xsl:template>"
        for place, rule in enumerate(rules)
    )
    return f'{templates}\n<xsl:template mode="pattern{mode}" match="@*|node()" priority="-1"/>'


def _steps(steps: Iterable[Let | Check], numbers: Iterator[int]) -> Iterator[str]:
    for step in steps:
        if isinstance(step, Let):
            yield _variable(step)
            continue
        number = next(numbers)
        yield f'<xsl:if test={quoteattr(_fails(step.test))}><xsl:sequence select="ours:failed({number}, .)"/></xsl:if>'


def _fails(test: str) -> str:
    forbidden = FORBIDDEN_PATH.fullmatch(test.strip())
    if forbidden is None:
        return f"not(({test}))"
    steps = [step.rpartition(":")[2] for step in forbidden[1].split("/") if "|" not in step]
    there = " and ".join(f"$ours:has('{name}')" for name in dict.fromkeys(reversed(steps)))
    return f"{there} and ({forbidden[1]})" if there else f"({forbidden[1]})"


def _variable(let: Let) -> str:
    return f'<xsl:variable name="{let.name}" select={quoteattr(let.value)}/>'
