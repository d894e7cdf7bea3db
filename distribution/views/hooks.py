"""What providers call: AutoInvoice at an address that is the key to it, e-mail providers with our secret (django-anymail)."""

import logging
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from distribution.accounts import company_of_hook
from distribution.bounces.counting import count
from distribution.bounces.webhook import take_in_event
from distribution.channels.hints import hints_in
from distribution.delivery import NotYet
from distribution.models import ProviderNews
from distribution.receipts import store
from distribution.states import Door, Verdict
from distribution.tasks import ring

logger = logging.getLogger(__name__)
MAX_BYTES = 256_000
MOST = 600  # hints in a minute, of one company
MINUTE = timedelta(minutes=1)


@csrf_exempt
@require_POST
def autoinvoice(request: HttpRequest, token: str) -> HttpResponse:
    """204 only when it is stored: whatever else is answered, the provider sends it again (F21)."""
    company_id = company_of_hook(token)
    if company_id is None:
        raise Http404
    body = request.read(MAX_BYTES + 1)
    if len(body) > MAX_BYTES:
        return HttpResponse(status=413)
    hints = hints_in(body)
    if _lately(company_id) + len(hints) > MOST:
        return HttpResponse(status=429, headers={"Retry-After": "60"})
    store(company_id, body, hints)
    return HttpResponse(status=204)


def _lately(company_id: int) -> int:
    return ProviderNews.objects.filter(company=company_id, received_at__gt=timezone.now() - MINUTE).count()


@csrf_exempt
@require_POST
def anymail(request: HttpRequest, provider: str) -> HttpResponse:
    """News of mails, from the provider that we send by. There is no such address without ANYMAIL_WEBHOOK_SECRET: the library
    would believe anybody; nor where the library lacks what it needs for that provider. 503: true in a moment, so the provider
    must send it again."""
    from anymail.exceptions import AnymailConfigurationError, AnymailWebhookValidationFailure

    ours = settings.ANYMAIL_WEBHOOK_SECRET and provider in settings.ANYMAIL_WEBHOOK_PROVIDERS
    found = _tracking_view(provider) if ours else None
    if found is None:
        raise Http404
    try:
        answer: HttpResponse = found(request)
    except AnymailConfigurationError as lacking:
        logger.error("news of mails can't be taken in: %s", type(lacking).__name__, extra={"provider": provider})
        raise Http404 from lacking
    except AnymailWebhookValidationFailure:
        count(Door.WEBHOOK, Verdict.FORGED)
        return HttpResponse(status=403)
    except NotYet:
        return HttpResponse(status=503, headers={"Retry-After": "60"})
    return answer


def _tracking_view(provider: str) -> Any:
    """Its inbound views, for mails that come in, are not offered."""
    from anymail.signals import tracking

    tracking.connect(_hear, dispatch_uid="bounces")
    try:
        return resolve(f"/{provider}/tracking/", "anymail.urls").func
    except Resolver404:
        return None


def _hear(event: Any, **_: Any) -> None:
    take_in_event(event, ring)
