"""The record before an attempt: what was chosen, what will leave and by whom, committed before any byte does (T89, R34)."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from distribution import frozen
from distribution.channels.registry import channel_for
from distribution.delivery.ledger import move_within, postpone_within, tell
from distribution.delivery.preparing import Departure, Follower, token_of
from distribution.delivery.statements import insert, write
from distribution.models import Attempt, ChannelService, Link
from distribution.reasons import to_json
from distribution.states import EventKind, Status


def begin(departure: Departure, transport: str, account: str) -> None:
    """The record before the attempt: from this commit on nobody sends this again without asking first."""
    delivery, route, now = departure.delivery, departure.route, timezone.now()
    move_within(
        delivery,
        Status.SENDING,
        EventKind.CHOSEN,
        free=False,
        data=_chosen(departure),
        channel=route.channel,
        to=list(departure.to),
        facts=departure.facts.to_json(),
        reasons=to_json(route.reasons),
        content_sha256=departure.sha256,
        content_size=departure.size,
        content_name=departure.name,
        tried=delivery.tried + 1,
        first_tried_at=delivery.first_tried_at or now,
        waiting_since=None,
        waited=0,
        lease_until=now + timedelta(seconds=settings.LEASE_SECONDS),
        leads=delivery.leads or bool(departure.followers),
        fence=delivery.fence + 1,  # who read the row before may have shown a person that it waits
    )
    attempt = insert(
        Attempt,
        delivery_id=delivery.pk,
        number=delivery.tried,
        channel=delivery.channel,
        key=delivery.key,
        sha256=delivery.content_sha256,
        transport=transport,
        account=account,
        started_at=now,
        outcome="",
        answer="",
    )
    write(attempt)  # on its own: where the claim is lost, the other worker's attempt has this number
    if departure.first:
        _note_firsts(departure)
    for follower in departure.followers:
        _take_along(follower, departure)


def _chosen(departure: Departure) -> dict[str, Any]:
    """What the timeline tells of the choice; what there is nothing to say of is left out."""
    told = {
        "checked": departure.checked,
        "added": departure.added,
        "too_large": departure.too_large,
        "mended": departure.mended,
        "cover_sheet": departure.cover_sheet,
        "together": len(departure.followers) + 1 if departure.followers else 0,
    }
    reasons, attempt = to_json(departure.route.reasons), departure.delivery.tried + 1
    chosen = {"channel": departure.route.channel, "reasons": reasons, "attempt": attempt}
    return chosen | {name: value for name, value in told.items() if value}


def _take_along(follower: Follower, departure: Departure) -> None:
    """From now on it has no time of its own: the ledger settles it with its leader. Raises LostClaim."""
    reasons, channel = to_json(follower.route.reasons), departure.route.channel
    postpone_within(
        follower.delivery,
        EventKind.CHOSEN,
        data={"channel": channel, "reasons": reasons, "together": len(departure.followers) + 1},
        due_at=None,
        fence=follower.delivery.fence + 1,
        leader_id=departure.delivery.pk,
        channel=channel,
        to=list(departure.to),
        facts=follower.facts.to_json(),
        reasons=reasons,
        content_sha256=departure.sha256,
        content_size=departure.size,
        content_name=departure.name,
    )


def _note_firsts(departure: Departure) -> None:
    """The customer's link, and a service that switches itself on at its first use (R13, R23)."""
    delivery, channel = departure.delivery, departure.route.channel
    if departure.uses_link:
        Link.objects.create(
            invoice=delivery.invoice,
            token_sha256=frozen.sha256_of(token_of(delivery).encode()),
            expires_at=timezone.now() + timedelta(days=settings.LINK_DAYS),
        )
    if channel_for(channel).starts_service:
        _service, first = ChannelService.objects.get_or_create(company_id=delivery.company_id, channel=channel)
        if first:
            tell(delivery, EventKind.SERVICE_STARTED, data={"channel": channel})
