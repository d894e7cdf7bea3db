"""The question, the reply, and what a register is."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from distribution.states import Answer


class RegisterName(StrEnum):
    EINVOICE = "einvoice"  # ELMA and the rest of Peppol
    EFAKTURA = "efaktura"  # consumers who said yes to all issuers


@dataclass(frozen=True, slots=True)
class Query:
    """`identifier` is `scheme:value` in lower case for e-invoice, a mobile number or e-mail for eFaktura."""

    register: RegisterName
    identifier: str
    document: str


@dataclass(frozen=True, slots=True)
class Reply:
    answer: Answer
    reason: str  # its source, and in plain words why: «smp.example: expired 2026-07-21»; for the timeline and for ops
    asked_at: datetime
    smp: str = ""  # the host that answered for a participant of Peppol


class Register(Protocol):
    def ask(self, query: Query) -> Reply:
        """Asks now, without a cache. Outage, time-out and nonsense are `Answer.UNKNOWN` with the cause as reason."""
        ...
