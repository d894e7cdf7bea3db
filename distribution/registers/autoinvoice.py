"""The provider's own directories: who receives e-invoices (with document types), and which consumers said yes to eFaktura.

Only a sure answer is one: an outage, keys that are refused, nonsense and a page that may be cut off are unknown (R25, F23).
"""

import re
from typing import Any

from django.utils import timezone

from distribution.account import Account
from distribution.autoinvoice.client import KeysRefused, call
from distribution.autoinvoice.efaktura import address_of
from distribution.autoinvoice.phones import international
from distribution.http import CallFailed
from distribution.registers.base import Query, Register, RegisterName, Reply
from distribution.registers.peppol.identifiers import DOCUMENT_SCHEME, DOCUMENTS
from distribution.states import Answer

SECONDS = 5  # a silent one opens the breaker within half a lease
PAGE = 100
ROUTE = "yes2all"  # «Ja takk til alle»
ROUTES = {
    "RECEIVING": Answer.REGISTERED,
    "NOT_RECEIVING": Answer.NOT_REGISTERED,
    "NOT_AVAILABLE": Answer.NOT_REGISTERED,
}
Told = tuple[Answer, str]
WORDS = {name.replace("_", ""): name for name in DOCUMENTS}
IDENTIFIERS = {identifier.value: name for name, identifier in DOCUMENTS.items()}
OTHER, UNFAMILIAR = "other", "unfamiliar"  # another document for sure; a word that may mean any


class AutoInvoiceRegister(Register):
    needs_account = True

    def ask(self, query: Query) -> Reply:
        nobody = (Answer.UNKNOWN, "no account", "")
        answer, reason, recipient = _ask(query, query.account) if query.account else nobody
        return Reply(answer, _without(query.national_id, reason), timezone.now(), recipient=recipient)


def _ask(query: Query, account: Account) -> tuple[Answer, str, str]:
    consumer = query.register == RegisterName.EFAKTURA
    path = "/v1/lookup/consumers" if consumer else "/v1/lookup/receivers"
    try:
        said = call(account, "GET", path, seconds=SECONDS, query=_consumer(query) if consumer else _receiver(query))
    except (CallFailed, KeysRefused) as error:
        return Answer.UNKNOWN, str(error), ""
    if said.status != 200:
        return Answer.UNKNOWN, said.words, ""
    if not consumer:
        return *_document(said.facts, query), ""
    return *_route(said.facts), _recipient(said.facts, query)


def _receiver(query: Query) -> list[tuple[str, str]]:
    return [("eia", query.identifier), ("network[]", "PEPPOL"), ("per_page", str(PAGE))]


def _consumer(query: Query) -> list[tuple[str, str]]:
    """By birth number where one was given, which says more surely who he is; it goes nowhere else."""
    if query.national_id:
        who = ("ssn", query.national_id)
    elif "@" in query.identifier:
        who = ("email", query.identifier)
    else:
        who = ("phone_number", international(query.identifier))
    return [who, ("routes[]", ROUTE)]


def _document(facts: Any, query: Query) -> Told:
    """Registered for this kind of document: a receiver of invoices may well take no credit notes (F24). A sure no is an empty
    list, or one that has this receiver and names nothing that might be the document."""
    if not isinstance(facts, list) or not all(_is_receiver(one) for one in facts):
        return Answer.UNKNOWN, "not a list of receivers"
    ours = [one for one in facts if one["eia"].lower() == query.identifier.lower()]
    kinds = {_kind(kind) for one in ours for kind in one["document_types"]}
    if query.document in kinds:
        return Answer.REGISTERED, "AutoInvoice"
    if facts and not ours:
        return Answer.UNKNOWN, "an answer about other receivers"
    if len(facts) >= PAGE:
        return Answer.UNKNOWN, f"{PAGE} receivers, and perhaps more"
    if UNFAMILIAR in kinds:
        return Answer.UNKNOWN, "unfamiliar kinds of document"
    return Answer.NOT_REGISTERED, f"AutoInvoice: {', '.join(sorted(kinds)) or '–'}"


def _kind(told: dict[str, Any]) -> str:
    """Which of our documents it is: by its word, else by its identifier in Peppol, which also tells that it is none of them."""
    word = _plain(told.get("document_type"))
    identifier = str(told.get("document_identifier")).removeprefix(f"{DOCUMENT_SCHEME}::")
    unnamed = OTHER if "##" in identifier else UNFAMILIAR
    return WORDS.get(word) or IDENTIFIERS.get(identifier, unnamed)


def _route(facts: Any) -> Told:
    status = str(_found(facts).get("status", "no answer"))
    return ROUTES.get(status, Answer.UNKNOWN), f"AutoInvoice: {status}"


def _recipient(facts: Any, query: Query) -> str:
    """Of whom it found. What has his birth number in it is not taken: that stands in no row and goes to nobody else."""
    found = address_of(_found(facts).get("efaktura_identifier"))
    return "" if query.national_id and query.national_id in re.sub(r"\D", "", found) else found


def _found(facts: Any) -> dict[str, Any]:
    routes = facts.get("routes") if isinstance(facts, dict) else None
    route = routes.get(ROUTE) if isinstance(routes, dict) else None
    return route if isinstance(route, dict) else {}


def _is_receiver(one: Any) -> bool:
    if not isinstance(one, dict) or not isinstance(one.get("eia"), str):
        return False
    kinds = one.get("document_types")
    return isinstance(kinds, list) and all(isinstance(kind, dict) for kind in kinds)


def _plain(name: object) -> str:
    """CreditNote, credit_note and CREDIT NOTE are the same."""
    return re.sub(r"[^a-z]", "", name.lower()) if isinstance(name, str) else ""


def _without(national_id: str, words: str) -> str:
    """A provider may say a birth number back, in groups of its own; it must stand in no fact, row or log."""
    return re.sub(r"\W{0,2}".join(national_id), "…", words) if national_id else words
