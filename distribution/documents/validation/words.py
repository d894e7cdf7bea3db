"""A finding in words for an accountant: what is wrong, in which field, and what to do. Lazy: in the language of who reads it."""

import re
from collections.abc import Iterable, Sequence

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from distribution.documents.errors import Words
from distribution.documents.validation import words_cen, words_peppol, words_vat
from distribution.documents.validation.fields import FIELDS, PARTIES
from distribution.documents.validation.findings import Finding, Severity

TEXTS: dict[str, Words] = {**words_cen.TEXTS, **words_vat.TEXTS, **words_peppol.TEXTS}
LINE = re.compile(r"/cac:(?:Invoice|CreditNote)Line\[(\d+)\]")
POSITION = re.compile(r"\[\d+\]")
OFFICIAL_ID = re.compile(r"^\[[^\]]*\]\s*-?\s*")
TOLD = 5
A_PARTY = _("en av partene")


def words_of(finding: Finding) -> Words:
    """Where we have none of our own: the number of the rule, and its official text in English."""
    words = TEXTS.get(finding.rule)
    if words is None:
        return format_lazy(_("Regel {rule}: {text}"), rule=finding.rule, text=OFFICIAL_ID.sub("", finding.text))
    steps = _steps(finding.where)
    text = format_lazy(words, field=_field(steps), party=_party(steps))
    line = LINE.search(finding.where)
    return format_lazy(_("Fakturalinje {number}: {text}"), number=line[1], text=text) if line else text


def in_words(facts: Iterable[Sequence[str]]) -> str:
    """`as_facts`, read back from where they were kept, in the active language: the first few, each with its rule."""
    told = [Finding(rule, Severity.FATAL, where, text) for rule, where, text in facts]
    said = [f"{words_of(finding)} ({finding.rule})" for finding in told[:TOLD]]
    if len(told) > TOLD:
        said.append(str(_("Og %(number)s til.") % {"number": len(told) - TOLD}))
    return " ".join(said)


def _steps(where: str) -> list[str]:
    """`/Invoice/cac:InvoiceLine[2]/cbc:ID` -> Invoice, InvoiceLine, ID"""
    return [step.rpartition(":")[2] for step in POSITION.sub("", where).strip("/").split("/")]


def _field(steps: list[str]) -> Words:
    """By its name in the file where people have none for it."""
    return FIELDS.get("/".join(steps[-2:])) or FIELDS.get(steps[-1]) or steps[-1]


def _party(steps: list[str]) -> Words:
    return next((PARTIES[step] for step in steps if step in PARTIES), A_PARTY)
