"""What an answer about a mail means for the address: RFC 3463's status, else RFC 5321's code, else words. Pure."""

import re
from enum import StrEnum


class Kind(StrEnum):
    HARD = "hard"  # the address is dead
    REFUSED = "refused"  # this mail was refused, for its looks or its sender: the address may be well
    TOO_LARGE = "too_large"  # for its size: a smaller one may arrive
    SOFT = "soft"  # it did not get through this time
    DELAYED = "delayed"  # it is still being tried: no failure
    COMPLAINT = "complaint"
    DELIVERED = "delivered"
    NOTHING = "nothing"  # an automatic reply, or nothing that we know


# From the one that decides to the one that matters least, where several were told at once.
WEIGHT = (
    Kind.HARD,
    Kind.REFUSED,
    Kind.TOO_LARGE,
    Kind.SOFT,
    Kind.DELAYED,
    Kind.COMPLAINT,
    Kind.DELIVERED,
    Kind.NOTHING,
)
# Permanent by its class, and yet not «this address is dead» (RFC 3463, 3; F37).
PERMANENT: dict[str, Kind] = {
    "1.7": Kind.REFUSED,  # the sender's address
    "1.8": Kind.REFUSED,
    "2.2": Kind.SOFT,  # mailbox full
    "2.3": Kind.TOO_LARGE,  # larger than the mailbox takes
    "3.1": Kind.SOFT,  # the mail system is full
    "3.2": Kind.SOFT,  # takes nothing just now
    "3.4": Kind.TOO_LARGE,  # larger than the system takes
    "4.5": Kind.SOFT,  # congestion
    "4.7": Kind.SOFT,  # tried for too long
}
REFUSED_SUBJECTS = ("6", "7")  # the content; security and policy
UNSPECIFIC = "0.0"
CODES: dict[str, Kind] = {"552": Kind.SOFT, "554": Kind.REFUSED}  # RFC 5321, 4.2.3; other 5xx: the address

_STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.]*\d)")
_CODE = re.compile(
    r"(?:\A|said|error|reply|response|answer|smtp;|after [A-Z ]{4,20})[^\n\d]{0,60}([245]\d\d)(?=[\s-])", re.I
)
_PHRASES = (
    (
        Kind.DELAYED,
        r"still being (?:re)?tried|will (?:be retried|keep trying|retry)|not (?:yet )?been delivered|delayed",
    ),
    (Kind.SOFT, r"(?:mailbox|quota|inbox) (?:is |was )?(?:full|exceeded)|over (?:its )?quota|insufficient storage"),
    (Kind.TOO_LARGE, r"too (?:large|big)|exceeds? .{0,30}size"),
    (Kind.REFUSED, r"spam|blacklist|block(?:ed|list)|policy|virus"),
    (
        Kind.HARD,
        r"no mailbox here|no such (?:user|recipient|mailbox|person)|user unknown|unknown user|does(?: not|n't) exist"
        r"|address (?:couldn't be|not) found|not found|invalid (?:recipient|mailbox)|mailbox unavailable|disabled",
    ),
)


def sorted_by_code(text: str, status: str = "") -> Kind | None:
    """A failure with this `status` field, if it had one, and the other server's words. None where neither tells."""
    for candidate in (status, text):
        found = _STATUS.search(candidate)
        if found and (found[1] != "5" or f"{found[2]}.{found[3]}" != UNSPECIFIC):
            return _by_status(found[1], found[2], found[3])
    code = _CODE.search(text)
    if code:
        return _by_class(code[1][0]) if code[1][0] != "5" else CODES.get(code[1], Kind.HARD)
    return Kind.HARD if _STATUS.search(status) else None


def sorted_by_words(text: str) -> Kind | None:
    return next((kind for kind, phrase in _PHRASES if re.search(phrase, text, re.IGNORECASE)), None)


def status_in(text: str) -> str:
    found = _STATUS.search(text)
    return ".".join(found.groups()) if found else ""


def _by_status(of_class: str, subject: str, detail: str) -> Kind:
    if of_class != "5":
        return _by_class(of_class)
    if subject in REFUSED_SUBJECTS:
        return Kind.REFUSED
    return PERMANENT.get(f"{subject}.{detail}", Kind.HARD)


def _by_class(of_class: str) -> Kind:
    return Kind.DELIVERED if of_class == "2" else Kind.SOFT
