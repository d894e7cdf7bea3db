"""Says the same as a publisher's XPath, so that Saxon answers sooner. A form that is not known here stays as it is.

Three forms make most of the cost: the whole document searched again and again (`//cac:TaxCategory[…]`), a code sought in a
text of two thousand codes, and a code compared with each of a list.
"""

import re
from xml.sax.saxutils import quoteattr

from distribution.documents.validation.visits import in_predicates

CODES = r"'(?P<codes> (?:[^\s']+ )+)'"
VALUE = r"(?P<value>\.|@[\w]+)"
# not(contains(normalize-space(X), ' ')) and contains(' A B C ', concat(' ', normalize-space(X), ' '))
IN_TEXT = re.compile(
    rf"not\(\s*contains\(normalize-space\({VALUE}\),\s*' '\)\s*\)\s*and\s*"
    rf"contains\(\s*{CODES},\s*concat\(' ',\s*normalize-space\((?P=value)\),\s*' '\)\s*\)"
)
# some $code in LIST satisfies X = $code
IN_LIST = re.compile(
    r"some \$code in (?P<list>\$\w+|tokenize\('[^']*',\s*'\\s'\))\s+satisfies\s+"
    r"(?P<value>@\w+|normalize-space\((?:text\(\)|cbc:\w+)\)) = \$code"
)
LITERAL_LIST = re.compile(r"tokenize\('[^']*',\s*'\\s'\)")
# A search from the root stands at the start of an expression; a number in brackets would count within each parent.
FROM_ROOT = re.compile(
    r"(?P<before>(?:^|[(\[=,|<>+]|\b(?:and|or|in|return|satisfies|then|else)\s)\s*)"
    r"//(?P<name>[a-z]+:[A-Za-z]+)(?![\w:])(?!\[\s*(?:\d|\$|count|last|position|number|sum))"
)


class Rewriter:
    """Of one set of rules; keeps what its rewritten tests refer to."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._codes: dict[str, str] = {}

    def test(self, xpath: str) -> str:
        if "position()" in xpath or "last()" in xpath:
            return xpath
        xpath = IN_TEXT.sub(lambda found: f"{self._known(found['codes'])}(normalize-space({found['value']}))", xpath)
        xpath = IN_LIST.sub(lambda found: f"{found['value']} = {found['list']}", xpath)
        return FROM_ROOT.sub(lambda found: f"{found['before']}{self._all(found['name'])}", xpath)

    def context(self, pattern: str) -> str:
        """Only inside predicates."""
        return in_predicates(pattern, self.test)

    def declarations(self) -> list[str]:
        lists = [
            f'<xsl:variable name="{name[1:]}" static="yes" select={quoteattr(_as_map(codes))}/>'
            for codes, name in self._codes.items()
        ]
        searches = [
            f'<xsl:variable name="{variable[1:]}" select="//{name}"/>' for name, variable in self._names.items()
        ]
        return [*lists, *searches]

    def _all(self, name: str) -> str:
        return self._names.setdefault(name, f"$ours:all-{name.replace(':', '-')}")

    def _known(self, codes: str) -> str:
        """Static: worked out when the rules are compiled, not for each document."""
        return self._codes.setdefault(codes, f"$ours:codes-{len(self._codes)}")


def is_fixed(value: str) -> bool:
    """A list that is written out: worked out once."""
    return LITERAL_LIST.fullmatch(value) is not None


def _as_map(codes: str) -> str:
    return f"map:merge(distinct-values(tokenize('{codes.strip()}', ' ')) ! map:entry(., true()))"
