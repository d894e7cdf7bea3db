"""What is said of an own PDF: a code and its facts. The codes are Digipost's where it has one."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

Facts = tuple[str, dict[str, Any]]  # a finding as plain JSON


class Code(StrEnum):
    # Why it can't be printed
    INVALID_PDF = "INVALID_PDF"
    IS_ENCRYPTED = "PDF_IS_ENCRYPTED"
    PARSE_ERROR = "PDF_PARSE_ERROR"
    PARSE_PAGE_ERROR = "PDF_PARSE_PAGE_ERROR"
    NO_PAGES = "DOCUMENT_HAS_NO_PAGES"
    TOO_MANY_PAGES = "TOO_MANY_PAGES_FOR_AUTOMATED_PRINT"
    VERSION = "UNSUPPORTED_PDF_VERSION_FOR_PRINT"
    DIMENSIONS = "UNSUPPORTED_DIMENSIONS"
    FONT = "REFERENCES_INVALID_FONT"
    MARGIN = "INSUFFICIENT_MARGIN_FOR_PRINT"
    WINDOW = "CONTENT_IN_ADDRESS_WINDOW"
    UNVERIFIED = "UNABLE_TO_VERIFY_SUITABLE_MARGIN_FOR_PRINT"
    TOO_COMPLEX = "TOO_COMPLEX_FOR_PRINT"
    DYNAMIC_FORM = "DYNAMIC_FORM"
    # What is mended
    LANDSCAPE = "LANDSCAPE_PAGE"
    JAVASCRIPT = "JAVASCRIPT"
    LAUNCH = "LAUNCH_ACTION"
    RICH_MEDIA = "RICH_MEDIA"
    XFA = "XFA_FORM"
    ACTION = "AUTOMATIC_ACTION"


@dataclass(frozen=True, slots=True)
class Finding:
    """`facts` are what its words name, plain JSON; `page` counts from 1."""

    code: Code
    facts: dict[str, Any] = field(default_factory=dict)


class Unprintable(Exception):
    """Reading can't go on."""

    def __init__(self, code: Code, **facts: Any) -> None:
        super().__init__(code)
        self.finding = Finding(code, facts)


def found(code: Code, **facts: Any) -> Finding:
    return Finding(code, facts)


def as_facts(findings: Iterable[Finding]) -> tuple[Facts, ...]:
    """Each code once, as it was first found: text in the margin of nine pages is one fault."""
    firsts: dict[Code, Finding] = {}
    for finding in findings:
        firsts.setdefault(finding.code, finding)
    return tuple((str(one.code), one.facts) for one in firsts.values())
