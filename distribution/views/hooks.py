"""What providers call. The address is the key to it; what comes is stored raw, and the next sweep looks for the truth."""

from datetime import timedelta

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from distribution.accounts import company_of_hook
from distribution.channels.hints import hints_in
from distribution.models import ProviderNews
from distribution.receipts import store

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
