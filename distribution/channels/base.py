"""What every channel is given and gives back. The class of the error says what happens next; nothing else does."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from distribution.account import Account
from distribution.documents.invoice import DocumentType, InvoiceData
from distribution.states import ChannelName, Fate, Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """The company, as its recipients see it."""

    identifier: str  # its Peppol id
    name: str
    email: str  # verified, to answer to; empty where it is not
    logo: bytes = field(default=b"", repr=False)  # PNG


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """All that a channel may put into what leaves. `link` is the customer's address of this invoice; say so if you use it.

    `ubl` is the document as it came, `open_document` reads it: a channel that only passes it on need not pay for that.
    """

    key: str
    made_at: datetime
    sender: Sender
    to: tuple[str, ...]
    document_type: DocumentType
    number: str
    ubl: bytes
    open_document: Callable[[], InvoiceData]
    own_pdf: bytes | None
    own_pdf_for_print: bool
    attach_pdf: bool
    email_text: str
    language: str
    link: str
    test: bool
    page: str = ""  # the invoice's own page, for a user who signs in
    too_large: bool = False  # the mail server has refused the mail with the PDF for its size
    user_language: str = "nb"  # of the user who sent it
    others: tuple["Brief", ...] = ()  # what else goes in the same mail, to a user who wants it so


@dataclass(frozen=True, slots=True)
class Content:
    """The bytes that will leave, to be frozen before the first attempt (R34)."""

    filename: str
    data: bytes
    uses_link: bool = False
    too_large: bool = False  # for a mail with the PDF, so that it carries a link instead
    added: str = ""  # the electronic address that the document lacked, to tell
    checked: tuple[str, ...] = ()  # the layers of rules that it was held against
    mended: tuple[tuple[str, dict[str, Any]], ...] = ()  # in the company's own PDF, as `own_pdf.findings` has it
    cover_sheet: bool = False  # that the print house lays before it (R11)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """One attempt. `key` is the same over all attempts and is how the outside can be asked.

    `ends` is a time of the monotonic clock, well before the lease runs out: a transport looks at it just before the byte that
    may make the provider accept, so that a worker that stood still does not send what another has sent meanwhile.
    """

    key: str
    channel: ChannelName
    company: str
    invoice: str
    to: tuple[str, ...]
    filename: str
    data: bytes
    sha256: str
    created: datetime
    ends: float
    test: bool
    cover_sheet: bool = False  # the print house lays one before it, with `to` in the window (R11)
    account: Account | None = field(default=None, repr=False)  # where the transport needs one

    def seconds_left(self) -> float:
        """Raises Temporary when there are none: surely not sent."""
        left = self.ends - time.monotonic()
        if left <= 0:
            raise Temporary("deadline")
        return left


@dataclass(frozen=True, slots=True)
class Said:
    """What was said of one of several recipients."""

    address: str
    outcome: Outcome
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Accepted:
    """Handed over. `reference` is the provider's own id, `answer` its words; `recipients` where there are several, each."""

    reference: str = ""
    answer: str = ""
    recipients: tuple[Said, ...] = ()


@dataclass(frozen=True, slots=True)
class News:
    """What has become of an accepted invoice, as the provider tells it. `raw` is what it said, to keep."""

    fate: Fate
    answer: str = ""
    raw: str = ""


class DeliveryError(Exception):
    """`answer` is what the provider said, in its words; `recipients` where there are several, each."""

    outcome: Outcome
    reason = "document_refused"  # of a delivery that is held by it, a code of `distribution.reasons`

    def __init__(self, answer: str, recipients: tuple[Said, ...] = ()) -> None:
        super().__init__(answer)
        self.answer = answer
        self.recipients = recipients


class Temporary(DeliveryError):
    """Surely not accepted; the same channel may work later. `later` asks for at least so many seconds of pause."""

    outcome = Outcome.TEMPORARY

    def __init__(self, answer: str, later: float = 0, recipients: tuple[Said, ...] = ()) -> None:
        super().__init__(answer, recipients)
        self.later = later


class RecipientRefused(DeliveryError):
    """This recipient can't be reached on this channel: the next one (R31)."""

    outcome = Outcome.RECIPIENT_REFUSED


class DocumentRefused(DeliveryError):
    """The document is wrong, and would be on every channel: a person (R31)."""

    outcome = Outcome.DOCUMENT_REFUSED


class NotValid(DocumentRefused):
    """It breaks the rules of its own format: found by us, before any byte left (T90). `facts` as a finding has them."""

    reason = "not_valid"

    def __init__(self, facts: Sequence[tuple[str, str, str]]) -> None:
        super().__init__(", ".join(rule for rule, _where, _text in facts))
        self.told = {"findings": facts}


class NotForPrint(DocumentRefused):
    """The company's own PDF, by the print house's rules: found by us, before any byte left (T79). `facts` as a finding has them."""

    reason = "not_for_print"

    def __init__(self, facts: Sequence[tuple[str, dict[str, Any]]]) -> None:
        super().__init__(", ".join(code for code, _facts in facts))
        self.told = {"print_findings": facts}


class TooLarge(DocumentRefused):
    """Too large for this way; a smaller form of it may go (R13)."""

    reason = "too_large"


class WeAreRefused(DocumentRefused):
    """Neither this document nor any other of ours: who we are, or what we may. Ops must mend that first."""

    reason = "we_are_refused"


class AccountRefused(DocumentRefused):
    """Neither this document nor any other of this company: wrong keys, an empty quota. A person must mend that first (T59)."""

    reason = "account_refused"


class AlreadySent(DeliveryError):
    """The provider has this key with these bytes."""

    outcome = Outcome.ALREADY_SENT


class Uncertain(DeliveryError):
    """It may have been accepted: ask by key, never send again blindly (R32)."""

    outcome = Outcome.UNCERTAIN


class Transport(Protocol):
    """The way to one provider. `can_ask` is fixed: whether the provider knows our key afterwards; `needs_account`: whether
    it takes the company's keys; `follows`: whether it tells later what became of what it accepted."""

    can_ask: bool
    needs_account: bool = False
    follows: bool = False

    def send(self, outgoing: Outgoing) -> Accepted:
        """Raises one of the five errors above."""
        ...

    def ask(self, outgoing: Outgoing) -> Accepted | None:
        """Whether the provider has our key: what it accepted, or None when it surely has not. Raises Temporary when it does not answer."""
        ...

    def fates(self, references: Sequence[str], account: Account, ends: float) -> dict[str, News]:
        """By reference, of those that it knows; asked together where `follows`. Raises Temporary when it does not answer."""
        return {}


class Channel(Protocol):
    name: ChannelName
    starts_service: bool  # the first use is kept as «on since» (R23)
    to_each: bool = (
        False  # `to` are recipients, each of whom gets it by himself (T70); else it is one recipient, in lines
    )

    def prepare(self, brief: Brief) -> Content:
        """The bytes that will leave. Raises DocumentRefused where the document can't go this way."""
        ...

    def transport(self, to: tuple[str, ...]) -> str:
        """The name, in the registry, of the transport that the settings choose for these recipients."""
        ...
