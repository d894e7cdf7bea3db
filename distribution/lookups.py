"""Asks the registers, and keeps what they answered with its age. A list reads what is kept; a send asks anew."""

import logging
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from customers.models import Customer
from customers.sealed import CannotOpen, unseal
from distribution.accounts import accounts_of
from distribution.documents.invoice import DocumentType
from distribution.facts import query_about
from distribution.models import Lookup, Prediction, ProviderAccount
from distribution.registers.base import Query, RegisterName, Reply
from distribution.registers.registry import is_near, register_for
from distribution.states import Answer

logger = logging.getLogger(__name__)
SECONDS = 10.0  # for all that are asked together
HANDS = 16
FEW = 5
BATCH = 50  # asked over the network before anything is written down
FRESH = timedelta(hours=1)  # an answer that says the same again is written down once an hour
# How long a list may go by an answer before it is asked again; «no» is the one that customers change.
AGES = {
    Answer.REGISTERED: timedelta(hours=24),
    Answer.NOT_REGISTERED: timedelta(hours=6),
    Answer.UNKNOWN: timedelta(minutes=10),
}
REFRESHED = timedelta(hours=12)  # what the night asks about: whatever the day did not
NEVER = datetime(1970, 1, 1, tzinfo=UTC)
SUREST_FIRST = (Answer.REGISTERED, Answer.NOT_REGISTERED, Answer.UNKNOWN)
Row = tuple[str, str, str]  # what is kept once: register, whom it is about, document


def ask(queries: Iterable[Query], *, seconds: float = SECONDS) -> dict[Query, Reply]:
    """Over the network, never inside a transaction. An outage is an answer, not an error (R25).

    Within `seconds` in all: who waits has a lease. What was not heard by then is unknown. A register that answers everybody
    alike is asked once about each; one that wants keys is asked for each company and person, and what it says is theirs (P9).
    """
    questions = {query: _question(query) for query in set(queries)}
    wanted = set(questions.values())
    near = {question for question in wanted if is_near(question.register)}
    replies = {question: register_for(question.register).ask(question) for question in near}
    replies |= _ask_outside(_with_keys(wanted - near), seconds)
    return {query: replies[question] for query, question in questions.items()}


def batches(queries: Iterable[Query]) -> Iterator[set[Query]]:
    """Parts that fit `ask`: what is near all at once, the rest a little at a time."""
    wanted = set(queries)
    near = {query for query in wanted if is_near(query.register)}
    if near:
        yield near
    rest = iter(wanted - near)
    while batch := set(islice(rest, BATCH)):
        yield batch


def is_outage(replies: Mapping[Query, Reply]) -> bool:
    """Nobody answered: to go on asking would help neither side. Of a few it may be their own SMP alone that is silent."""
    return len(replies) >= FEW and all(reply.answer == Answer.UNKNOWN for reply in replies.values())


def due(queries: Iterable[Query]) -> set[Query]:
    """Those that a list should have asked again: never asked, or an answer too old, or a silence that is minutes past."""
    wanted, now = set(queries), timezone.now()
    settled = {row for row, answer in _rows_of(wanted).items() if _holds(answer, now)}
    return {query for query in wanted if _row_of(query) not in settled}


def refresh() -> int:
    """A small part of the nightly round: the oldest answers that somebody's list goes by are asked again. Returns how many;
    0 when none is old, or when nobody answers."""
    now = timezone.now()
    old = Lookup.objects.filter(
        Q(failed_at=None) | Q(failed_at__lt=now - FRESH),
        document=DocumentType.INVOICE,
        asked_at__lt=now - REFRESHED,
    )
    named = old.annotate(customer=Subquery(_askers().values("customer")[:1])).exclude(customer=None)
    rows = dict(named.order_by("asked_at", "pk").values_list("pk", "customer")[:BATCH])
    customers = Customer.objects.select_related("parent").in_bulk(rows.values())
    questions = (query_about(customer, DocumentType.INVOICE) for customer in customers.values())
    replies = ask(query for query in questions if query)
    remember(replies)
    # Who has changed since asks something else by now: what was not answered must not stand first again.
    Lookup.objects.filter(pk__in=rows, asked_at__lt=now - REFRESHED).update(failed_at=now)
    return 0 if is_outage(replies) else len(rows)


def _askers() -> QuerySet[Prediction]:
    """Whose lists go by a row. For a register that wants keys, only of companies that have some: the others get no answer, and
    many of them would look like an outage."""
    wanting = [name for name in RegisterName if register_for(name).needs_account]
    served = ProviderAccount.objects.filter(stopped_at=None).values("company")
    return Prediction.objects.filter(
        ~Q(asked_register__in=wanting) | Q(company__in=served),
        asked_register=OuterRef("register"),
        asked_identifier=OuterRef("identifier"),
    )


def kept(queries: Iterable[Query]) -> dict[Query, Reply]:
    """The last real answers, each with the time it was given; a query never answered is not in it."""
    wanted = set(queries)
    found = {
        row: Reply(Answer(answer.answer), answer.reason, answer.asked_at)
        for row, answer in _rows_of(wanted).items()
        if answer.answer != Answer.UNKNOWN
    }
    return {query: found[row] for query in wanted if (row := _row_of(query)) in found}


def remember(replies: Mapping[Query, Reply]) -> None:
    """Keeps answers; an outage leaves the last real answer as it was (P5)."""
    surest = _surest_of_each_row(replies)
    before = kept(surest)
    news = [(query, reply) for query, reply in surest.items() if _is_news(reply, before.get(query))]
    Lookup.objects.bulk_create(
        [_lookup(query, reply, before.get(query)) for query, reply in news],
        update_conflicts=True,
        unique_fields=["register", "identifier", "document"],
        update_fields=["answer", "reason", "asked_at", "changed_at", "failed_at"],
    )
    _remember_silence({query: reply for query, reply in surest.items() if reply.answer == Answer.UNKNOWN})


def _surest_of_each_row(replies: Mapping[Query, Reply]) -> dict[Query, Reply]:
    """Companies share what is kept. A wrong «no» is the worst that a list can go by, and a silence says nothing."""
    surest: dict[Row, tuple[Query, Reply]] = {}
    for query, reply in sorted(replies.items(), key=lambda pair: SUREST_FIRST.index(pair[1].answer)):
        surest.setdefault(_row_of(query), (query, reply))
    return dict(surest.values())


def _remember_silence(replies: Mapping[Query, Reply]) -> None:
    """The last real answer stands. One that never came has a row too, so that it is not asked for at every look at a list;
    it changed nothing, so it outdates no prediction. What was said of it may be about the company that asked (P9)."""
    if not replies:
        return
    rows = [_lookup(query, reply, None) for query, reply in replies.items()]
    for row in rows:
        row.changed_at, row.reason = NEVER, ""
    Lookup.objects.bulk_create(rows, ignore_conflicts=True)
    silent = {query.kept_as for query in replies}
    Lookup.objects.filter(identifier__in=silent).update(failed_at=timezone.now())


def _row_of(query: Query) -> Row:
    return query.register, query.kept_as, query.document


def _rows_of(queries: Iterable[Query]) -> dict[Row, Lookup]:
    rows = Lookup.objects.filter(identifier__in={query.kept_as for query in queries})
    return {(row.register, row.identifier, row.document): row for row in rows}


def _question(query: Query) -> Query:
    return query if register_for(query.register).needs_account else query.anybodys


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


def _ask_outside(queries: list[Query], seconds: float) -> dict[Query, Reply]:
    """Side by side, so that a slow one takes no time from the others. What is late is left behind: each has its own end."""
    if not queries:
        return {}
    pool = ThreadPoolExecutor(min(HANDS, len(queries)), "lookup")
    asked = {query: pool.submit(register_for(query.register).ask, query) for query in queries}
    wait(asked.values(), timeout=seconds)
    pool.shutdown(wait=False, cancel_futures=True)
    return {query: _reply_of(future) for query, future in asked.items()}


def _reply_of(future: Future[Reply]) -> Reply:
    """A stranger's answer that nobody foresaw is this customer's alone: unknown, with its trace in the log."""
    if not future.done() or future.cancelled():
        return Reply(Answer.UNKNOWN, "time-out", timezone.now())
    if error := future.exception():
        logger.error("stumbled over a lookup", exc_info=error)
        return Reply(Answer.UNKNOWN, type(error).__name__, timezone.now())
    return future.result()


def _holds(row: Lookup, now: datetime) -> bool:
    if row.failed_at and now - row.failed_at < AGES[Answer.UNKNOWN]:
        return True
    return row.answer != Answer.UNKNOWN and now - row.asked_at < AGES[Answer(row.answer)]


def _is_news(reply: Reply, before: Reply | None) -> bool:
    if reply.answer == Answer.UNKNOWN:
        return False
    return before is None or before.answer != reply.answer or reply.asked_at - before.asked_at > FRESH


def _lookup(query: Query, reply: Reply, before: Reply | None) -> Lookup:
    changed = before is None or before.answer != reply.answer
    return Lookup(
        register=query.register,
        identifier=query.kept_as,
        document=query.document,
        answer=reply.answer,
        reason=reply.reason,
        asked_at=reply.asked_at,
        failed_at=None,
        changed_at=reply.asked_at if changed or before is None else before.asked_at,
    )
