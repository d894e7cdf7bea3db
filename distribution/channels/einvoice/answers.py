"""What the provider says, translated once into our words: the class of each error, and the fate of what it accepted.

No catalogue of its error codes is public. Another channel is opened by nothing but the few whole sentences that are known to
be about the recipient; a word of them inside another sentence proves nothing. All else goes to a person, or is asked about.
"""

import logging
import re
from typing import Any

from distribution.autoinvoice.client import Said
from distribution.channels.base import (
    AccountRefused,
    DeliveryError,
    DocumentRefused,
    News,
    RecipientRefused,
    Temporary,
    Uncertain,
)
from distribution.states import Fate

logger = logging.getLogger(__name__)
STATUS = re.compile(r"^\d{3}\b")  # of HTTP, before the words
ACCEPTS_NO = ("ehf", "e-invoice", "e-invoices", "efaktura", "credit notes")
NOT_REACHED = frozenset(
    {
        "receiver not found",
        "recipient not found",
        "invalid e-invoice address",
        "operator missing and not in the directory",
        "no applicable route",
        *(f"receiver does not accept {what}" for what in ACCEPTS_NO),
    }
)
SAYS_NOTHING = frozenset({"invalid parameters"})  # codes that stand before any sentence
# Where no sentence of NOT_REACHED is all that was said, in this order; each of them ends with a person.
ABOUT: tuple[tuple[re.Pattern[str], type[DeliveryError]], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), kind)
    for pattern, kind in (
        (r"quota|out of credit|no credits|daily limit|account is locked|unauthorized|vendor api key", AccountRefused),
        (r"no rights|could not find user|first time wizard|company has no postal address|not verified", AccountRefused),
        (r"duplicate|already been sent|xml|schema|schematron|attachment|sender", DocumentRefused),
    )
)
BY_STATUS: dict[int, type[DeliveryError]] = {
    400: DocumentRefused,
    402: AccountRefused,
    403: AccountRefused,
    404: Temporary,
    413: DocumentRefused,
    415: DocumentRefused,
    422: DocumentRefused,
    429: Temporary,
}
FATES = {RecipientRefused: Fate.RECIPIENT_REFUSED, DocumentRefused: Fate.DOCUMENT_REFUSED}


def refusal(said: Said) -> DeliveryError:
    """The error that an offer was answered with; what is not in the tables may have been accepted all the same."""
    if said.status == 503 and said.later:
        return Temporary(said.words, said.later)  # an overload that says when: it was not looked at
    kind = BY_STATUS.get(said.status, Uncertain)
    if kind is DocumentRefused:
        kind = _about(said.words) or kind
    return Temporary(said.words, said.later) if kind is Temporary else kind(said.words)


def news_of(entity: dict[str, Any], raw: str) -> News:
    """From an invoice as the provider has it. An error action while it is PENDING is its own matter: it tries again (T45)."""
    status, words = entity.get("status"), _last_error(entity)
    if status == "DELIVERED":
        return News(Fate.DELIVERED, raw=raw)
    if status == "FAILED":
        return News(FATES.get(_about(words) or DeliveryError, Fate.FAILED), words or "FAILED", raw)
    if status != "PENDING":
        logger.warning("unknown status of an invoice at the provider: %s", str(status)[:40])
    return News(Fate.PENDING, words, raw)


def _about(words: str) -> type[DeliveryError] | None:
    plain = words.replace("_", " ")
    if _not_reached(plain):
        return RecipientRefused
    return next((kind for pattern, kind in ABOUT if pattern.search(plain)), None)


def _not_reached(plain: str) -> bool:
    """Code, message and details are parted by colons: each of them must be known, and one of them a sentence."""
    parts = STATUS.sub("", plain.lower()).split(": ")
    said = {part.strip(" .!") for part in parts} - SAYS_NOTHING
    return bool(said) and said <= NOT_REACHED


def _last_error(entity: dict[str, Any]) -> str:
    actions = entity.get("actions")
    found = [one for one in actions if isinstance(one, dict)] if isinstance(actions, list) else []
    errors = [one for one in found if one.get("type") == "ERROR"]
    errors.sort(key=lambda one: str(one.get("happened_at") or ""))
    return str(errors[-1].get("message") or "")[:300] if errors else ""
