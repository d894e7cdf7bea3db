"""A webhook's text: which invoices it speaks of. How it is built is not public, so it is only a hint to look (F21)."""

import json
import re
from dataclasses import dataclass
from typing import Any

IDS = ("invoice_id", "document_id", "uuid", "id")
INSIDE = ("invoice", "document", "data", "payload")
EVENTS = ("event", "event_type", "type")
MOST = 100  # of one text; the provider is asked about the rest all the same, a little later (F22)
NAME = re.compile(r"[!-~][ -~]{0,99}")  # what every database takes, and no longer than ids and events are


@dataclass(frozen=True, slots=True)
class Hint:
    """Empty where the text does not tell."""

    reference: str = ""
    event: str = ""


def hints_in(body: bytes) -> list[Hint]:
    """At least one and at most MOST, each once; one object, a list of them, or a list under `events`. Whoever knows the address
    can send anything: what can't be read, or is nested deeper than Python goes, hints at nothing."""
    try:
        facts = json.loads(body)
    except (ValueError, RecursionError):
        return [Hint()]
    if isinstance(facts, dict) and isinstance(facts.get("events"), list):
        facts = facts["events"]
    found = dict.fromkeys(_hint(one) for one in (facts if isinstance(facts, list) else [facts]))
    return list(found)[:MOST] or [Hint()]


def _hint(facts: Any) -> Hint:
    if not isinstance(facts, dict):
        return Hint()
    inner: dict[str, Any] = next((facts[name] for name in INSIDE if isinstance(facts.get(name), dict)), {})
    return Hint(_first(IDS, inner) or _first(IDS, facts), _first(EVENTS, facts))


def _first(names: tuple[str, ...], facts: dict[str, Any]) -> str:
    told = (facts[name] for name in names if isinstance(facts.get(name), str))
    return next((name for name in told if NAME.fullmatch(name)), "")
