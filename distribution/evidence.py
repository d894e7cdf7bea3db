"""The evidence file of one invoice: facts, reasons, hashes, ids and times, to download and keep (R35)."""

from typing import Any

from django.db.models import QuerySet
from django.utils import translation

from distribution.models import Attempt, Delivery, Event, Invoice, ProviderNews, Recipient
from distribution.reasons import in_words
from distribution.timeline import words_of


def evidence(invoice: Invoice) -> dict[str, Any]:
    """Plain JSON. Times are UTC (ISO 8601), hashes SHA-256 in hex; texts stand in both languages."""
    deliveries = (
        Delivery.objects.filter(invoice=invoice)
        .order_by("pk")
        .select_related("leader")
        .prefetch_related("attempts", "events", "recipients")
    )
    return {
        "invoice": {
            "id": invoice.pk,
            "company": invoice.company.peppol_id,
            "type": invoice.document_type,
            "number": invoice.number,
            "issue_date": invoice.issue_date.isoformat(),
            "due_date": invoice.due_date.isoformat() if invoice.due_date else None,
            "payable": str(invoice.payable),
            "currency": invoice.currency,
            "received": invoice.created_at.isoformat(),
            "sha256": invoice.sha256,
            "own_pdf_sha256": invoice.own_pdf_sha256 or None,
            "run": invoice.run_id,
        },
        "test": invoice.company.is_test,
        "deliveries": [_delivery(delivery) for delivery in deliveries],
        "news": [_news(news) for news in _news_of(invoice, deliveries)],
        "events": [_event(event) for event in Event.objects.filter(invoice=invoice).order_by("pk")],
    }


def _delivery(delivery: Delivery) -> dict[str, Any]:
    return {
        "key": str(delivery.key),
        "sent with": str(delivery.leader.key) if delivery.leader else None,
        "status": delivery.status,
        "channel": delivery.channel or None,
        "to": delivery.to,
        "recipients": [_recipient(one) for one in delivery.recipients.all()],
        "facts": delivery.facts,
        "reasons": delivery.reasons,
        "reason": both_languages(delivery.reasons),
        "file": delivery.content_name or None,
        "sha256": delivery.content_sha256 or None,
        "size": delivery.content_size,
        "reference": delivery.reference or None,
        "created": delivery.created_at.isoformat(),
        "ended": delivery.ended_at.isoformat() if delivery.ended_at else None,
        "attempts": [_attempt(attempt) for attempt in sorted(delivery.attempts.all(), key=lambda row: row.number)],
    }


def _recipient(one: Recipient) -> dict[str, Any]:
    return {"address": one.address, "state": one.state, "answer": one.answer, "at": one.at.isoformat()}


def _news_of(invoice: Invoice, deliveries: QuerySet[Delivery]) -> QuerySet[ProviderNews]:
    references = {name for one in deliveries for name in (str(one.key), one.reference) if name}
    return ProviderNews.objects.filter(company=invoice.company_id, reference__in=references).order_by("pk")


def _news(news: ProviderNews) -> dict[str, Any]:
    """What the provider told, by its hash: its text may name others."""
    return {
        "reference": news.reference,
        "event": news.event,
        "sha256": news.sha256,
        "received": news.received_at.isoformat(),
        "settled": news.settled or None,
    }


def _attempt(attempt: Attempt) -> dict[str, Any]:
    return {
        "number": attempt.number,
        "channel": attempt.channel,
        "key": str(attempt.key),
        "sha256": attempt.sha256,
        "started": attempt.started_at.isoformat(),
        "ended": attempt.ended_at.isoformat() if attempt.ended_at else None,
        "outcome": attempt.outcome or None,
        "answer": attempt.answer,
    }


def _event(event: Event) -> dict[str, Any]:
    with translation.override("nb"):
        words = words_of(event)
    return {
        "at": event.at.isoformat(),
        "kind": event.kind,
        "status": event.status or None,
        "text": words,
        "data": event.data,
        "user": event.user_id,
    }


def both_languages(reasons: list[dict[str, Any]]) -> dict[str, str]:
    texts = {}
    for language in ("nb", "en"):
        with translation.override(language):
            texts[language] = in_words(reasons)
    return texts
