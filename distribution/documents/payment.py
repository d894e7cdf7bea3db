"""Who is paid, and how, in the terms of EN 16931. The first account and its KID stand in the invoice itself."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Payee:
    """BG-10, where it is not the seller. An identifier of scheme SEPA is the bank's number for the creditor (BT-90)."""

    name: str
    identifiers: tuple[tuple[str, str], ...] = ()
    legal_id: str = ""
    legal_id_scheme: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """BG-17. `number` is an IBAN or a BBAN as written."""

    number: str
    name: str = ""
    bic: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """BG-18: paid by it already. `number` is its last digits (BR-51)."""

    number: str
    network: str = ""  # UBL wants it; no business term
    holder: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectDebit:
    """BG-19: the payee fetches it from `account`, by the mandate that the buyer gave."""

    mandate: str = ""
    account: str = ""
