"""Asks the registers, and keeps what they answered with its age. A list reads what is kept; a send asks anew."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta

from django.utils import timezone

from customers.sealed import CannotOpen, unseal
from distribution.accounts import accounts_of
from distribution.models import Lookup
from distribution.registers.base import Query, RegisterName, Reply
from distribution.registers.registry import register_for
from distribution.states import Answer

FRESH = timedelta(hours=1)  # an answer that says the same again is written down once an hour


def ask(queries: Iterable[Query]) -> dict[Query, Reply]:
    """Over the network, never inside a transaction. An outage is an answer, not an error (R25)."""
    return {query: register_for(query.register).ask(query) for query in _with_keys(set(queries))}


def _with_keys(queries: set[Query]) -> list[Query]:
    """Of the company that asks, where the register wants them."""
    wanting = {query.company for query in queries if query.company and register_for(query.register).needs_account}
    accounts = accounts_of(wanting) if wanting else {}
    return [
        replace(query, account=accounts[query.company or 0], national_id=_opened(query.sealed_id))
        if query.company in accounts
        else query
        for query in queries
    ]


def _opened(sealed: bytes) -> str:
    """A birth number that can't be opened any more is as good as none: he is looked up by his number or e-mail."""
    try:
        return unseal(sealed) if sealed else ""
    except CannotOpen:
        return ""


def kept(queries: Iterable[Query]) -> dict[Query, Reply]:
    """The last real answers, each with the time it was given; a query never answered is not in it."""
    wanted = set(queries)
    rows = Lookup.objects.filter(identifier__in={query.identifier for query in wanted}).exclude(answer=Answer.UNKNOWN)
    found = {
        Query(RegisterName(row.register), row.identifier, row.document): Reply(
            Answer(row.answer), row.reason, row.asked_at
        )
        for row in rows
    }
    return {query: reply for query, reply in found.items() if query in wanted}


def remember(replies: Mapping[Query, Reply]) -> None:
    """Keeps answers; an outage leaves the last real answer as it was (P5)."""
    before = kept(replies)
    news = [(query, reply) for query, reply in replies.items() if _is_news(reply, before.get(query))]
    Lookup.objects.bulk_create(
        [_row(query, reply, before.get(query)) for query, reply in news],
        update_conflicts=True,
        unique_fields=["register", "identifier", "document"],
        update_fields=["answer", "reason", "asked_at", "changed_at", "failed_at"],
    )
    failed = {query.identifier for query, reply in replies.items() if reply.answer == Answer.UNKNOWN}
    if failed:
        Lookup.objects.filter(identifier__in=failed).update(failed_at=timezone.now())


def _is_news(reply: Reply, before: Reply | None) -> bool:
    if reply.answer == Answer.UNKNOWN:
        return False
    return before is None or before.answer != reply.answer or reply.asked_at - before.asked_at > FRESH


def _row(query: Query, reply: Reply, before: Reply | None) -> Lookup:
    changed = before is None or before.answer != reply.answer
    return Lookup(
        register=query.register,
        identifier=query.identifier,
        document=query.document,
        answer=reply.answer,
        reason=reply.reason[:300],
        asked_at=reply.asked_at,
        failed_at=None,
        changed_at=reply.asked_at if changed or before is None else before.asked_at,
    )
