"""The question, the reply, and what a register is."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Protocol

from distribution.account import Account
from distribution.reasons import printable
from distribution.states import Answer

MAX_WORDS = 300


class RegisterName(StrEnum):
    EINVOICE = "einvoice"  # ELMA and the rest of Peppol
    EFAKTURA = "efaktura"  # consumers who said yes to all issuers


@dataclass(frozen=True, slots=True)
class Query:
    """`identifier` is `scheme:value` in lower case for e-invoice, a mobile number or e-mail for eFaktura.

    Who asks is part of the question, and so is whose birth number (`sealed_id`) stands in it: a register that wants keys may
    answer one company and not another, and two persons with one telephone differently. `account` and `national_id` are what
    the two open, filled in by `distribution.lookups` for those registers alone.
    """

    register: RegisterName
    identifier: str
    document: str
    company: int | None = None
    sealed_id: bytes = field(default=b"", repr=False)
    account: Account | None = field(default=None, compare=False, repr=False)
    national_id: str = field(default="", compare=False, repr=False)

    @property
    def kept_as(self) -> str:
        """Whom the kept answer is about. A person with a birth number is known by a hash of it as it is sealed, which nobody can
        count back from: whoever shares his telephone or e-mail has an answer of his own."""
        return f"person:{sha256(self.sealed_id).hexdigest()}" if self.sealed_id else self.identifier

    @property
    def anybodys(self) -> "Query":
        """The same as everybody may ask it."""
        return Query(self.register, self.identifier, self.document)


@dataclass(frozen=True, slots=True)
class Reply:
    answer: Answer
    reason: str  # its source, and in plain words why: «smp.example: expired 2026-07-21»; for the timeline and for ops
    asked_at: datetime
    smp: str = ""  # the host that answered for a participant of Peppol
    recipient: str = ""  # the address that the register knows him by, where it told: surer than what it was asked about

    def __post_init__(self) -> None:
        """The words are a stranger's in part; one that no database takes would stop everybody asked together with him."""
        object.__setattr__(self, "reason", printable(self.reason)[:MAX_WORDS])


class Register(Protocol):
    needs_account: bool = False  # asked for each company with its own `query.account`; else once for all

    def ask(self, query: Query) -> Reply:
        """Asks now, without a cache. Outage, time-out and nonsense are `Answer.UNKNOWN` with the cause as reason."""
        ...
