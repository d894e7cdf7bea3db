"""Reads a mail that came to a return path: RFC 3464 reports, RFC 5965 complaints, and the free text of servers that know
neither. Pure, and no bytes make it fail: what is no report says nothing.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message

from distribution.bounces.fields import LONGEST, blocks_of, text_of
from distribution.bounces.sorting import WEIGHT, Kind, sorted_by_code, sorted_by_words, status_in

READ = 1_000_000  # bytes; a report stands before the mail that it returns, which may be as large as it likes
WORDS = 400
REPORTS = ("message/delivery-status", "message/global-delivery-status")
COMPLAINTS = "message/feedback-report"
RETURNED = ("message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers", *REPORTS, COMPLAINTS)
DAEMON = re.compile(r"mailer-?daemon|postmaster|mail delivery|microsoftexchange", re.IGNORECASE)
FAILURE = re.compile(
    r"undeliver|delivery (?:status|failure|failed|has failed|problem|report)|failure notice|returned mail"
    r"|mail (?:delivery|system error)|could not be delivered|kan ikke leveres|ikke levert|delayed mail|non-?delivery",
    re.IGNORECASE,
)
# Where the mail that came back begins, in a report that is one text.
BELOW = re.compile(
    r"^-{2,}.{0,40}(?:copy of the message|original message|message (?:header|follows)|returned message)"
    r"|^Return-Path:|^Received:|^This is a copy of (?:the|your) message",
    re.IGNORECASE | re.MULTILINE,
)


RETURNED_PART = re.compile(
    rb"^Content-Type:\s*(?:message/rfc822|text/rfc822-headers|message/global(?:-headers)?)\b",
    re.IGNORECASE | re.MULTILINE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What was said of one recipient. `recipient` is the one that failed, `original` whom the mail was for, where that was told;
    `words` are the other server's."""

    kind: Kind
    recipient: str = ""
    original: str = ""
    status: str = ""
    words: str = ""


class Unreadable(Exception):
    """It says that it is a report, and can't be read."""


def reports_in(raw: bytes) -> list[Report]:
    """Empty where it is no report. Raises Unreadable."""
    try:
        message = message_from_bytes(raw[:READ])
        parts = list(message.walk())
    except RecursionError as error:  # thousands of parts in each other
        raise Unreadable from error
    if complaint := next((part for part in parts if part.get_content_type() == COMPLAINTS), None):
        return _complaint(complaint)
    prose = _prose(parts)
    for part in parts:
        if part.get_content_type() in REPORTS:
            found = list(_delivery_status(part, prose))
            return found or _text_report(message, prose, sure=True)
    return _text_report(message, prose, sure=message.get_param("report-type") is not None)


def told_above(raw: bytes) -> str:
    """The mail without the one that it returns: that is ours, and holds the customer's link."""
    head, blank, body = raw.replace(b"\r\n", b"\n").partition(b"\n\n")
    part = RETURNED_PART.search(body)
    text = body[: part.start() if part else len(body)].decode("utf-8", "replace")
    below = BELOW.search(text)
    return (head + blank).decode("utf-8", "replace") + text[: below.start() if below else len(text)]


def worst(reports: list[Report], address: str) -> Report | None:
    """The one that decides about this address: what names it comes before what names another one, to which it was forwarded."""
    ours = [one for one in reports if names(one, address)] or reports
    return min(ours, key=lambda one: WEIGHT.index(one.kind), default=None)


def names(report: Report, address: str) -> bool:
    """A report that names nobody is about whom the return path names."""
    told = {report.recipient.lower(), report.original.lower()} - {""}
    return not told or address.lower() in told


def _delivery_status(part: Message, prose: str) -> Iterator[Report]:
    for fields in blocks_of(part):
        if "final-recipient" in fields or "action" in fields or "status" in fields:
            words = _after_type(fields.get("diagnostic-code", ""))
            status = status_in(fields.get("status", "")) or status_in(words)
            action = fields.get("action", "").split(" ")[0].lower()
            yield Report(
                kind=_kind(action, fields.get("status", ""), words, prose),
                recipient=_address(fields.get("final-recipient", "")),
                original=_address(fields.get("original-recipient", "")),
                status=status,
                words=(words or fields.get("status", ""))[:WORDS],
            )


def _kind(action: str, status: str, words: str, prose: str) -> Kind:
    match action:
        case "failed":
            return sorted_by_code(words, status) or sorted_by_words(words) or sorted_by_words(prose) or Kind.REFUSED
        case "delayed":
            return Kind.DELAYED
        case "delivered":
            return Kind.DELIVERED
        case "relayed" | "expanded":
            return Kind.NOTHING
    kind = sorted_by_code(words, status)  # no action, or none that we know
    return Kind.DELAYED if kind == Kind.SOFT and status.startswith("4") else kind or Kind.NOTHING


def _complaint(part: Message) -> list[Report]:
    """RFC 5965. Of its kinds «abuse» alone is a person's complaint; it names the recipient only if the provider wants."""
    fields = {name: value for block in blocks_of(part) for name, value in block.items()}
    if fields.get("feedback-type", "").lower() != "abuse":
        return []
    recipient = _address(fields.get("original-rcpt-to", ""))
    return [Report(kind=Kind.COMPLAINT, recipient=recipient, words=fields.get("user-agent", "")[:WORDS])]


def _text_report(message: Message, prose: str, *, sure: bool) -> list[Report]:
    """By the words of a server that knows no RFC 3464. `sure`: it claims to be a report; else its sender or subject must say so,
    for whoever is on holiday answers to the return path too."""
    about = f"{message.get('From', '')} {message.get('Return-Path', '')}"
    daemon, failure = DAEMON.search(about), FAILURE.search(str(message.get("Subject", "")))
    if not sure and not (failure and (daemon or message.get("X-Failed-Recipients"))) and not _is_qmail(prose):
        return []
    delayed = sorted_by_words(str(message.get("Subject", ""))) == Kind.DELAYED
    kind = Kind.DELAYED if delayed else _kind_of_text(prose)
    return [
        Report(
            kind=kind,
            recipient=_address(str(message.get("X-Failed-Recipients", "")).split(",")[0]),
            status=status_in(prose),
            words=_told_in(prose),
        )
    ]


def _kind_of_text(prose: str) -> Kind:
    words = sorted_by_words(prose)
    if words == Kind.DELAYED:
        return words
    return sorted_by_code(prose) or words or Kind.REFUSED  # it came back, and nobody knows why: a person


def _told_in(prose: str) -> str:
    """The line with the code, else the first ones."""
    lines = [" ".join(line.split()) for line in prose.splitlines() if line.strip()]
    coded = [line for line in lines if sorted_by_code(line) is not None]
    return " ".join(coded or lines)[:WORDS]


def _is_qmail(prose: str) -> bool:
    """D. J. Bernstein's QSBMF: its first line is fixed."""
    return prose.lstrip().startswith("Hi. This is the ")


def _prose(parts: list[Message]) -> str:
    """What a person would read, without the mail that came back."""
    told = ""
    for part in parts:
        if part.get_content_type() in RETURNED:
            break
        if part.get_content_maintype() == "text":
            told += text_of(part)
    below = BELOW.search(told[:LONGEST])
    return told[: below.start() if below else LONGEST]


def _after_type(value: str) -> str:
    """`smtp; 550 …` without its type; Exchange writes some more in front."""
    kind, semicolon, words = value.partition(";")
    return " ".join((words if semicolon and len(kind) < 30 else value).split())


def _address(value: str) -> str:
    """Of `rfc822; <kunde@firma.test>`."""
    return value.rpartition(";")[2].strip().strip("<>").strip()[:254]
