"""Verdicts that are kept: what the rules said is, what an engine that failed said is not."""

import pytest

from distribution.documents.validation import verdicts
from distribution.documents.validation.findings import Finding, Result, Severity


@pytest.mark.parametrize(("rule", "checks"), [("BR-01", 1), ("ENGINE", 2)])
def test_an_engine_that_failed_is_asked_again(monkeypatch: pytest.MonkeyPatch, rule: str, checks: int) -> None:
    """Out of memory, or a processor that broke: it says nothing of the document, which would stay held until a restart."""
    first = Result((Finding(rule, Severity.FATAL, "/", "peppol: said"),), ())
    answers = iter([first, Result((), ())])
    checked: list[bytes] = []

    def check(content: bytes, **_how: object) -> Result:
        checked.append(content)
        return next(answers)

    monkeypatch.setattr(verdicts, "_kept", type(verdicts._kept)())
    monkeypatch.setattr(verdicts, "check", check)

    assert verdicts.verdict(b"<Invoice/>") == first
    verdicts.verdict(b"<Invoice/>")
    assert len(checked) == checks
