"""One delivery out of the door: bytes frozen, the attempt committed, the call made, its outcome recorded. In that order."""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from distribution import frozen, retry
from distribution.channels.base import (
    Accepted,
    Brief,
    Content,
    DeliveryError,
    DocumentRefused,
    Outgoing,
    RecipientRefused,
    Sender,
    Transport,
)
from distribution.channels.registry import channel_for
from distribution.delivery.ledger import move, tell
from distribution.delivery.planning import plan
from distribution.documents.invoice import DocumentType
from distribution.documents.ubl import read
from distribution.facts import Case
from distribution.models import Attempt, ChannelService, Delivery, Link
from distribution.reasons import because, to_json
from distribution.routing import Facts, Route
from distribution.states import ChannelName, EventKind, Outcome, Status

ASK_AGAIN = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Result:
    """What one attempt came to."""

    outcome: Outcome
    answer: str = ""
    reference: str = ""
    later: float = 0


def deliver(delivery: Delivery, case: Case, facts: Facts, route: Route) -> None:
    """The bytes of the first attempt are those of every attempt (R34); only a channel that was never tried makes new ones."""
    content = None
    if not delivery.content_sha256:
        try:
            content = _prepare(delivery, case, route)
        except (RecipientRefused, DocumentRefused) as refusal:
            return _refuse(
                delivery, Result(refusal.outcome, refusal.answer), channel=route.channel, facts=facts.to_json()
            )
    _begin(delivery, facts, route, content)
    return _record(delivery, _transmit(delivery))


def outgoing_of(delivery: Delivery) -> Outgoing:
    """What was or will be handed over, from the row and the frozen bytes."""
    invoice = delivery.invoice
    return Outgoing(
        key=str(delivery.key),
        channel=ChannelName(delivery.channel),
        company=invoice.company.peppol_id,
        invoice=invoice.number,
        to=tuple(delivery.to),
        filename=delivery.content_name,
        data=frozen.read(delivery.content_sha256),
        sha256=delivery.content_sha256,
        created=delivery.created_at,
        seconds=settings.LEASE_SECONDS / 2,
        test=invoice.company.is_test,
    )


def transport_of(delivery: Delivery) -> Transport:
    channel = channel_for(ChannelName(delivery.channel))
    return channel.transport(test=delivery.invoice.company.is_test, to=tuple(delivery.to))


def record_unknown(delivery: Delivery, answer: str) -> None:
    """It may have been accepted (R32): ask by key soon; where nobody can be asked, the setting or a person decides."""
    askable = transport_of(delivery).can_ask
    again = not askable and settings.EMAIL_UNCERTAIN == "resend"
    later = timezone.now() + timedelta(seconds=retry.PAUSES[0])
    with transaction.atomic():
        close_attempt(delivery, Result(Outcome.UNCERTAIN, answer))
        move(
            delivery,
            Status.QUEUED if again else Status.UNCERTAIN,
            EventKind.UNCERTAIN,
            data={"answer": answer, "askable": askable, "again": again},
            due_at=later if askable or again else None,
            waited=0,
        )


def record_accepted(delivery: Delivery, kind: EventKind, result: Result) -> None:
    with transaction.atomic():
        close_attempt(delivery, result)
        move(
            delivery,
            Status.ACCEPTED,
            kind,
            data={"answer": result.answer},
            due_at=None,
            reference=result.reference[:200],
        )


def spread_of(delivery: Delivery) -> float:
    """A number in [0, 1) that belongs to this delivery."""
    return (delivery.key.int % 1000) / 1000


def _prepare(delivery: Delivery, case: Case, route: Route) -> Content:
    invoice, company = delivery.invoice, delivery.invoice.company
    ubl = frozen.read(invoice.sha256)
    language = case.customer.language
    brief = Brief(
        key=str(delivery.key),
        made_at=delivery.created_at,
        to=route.to,
        document_type=DocumentType(invoice.document_type),
        number=invoice.number,
        ubl=ubl,
        open_document=partial(read, ubl),
        language=language,
        sender=Sender(identifier=company.peppol_id, name=company.name, email=company.email),
        own_pdf=frozen.read(invoice.own_pdf_sha256) if invoice.own_pdf_sha256 else None,
        own_pdf_for_print=case.terms.settings.own_pdf_for_print,
        attach_pdf=case.terms.settings.attach_pdf,
        email_text=invoice.email_text or case.terms.settings.email_text(language),  # R14: the ERP's text wins
        link=settings.SITE_URL + reverse("link", args=[token_of(delivery)]),
        test=company.is_test,
    )
    return channel_for(route.channel).prepare(brief)


def token_of(delivery: Delivery) -> str:
    """128 bits, the same however often the mail is made anew before it is frozen; the database keeps its hash only (R13)."""
    digest = hmac.digest(settings.SECRET_KEY.encode(), b"link:" + delivery.key.bytes, hashlib.sha256)
    return base64.urlsafe_b64encode(digest[:16]).rstrip(b"=").decode()


def _begin(delivery: Delivery, facts: Facts, route: Route, content: Content | None) -> None:
    """The record before the attempt: from this commit on nobody sends this again without asking first."""
    frozen_now: dict[str, Any] = {}
    if content is not None:
        frozen_now = {
            "content_sha256": frozen.keep(content.data),
            "content_size": len(content.data),
            "content_name": content.filename,
            "to": list(route.to),
        }
    now = timezone.now()
    with transaction.atomic():
        move(
            delivery,
            Status.SENDING,
            EventKind.CHOSEN,
            free=False,
            data={"channel": route.channel, "reasons": to_json(route.reasons), "attempt": delivery.tried + 1},
            channel=route.channel,
            facts=facts.to_json(),
            reasons=to_json(route.reasons),
            tried=delivery.tried + 1,
            first_tried_at=delivery.first_tried_at or now,
            waiting_since=None,
            waited=0,
            lease_until=now + timedelta(seconds=settings.LEASE_SECONDS),
            **frozen_now,
        )
        Attempt.objects.create(
            delivery=delivery,
            number=delivery.tried,
            channel=delivery.channel,
            key=delivery.key,
            sha256=delivery.content_sha256,
            started_at=now,
        )
        _note_firsts(delivery, route, content)


def _note_firsts(delivery: Delivery, route: Route, content: Content | None) -> None:
    """The customer's link, and a service that switches itself on at its first use (R13, R23)."""
    if content is not None and content.uses_link:
        Link.objects.create(
            invoice=delivery.invoice,
            token_sha256=frozen.sha256_of(token_of(delivery).encode()),
            expires_at=timezone.now() + timedelta(days=settings.LINK_DAYS),
        )
    if content is not None and channel_for(route.channel).starts_service:
        _service, first = ChannelService.objects.get_or_create(company_id=delivery.company_id, channel=route.channel)
        if first:
            tell(delivery, EventKind.SERVICE_STARTED, data={"channel": route.channel})


def _transmit(delivery: Delivery) -> Result:
    try:
        accepted: Accepted = transport_of(delivery).send(outgoing_of(delivery))
    except DeliveryError as error:
        return Result(error.outcome, error.answer, later=getattr(error, "later", 0))
    return Result(Outcome.ACCEPTED, accepted.answer, accepted.reference)


def _record(delivery: Delivery, result: Result) -> None:
    """The class of the error was the policy; this is what each one means."""
    match result.outcome:
        case Outcome.ACCEPTED:
            record_accepted(delivery, EventKind.ACCEPTED, result)
        case Outcome.ALREADY_SENT:
            record_accepted(delivery, EventKind.ALREADY_SENT, result)
        case Outcome.TEMPORARY:
            _retry_later(delivery, result)
        case Outcome.UNCERTAIN:
            record_unknown(delivery, result.answer)
        case _:
            _refuse(delivery, result)


def _retry_later(delivery: Delivery, result: Result) -> None:
    now = timezone.now()
    later = retry.next_attempt(
        tried=delivery.tried,
        first=delivery.first_tried_at or now,
        now=now,
        hours=settings.RETRY_HOURS,
        spread=spread_of(delivery),
    )
    with transaction.atomic():
        close_attempt(delivery, result)
        if later is None:
            reasons = to_json((because("gave_up", hours=settings.RETRY_HOURS),))
            move(
                delivery, Status.FAILED, EventKind.GAVE_UP, data={"answer": result.answer}, reasons=reasons, due_at=None
            )
            return
        later = max(later, now + timedelta(seconds=result.later))
        move(
            delivery,
            Status.QUEUED,
            EventKind.RETRY_LATER,
            data={"answer": result.answer, "at": later.isoformat()},
            due_at=later,
        )


def _refuse(delivery: Delivery, result: Result, **changes: Any) -> None:
    """A no to the recipient opens the next channel; a no to the document is for a person (R31)."""
    about_recipient = result.outcome == Outcome.RECIPIENT_REFUSED
    data = {"answer": result.answer, "recipient": about_recipient, "channel": changes.get("channel", delivery.channel)}
    with transaction.atomic():
        close_attempt(delivery, result)
        if about_recipient:
            move(delivery, Status.FAILED, EventKind.REFUSED, data=data, due_at=None, refused=True, **changes)
            plan(delivery.invoice, double_confirmed=delivery.double_confirmed)
            return
        reasons = to_json((because("document_refused", answer=result.answer),))
        move(delivery, Status.HELD, EventKind.REFUSED, data=data, due_at=None, reasons=reasons, **changes)


def close_attempt(delivery: Delivery, result: Result) -> None:
    """Once: an attempt whose outcome is known keeps it."""
    Attempt.objects.filter(delivery=delivery, number=delivery.tried, outcome="").update(
        outcome=result.outcome, answer=result.answer[:500], ended_at=timezone.now()
    )
