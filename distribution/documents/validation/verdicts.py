"""Verdicts that are kept for as long as the rules stay the same: bytes that are asked about again are not checked again."""

import hashlib
from collections import OrderedDict
from threading import Lock

from distribution.documents.validation import packs
from distribution.documents.validation.check import CHEAP, check
from distribution.documents.validation.findings import CRASH, Finding, Result

KEPT = 500
ADDED = {"PEPPOL-EN16931-R010", "PEPPOL-EN16931-R020"}  # the addresses that we put in ourselves (`documents.endpoints`)
Question = tuple[str, tuple[str, ...] | None, str]  # the bytes, the layers, the rules
_kept: OrderedDict[Question, Result] = OrderedDict()
_lock = Lock()


def verdict(content: bytes, layers: tuple[str, ...] | None = None) -> Result:
    """`check`, by the rules of today."""
    pack = packs.in_force()
    question = hashlib.sha256(content).hexdigest(), layers, pack.sha256 if pack else ""
    known = _kept.get(question)
    if known is None:
        known = check(content, layers=layers)
        if not _broke_off(known):
            _keep(question, known)
    return known


def _keep(question: Question, said: Result) -> None:
    with _lock:
        _kept[question] = said
        while len(_kept) > KEPT:
            _kept.popitem(last=False)


def _broke_off(said: Result) -> bool:
    """An engine that failed, for want of memory say, may do better next time."""
    return any(finding.rule == CRASH for finding in said.findings)


def foreseen(content: bytes, layers: tuple[str, ...] | None = CHEAP) -> tuple[Finding, ...]:
    """What will hold it back as an e-invoice. A web process can tell by CHEAP alone; a worker and a command look closer."""
    return tuple(finding for finding in verdict(content, layers).fatal if finding.rule not in ADDED)
