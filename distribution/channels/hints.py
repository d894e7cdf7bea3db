"""A webhook's text: which invoices it speaks of. How it is built is not public, so it is only a hint to look (F21)."""

import json
from dataclasses import dataclass
from typing import Any

IDS = ("invoice_id", "document_id", "uuid", "id")
INSIDE = ("invoice", "document", "data", "payload")
EVENTS = ("event", "event_type", "type")


@dataclass(frozen=True, slots=True)
class Hint:
    """Empty where the text does not tell."""

    reference: str = ""
    event: str = ""


def hints_in(body: bytes) -> list[Hint]:
    """At least one; one object, a list of them, or a list under `events`."""
    try:
        facts = json.loads(body)
    except ValueError:
        return [Hint()]
    if isinstance(facts, dict) and isinstance(facts.get("events"), list):
        facts = facts["events"]
    found = [_hint(one) for one in (facts if isinstance(facts, list) else [facts])]
    return found or [Hint()]


def _hint(facts: Any) -> Hint:
    if not isinstance(facts, dict):
        return Hint()
    inner: dict[str, Any] = next((facts[name] for name in INSIDE if isinstance(facts.get(name), dict)), {})
    return Hint(_first(IDS, inner) or _first(IDS, facts), _first(EVENTS, facts))


def _first(names: tuple[str, ...], facts: dict[str, Any]) -> str:
    return next((facts[name][:100] for name in names if isinstance(facts.get(name), str) and facts[name]), "")
