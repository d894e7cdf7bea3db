"""E-invoice and eFaktura through AutoInvoice: our key is its `uuid`, so an offer can be repeated and asked about.

The recipient's channel is our decision: its other routes are shut, and a consumer's is the netbank alone (R21).
"""

import hashlib
import json
import re
import time
from collections.abc import Sequence
from typing import Any

from distribution.account import Account
from distribution.autoinvoice.breaker import TryLater
from distribution.autoinvoice.client import KeysRefused, Said, call
from distribution.autoinvoice.efaktura import identifier_in
from distribution.autoinvoice.phones import international
from distribution.channels.base import (
    Accepted,
    AccountRefused,
    AlreadySent,
    DocumentRefused,
    News,
    Outgoing,
    Temporary,
    Transport,
    Uncertain,
)
from distribution.channels.einvoice.answers import news_of, refusal
from distribution.http import NotSent, Unanswered

PARTICIPANT = re.compile(r"\d{4}:")
TAKEN = 409  # «existing uuid tells you it was created»
AT_ONCE = 100  # ids in one question


class AutoInvoice(Transport):
    can_ask = needs_account = follows = True

    def send(self, outgoing: Outgoing) -> Accepted:
        account = _account(outgoing)
        form = {**_terms(outgoing), **_recipient(outgoing.to)}
        files = {"file": (outgoing.filename, outgoing.data, "application/xml")}
        try:
            said = call(account, "POST", "/v1/invoices", seconds=outgoing.seconds_left(), data=form, files=files)
        except NotSent as error:
            raise _later(error) from error
        except Unanswered as error:
            raise Uncertain(str(error)) from error
        except KeysRefused as error:
            raise AccountRefused(str(error)) from error
        if said.status == TAKEN:
            return self._already_there(outgoing, said)
        if not said.good:
            raise refusal(said)
        if not _is_invoice(said.facts):
            raise Uncertain(f"{said.status} {said.body[:60]!r}")
        return Accepted(str(said.facts["id"]), str(said.facts["status"]))

    def ask(self, outgoing: Outgoing) -> Accepted | None:
        said = _read(_account(outgoing), f"/v1/invoices/{outgoing.key}", outgoing.ends)
        if said.status == 404:
            return None
        if not said.good or not _is_invoice(said.facts):
            raise Temporary(said.words, said.later)
        _refuse_if_not_ours(outgoing, said.facts)
        return Accepted(str(said.facts["id"]), str(said.facts["status"]))

    def fates(self, references: Sequence[str], account: Account, ends: float) -> dict[str, News]:
        found: dict[str, News] = {}
        for start in range(0, len(references), AT_ONCE):
            asked = [("ids[]", one) for one in references[start : start + AT_ONCE]]
            query = [("direction", "SENT"), ("per_page", str(AT_ONCE)), *asked]
            said = _read(account, "/v1/invoices", ends, query)
            if not said.good or not isinstance(said.facts, list):
                raise Temporary(said.words, said.later)
            found |= {str(one["id"]): news_of(one, json.dumps(one)) for one in said.facts if _is_invoice(one)}
        return found

    def _already_there(self, outgoing: Outgoing, said: Said) -> Accepted:
        """T46: after checking that it is ours. Where that can't be found out, the sweep asks once more."""
        try:
            there = self.ask(outgoing)
        except Temporary as silence:
            raise Uncertain(silence.answer) from silence
        if there is None:
            raise Uncertain(said.words)
        raise AlreadySent(there.reference)


def _terms(outgoing: Outgoing) -> dict[str, Any]:
    return {"format": "PEPPOLBIS30", "uuid": outgoing.key, "disabled_routes[]": ["print", "email"]}


def _recipient(to: tuple[str, ...]) -> dict[str, Any]:
    """Raises DocumentRefused for more recipients than it can express."""
    if len(to) != 1:
        raise DocumentRefused(f"{len(to)} recipients")
    (address,) = to
    if PARTICIPANT.match(address):
        return {"recipient_type": "b2b", "recipient_eia": address}
    consumer = {"recipient_type": "consumer", "route_order[]": ["netbank"], "b2cno_document_type": "INVOICE"}
    if found := identifier_in(address):
        return {**consumer, "recipient_efaktura_id": found}
    if "@" in address:
        return {**consumer, "recipient_email": address}
    return {**consumer, "recipient_phone_number": international(address)}


def _account(outgoing: Outgoing) -> Account:
    if outgoing.account is None:
        raise Temporary("no account")  # delivery holds what is to be sent without one; a question waits for it
    return outgoing.account


def _read(account: Account, path: str, ends: float, query: Sequence[tuple[str, str]] = ()) -> Said:
    """What can't be read now is read later; a read changes nothing."""
    try:
        return call(account, "GET", path, seconds=max(0.0, ends - time.monotonic()), query=query)
    except NotSent as error:
        raise _later(error) from error
    except (Unanswered, KeysRefused) as error:
        raise Temporary(str(error)) from error


def _later(error: NotSent) -> Temporary:
    return Temporary(str(error), error.later if isinstance(error, TryLater) else 0)


def _is_invoice(facts: Any) -> bool:
    return isinstance(facts, dict) and bool(facts.get("id")) and isinstance(facts.get("status"), str)


def _refuse_if_not_ours(outgoing: Outgoing, entity: dict[str, Any]) -> None:
    """By its number, and by its bytes where it gives back the file that we named. Raises DocumentRefused."""
    if str(entity.get("number") or outgoing.invoice) != outgoing.invoice:
        raise DocumentRefused(f"{outgoing.key}: {entity['number']}")
    files = entity.get("files")
    named = [one for one in files if isinstance(one, dict)] if isinstance(files, list) else []
    for file in named:
        if file.get("filename") == outgoing.filename and file.get("type") == "ORIGINAL":
            _refuse_other_bytes(outgoing, f"/v1/invoices/{entity['id']}/files/{file.get('id')}")


def _refuse_other_bytes(outgoing: Outgoing, path: str) -> None:
    said = _read(_account(outgoing), path, outgoing.ends)
    if not said.good:
        raise Temporary(said.words, said.later)
    if hashlib.sha256(said.body).hexdigest() != outgoing.sha256:
        raise DocumentRefused(f"{outgoing.key}: SHA-256")
