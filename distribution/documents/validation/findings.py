"""What a layer finds, in the words that every layer shares."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

SCHEMA = "XSD"  # the rule of all that the schema finds
OF_PEPPOL = ("PEPPOL-", "NO-R-")  # what its rules begin with
CRASH = "ENGINE"  # the rules could not be run: nothing is known of the document


class Severity(StrEnum):
    FATAL = "fatal"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """`rule` is the official id (BR-01, PEPPOL-EN16931-R003) or one of our own; `where` an XPath from the root; `text` English,
    of the rule or of the engine that failed."""

    rule: str
    severity: Severity
    where: str
    text: str


def as_facts(findings: Iterable[Finding]) -> list[tuple[str, str, str]]:
    """Rule, place and text, each rule once: a fault in every line is one fault."""
    firsts = {finding.rule: (finding.rule, finding.where, finding.text) for finding in reversed(list(findings))}
    return list(reversed(firsts.values()))


def of_any_network(findings: Iterable[Finding]) -> list[Finding]:
    """Without what only Peppol wants: eFaktura does not go over it."""
    return [finding for finding in findings if not finding.rule.startswith(OF_PEPPOL)]


@dataclass(frozen=True, slots=True)
class Layer:
    """One that ran, by the name that `--layers` gives it, and the release of its rules («1.3.16»); '' where there is none."""

    name: str
    version: str = ""

    def __str__(self) -> str:
        return f"{self.name} {self.version}".strip()


@dataclass(frozen=True, slots=True)
class Result:
    findings: tuple[Finding, ...]
    layers: tuple[Layer, ...]

    @property
    def fatal(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.severity == Severity.FATAL)
