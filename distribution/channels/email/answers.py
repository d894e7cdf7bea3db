"""What a mail server's no means: the basic code with the enhanced one (RFC 3463, RFC 5248), sorted into the error classes.

4xx           Temporary; throttled (432, 4.3.2, 4.7.x) and full mailboxes (4.2.2, 452) after a longer pause
5.1.x, 5.2.1  RecipientRefused: nobody there (but 5.1.7 and 5.1.8, which speak of the sender)
5.2.2         Temporary: the mailbox is full, which passes
5.2.3, 5.3.4  TooLarge
5.4.x         RecipientRefused: no way to there
5.5.x, 5.6.x  DocumentRefused
5.7.x         WeAreRefused: who we are or what we may, true of every mail
"""

import re

from distribution.channels.base import (
    DeliveryError,
    DocumentRefused,
    RecipientRefused,
    Temporary,
    TooLarge,
    WeAreRefused,
)

THROTTLED_SECONDS, FULL_SECONDS = 60.0, 3600.0
RECIPIENT, TEXT = "recipient", "text"  # which step was answered; every other one speaks of us
_ENHANCED = re.compile(r"^\s*([245])\.(\d{1,3})\.(\d{1,3})(?!\d)")
_NOBODY_THERE = frozenset({501, 550, 551, 553, 556})
_STORAGE = 552
_SIZE = frozenset({(2, 3), (3, 4)})
_FULL = 452
_OF_THE_SENDER = frozenset({7, 8})


def refusal(code: int, text: str, step: str) -> DeliveryError:
    """Raised by whoever asked; `step` is RECIPIENT, TEXT, or the name of another command, whose answer speaks of us."""
    said = f"{code} {text}"[:300]
    subject, detail = _enhanced(text)
    if code < 500:
        return Temporary(said, later=_pause(code, subject, detail, step))
    if step not in (RECIPIENT, TEXT):
        return (
            TooLarge(said)
            if (subject, detail) in _SIZE or (subject is None and code == _STORAGE)
            else WeAreRefused(said)
        )
    match subject, detail:
        case (None | 0, _):
            return _unspecific(code, said, step)
        case (5, 0) if step == RECIPIENT:
            return _unspecific(code, said, step)
        case (1, detail) if detail not in _OF_THE_SENDER:
            return RecipientRefused(said)
        case (2, 2):
            return Temporary(said, later=FULL_SECONDS)
        case size if size in _SIZE:
            return TooLarge(said)
        case (2 | 4, _):
            return RecipientRefused(said)
        case (5 | 6, _):
            return DocumentRefused(said)
        case _:
            return WeAreRefused(said)


def _unspecific(code: int, said: str, step: str) -> DeliveryError:
    """By the basic code alone (RFC 5321, 4.2.3)."""
    if step == RECIPIENT and code in _NOBODY_THERE:
        return RecipientRefused(said)
    if code == _STORAGE:  # of a mailbox when that is named, of the server when it has seen the text
        return Temporary(said, later=FULL_SECONDS) if step == RECIPIENT else TooLarge(said)
    return DocumentRefused(said) if step == TEXT else WeAreRefused(said)


def _pause(code: int, subject: int | None, detail: int, step: str) -> float:
    """At least so many seconds."""
    if (subject, detail) == (2, 2) or (code == _FULL and step == RECIPIENT and subject is None):
        return FULL_SECONDS
    if code == 432 or (subject, detail) == (3, 2) or subject == 7:
        return THROTTLED_SECONDS
    return 0


def _enhanced(text: str) -> tuple[int | None, int]:
    """Subject and detail; no subject where the server gave none."""
    found = _ENHANCED.match(text)
    return (int(found[2]), int(found[3])) if found else (None, 0)
