"""The question, the reply, and what a register is."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from distribution.account import Account
from distribution.states import Answer


class RegisterName(StrEnum):
    EINVOICE = "einvoice"  # ELMA and the rest of Peppol
    EFAKTURA = "efaktura"  # consumers who said yes to all issuers


@dataclass(frozen=True, slots=True)
class Query:
    """`identifier` is `scheme:value` in lower case for e-invoice, a mobile number or e-mail for eFaktura.

    What it asks about is the same whoever asks: the company and its keys, for a register that wants them, make no other
    question, nor does the birth number of the same person (`sealed_id`, which `distribution.lookups` opens for those registers).
    """

    register: RegisterName
    identifier: str
    document: str
    company: int | None = field(default=None, compare=False)
    account: Account | None = field(default=None, compare=False, repr=False)
    sealed_id: bytes = field(default=b"", compare=False, repr=False)
    national_id: str = field(default="", compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Reply:
    answer: Answer
    reason: str  # its source, and in plain words why: «smp.example: expired 2026-07-21»; for the timeline and for ops
    asked_at: datetime
    smp: str = ""  # the host that answered for a participant of Peppol
    recipient: str = ""  # the address that the register knows him by, where it told: surer than what it was asked about


class Register(Protocol):
    needs_account: bool = False  # `query.account`, filled by `distribution.lookups`

    def ask(self, query: Query) -> Reply:
        """Asks now, without a cache. Outage, time-out and nonsense are `Answer.UNKNOWN` with the cause as reason."""
        ...
