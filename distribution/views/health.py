"""For machines that watch: `/livez`, `/readyz`, `/metrics`."""

import hmac
import ipaddress
from datetime import timedelta
from typing import Any

from celery import current_app
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Count, Sum
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from kombu.exceptions import OperationalError
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from customers import guards
from distribution.documents.validation import packs
from distribution.models import Delivery, MailNewsCount, Worker

OLDEST_DUE = timedelta(minutes=15)
WORKER_SEEN = timedelta(seconds=90)


def livez(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok", content_type="text/plain")


def readyz(request: HttpRequest) -> HttpResponse:
    """200 when all is well, else 503; the JSON says what is not."""
    checks = _checks()
    return JsonResponse(
        {"ready": all(check["ok"] for check in checks.values()), "checks": checks},
        status=200 if all(check["ok"] for check in checks.values()) else 503,
    )


def metrics(request: HttpRequest) -> HttpResponse:
    """By token; without one only where nothing but a private network reaches the site."""
    if not _may_read_metrics(request):
        raise Http404
    registry = CollectorRegistry()
    deliveries = Gauge(
        "autoinvoice_deliveries", "Deliveries by status and channel", ["status", "channel"], registry=registry
    )
    for row in Delivery.objects.order_by().values("status", "channel").annotate(number=Count("pk")):
        deliveries.labels(row["status"], row["channel"]).set(row["number"])
    Gauge("autoinvoice_oldest_due_seconds", "Age of the oldest due delivery", registry=registry).set(
        _oldest_due().total_seconds()
    )
    news = Gauge("autoinvoice_mail_news", "News of mails by door and verdict", ["door", "verdict"], registry=registry)
    for counted in MailNewsCount.objects.order_by().values("door", "verdict").annotate(number=Sum("number")):
        news.labels(counted["door"], counted["verdict"]).set(counted["number"])
    Gauge("autoinvoice_workers_seen", "Workers seen lately", registry=registry).set(_workers_seen())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _checks() -> dict[str, dict[str, Any]]:
    try:
        connection.ensure_connection()
    except DatabaseError:
        return {"database": {"ok": False}}
    executor = MigrationExecutor(connection)
    unapplied = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    oldest, missing = _oldest_due(), guards.missing(connection)
    return {
        "database": {"ok": True},
        "migrations": {"ok": unapplied == 0, "unapplied": unapplied},
        "guards": {"ok": not missing, "missing": missing},
        "broker": {"ok": _broker_answers()},
        "worker": {"ok": _workers_seen() > 0, "seen": _workers_seen()},
        # Old rules hold nothing up: named for who watches, never a failure.
        "rules": {"ok": True, "state": packs.state(), "versions": [pack.version for pack in packs.packs()]},
        "queue": {"ok": oldest <= OLDEST_DUE, "oldest_due_seconds": round(oldest.total_seconds())},
    }


def _broker_answers() -> bool:
    with current_app.connection_for_write() as broker:
        try:
            broker.ensure_connection(max_retries=1, timeout=2)
        except OperationalError:
            return False
    return True


def _workers_seen() -> int:
    return Worker.objects.filter(seen_at__gte=timezone.now() - WORKER_SEEN).count()


def _oldest_due() -> timedelta:
    now = timezone.now()
    oldest = Delivery.objects.due(now).order_by("due_at").values_list("due_at", flat=True).first()
    return now - oldest if oldest else timedelta(0)


def _may_read_metrics(request: HttpRequest) -> bool:
    if settings.METRICS_TOKEN:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return hmac.compare_digest(given.encode(), settings.METRICS_TOKEN.encode())
    if settings.HTTPS:
        return False  # behind a proxy everybody's address is the proxy's
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_private
    except ValueError:
        return False
