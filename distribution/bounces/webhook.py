"""What an e-mail provider tells, as django-anymail has put it into one language. It was verified before: by our secret, or by
the provider's own signature."""

import json
from typing import Any
from uuid import UUID

from anymail.signals import EventType, RejectReason
from django.http import QueryDict

from distribution.bounces.apply import News, Ring, apply
from distribution.bounces.counting import count
from distribution.bounces.report import Report
from distribution.bounces.sorting import Kind, sorted_by_code, sorted_by_words, status_in
from distribution.channels.email.parts import OUR_KEY
from distribution.channels.email.verp import mark_of
from distribution.frozen import sha256_of
from distribution.reasons import printable
from distribution.states import Door, Verdict

# What is not here tells nothing of a mail's fate.
EVENTS = {
    EventType.DEFERRED: Kind.DELAYED,
    EventType.DELIVERED: Kind.DELIVERED,
    EventType.COMPLAINED: Kind.COMPLAINT,
    EventType.FAILED: Kind.REFUSED,  # the provider could not make a mail of it
}
FAILURES = (EventType.BOUNCED, EventType.REJECTED)
# Where no code of the other server tells more.
REASONS = {RejectReason.INVALID: Kind.HARD, RejectReason.BOUNCED: Kind.HARD, RejectReason.TIMED_OUT: Kind.SOFT}
TYPES = ("event", "Type", "type", "bounceType", "classification")  # where providers say that it may pass


def take_in_event(event: Any, ring: Ring) -> Verdict:
    """An `anymail.signals.AnymailTrackingEvent`. Raises NotYet."""
    key = _uuid((event.metadata or {}).get(OUR_KEY))
    if key is None or not event.recipient:
        count(Door.WEBHOOK, Verdict.FOREIGN)
        return Verdict.FOREIGN
    raw = _raw(event.esp_event)
    words = event.mta_response or event.description or ""
    kind = _kind(event, words)
    report = Report(kind=kind, recipient=event.recipient, status=status_in(words), words=printable(words)[:400])
    news = News(key=key, mark=mark_of(event.recipient), reports=[report], raw=raw, same=_same(event, raw))
    return apply(news, Door.WEBHOOK, ring)


def _kind(event: Any, words: str) -> Kind:
    if event.event_type not in FAILURES:
        return EVENTS.get(event.event_type, Kind.NOTHING)
    if _may_pass(event):
        return Kind.SOFT
    if event.event_type == EventType.BOUNCED and (told := sorted_by_code(words)):
        return told if told in (Kind.HARD, Kind.SOFT, Kind.REFUSED, Kind.TOO_LARGE) else Kind.SOFT
    if event.reject_reason in REASONS:
        return REASONS[event.reject_reason]
    return sorted_by_words(words) or (
        Kind.HARD if event.event_type == EventType.BOUNCED and not event.reject_reason else Kind.REFUSED
    )


def _may_pass(event: Any) -> bool:
    """Several providers' «soft bounce» is anymail's «bounced» too (F37); Amazon says so one level down."""
    facts, told = event.esp_event, list[str]()
    while hasattr(facts, "get"):
        told += [str(facts.get(name, "")).lower() for name in TYPES]
        facts = facts.get("bounce")
    return any("soft" in one or one == "transient" for one in told)


def _raw(esp_event: Any) -> str:
    """Some add the mail itself. Where quoted-printable breaks a line of it, it may break a link, and then nobody finds its token."""
    facts = dict(esp_event.lists()) if isinstance(esp_event, QueryDict) else esp_event
    written = json.dumps(facts, ensure_ascii=False, sort_keys=True, default=str)
    return written.replace("=\\r\\n", "").replace("=\\n", "")


def _same(event: Any, raw: str) -> str:
    """The provider's id of the event stays when it is sent again; without one the text must do."""
    own = f"{event.event_type} {event.event_id} {event.recipient}" if event.event_id else raw
    return sha256_of(own.encode("utf-8", "replace"))


def _uuid(text: Any) -> UUID | None:
    try:
        return UUID(str(text))
    except ValueError:
        return None
