"""A set of rules, however it was published: patterns of rules, each with a context and what must hold there (schematron)."""

from collections.abc import Iterator
from dataclasses import dataclass

from distribution.documents.validation.findings import Severity

XSLT = "http://www.w3.org/1999/XSL/Transform"


class UnknownRules(ValueError):
    """Not rules that this program can read; says what it stumbled over. Half-read rules would let through what they forbid."""


@dataclass(frozen=True, slots=True)
class Let:
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Check:
    """`test` is the XPath that must be true at the context."""

    rule: str
    severity: Severity
    test: str
    text: str


@dataclass(frozen=True, slots=True)
class Rule:
    """`steps` in their order: a let is seen by what follows it."""

    context: str
    steps: tuple[Let | Check, ...]


@dataclass(frozen=True, slots=True)
class RuleSet:
    """In each pattern a node is judged by the first rule whose context it matches, and by no other.

    `functions` are XSLT declarations as text; `lets` are seen everywhere, those of the patterns among them.
    """

    name: str
    version: str
    namespaces: dict[str, str]
    lets: tuple[Let, ...]
    functions: tuple[str, ...]
    patterns: tuple[tuple[Rule, ...], ...]

    @property
    def checks(self) -> Iterator[Check]:
        """In the order of publication; a check's place in it is its number."""
        for pattern in self.patterns:
            for rule in pattern:
                yield from (step for step in rule.steps if isinstance(step, Check))


def severity_of(flag: str) -> Severity:
    """What a publisher left without a word is fatal: rather held than sent wrong."""
    return Severity.WARNING if flag in {"warning", "warn", "info", "information"} else Severity.FATAL
