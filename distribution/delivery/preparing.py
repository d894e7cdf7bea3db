"""What will leave: made by the channel from plain values, and frozen before anything is tried (R34)."""

import base64
import hashlib
import hmac
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from django.conf import settings
from django.urls import reverse

from customers.logos import logo_of
from customers.models import Company
from distribution import frozen
from distribution.accounts import account_of, text_at_provider
from distribution.channels.base import Brief, Outgoing, Sender, Transport
from distribution.channels.registry import channel_for
from distribution.delivery import recipients
from distribution.documents.invoice import DocumentType
from distribution.documents.ubl import read
from distribution.facts import Case
from distribution.models import Delivery, Event
from distribution.routing import Facts, Route
from distribution.states import ChannelName, EventKind


@dataclass(frozen=True, slots=True)
class Follower:
    """A delivery that leaves with another one."""

    delivery: Delivery
    facts: Facts
    route: Route


@dataclass(frozen=True, slots=True)
class Departure:
    """A delivery that is ready to be sent by `route`. `first` tells that nothing was frozen for it before."""

    delivery: Delivery
    facts: Facts
    route: Route
    to: tuple[str, ...]
    name: str
    sha256: str
    size: int
    uses_link: bool
    first: bool
    checked: tuple[str, ...] = ()
    added: str = ""
    too_large: bool = False
    mended: tuple[tuple[str, dict[str, Any]], ...] = ()
    cover_sheet: bool = False
    followers: tuple[Follower, ...] = ()


def prepare(
    delivery: Delivery, case: Case, facts: Facts, route: Route, *, beside: Iterable[tuple[Delivery, Case]] = ()
) -> Departure:
    """The bytes of the first attempt are those of every attempt; only what was never tried is made. `beside` are others that go
    in the same bytes.

    Raises RecipientRefused and DocumentRefused as the channel does.
    """
    if delivery.content_sha256:
        return Departure(
            delivery, facts, route, tuple(delivery.to), delivery.content_name, delivery.content_sha256,
            delivery.content_size, uses_link=False, first=False,
        )  # fmt: skip
    brief = _brief(delivery, case, route)
    others = tuple(_brief(other, its, route) for other, its in beside)
    content = channel_for(route.channel).prepare(replace(brief, others=others))
    sha256 = frozen.keep(content.data)
    return Departure(
        delivery, facts, route, route.to, content.filename, sha256, len(content.data), content.uses_link, first=True,
        checked=content.checked, added=content.added, too_large=content.too_large, mended=content.mended,
        cover_sheet=content.cover_sheet,
    )  # fmt: skip


def outgoing_of(delivery: Delivery, departure: Departure | None = None) -> Outgoing:
    """What is handed over, with its frozen bytes; without a departure, what was handed over as the row has it."""
    invoice = delivery.invoice
    sha256 = departure.sha256 if departure else delivery.content_sha256
    return Outgoing(
        key=str(delivery.key),
        channel=departure.route.channel if departure else ChannelName(delivery.channel),
        company=invoice.company.peppol_id,
        invoice=invoice.number,
        to=recipients.outstanding(delivery) if delivery.tried else departure.to if departure else (),
        filename=departure.name if departure else delivery.content_name,
        data=frozen.read(sha256),
        sha256=sha256,
        created=delivery.created_at,
        ends=time.monotonic() + settings.LEASE_SECONDS / 2,
        test=invoice.company.is_test,
        cover_sheet=departure.cover_sheet if departure and departure.first else _has_cover_sheet(delivery),
    )


def _has_cover_sheet(delivery: Delivery) -> bool:
    """As it was told when its bytes were frozen: the company's choice and ours may be another one today."""
    if not delivery.invoice.own_pdf_sha256:
        return False
    return Event.objects.filter(delivery=delivery, kind=EventKind.CHOSEN, data__cover_sheet=True).exists()


def transport_for(outgoing: Outgoing) -> str:
    """The name of the transport for a new attempt."""
    return _transport_name(outgoing.channel, outgoing.to, test=outgoing.test)


def transport_of(company: Company, channel: ChannelName, to: tuple[str, ...]) -> str:
    """The same, before there is anything to hand over."""
    return _transport_name(channel, to, test=company.is_test)


def _transport_name(channel: ChannelName, to: tuple[str, ...], *, test: bool) -> str:
    """A test company's is the folder, whatever is set (R17)."""
    name = channel_for(channel).transport(to)
    return "folder" if test else name


def with_account(outgoing: Outgoing, delivery: Delivery, transport: Transport) -> Outgoing:
    """With the company's keys, for a transport that takes them; `account` stays empty where there are none."""
    return replace(outgoing, account=account_of(delivery.company_id)) if transport.needs_account else outgoing


def token_of(delivery: Delivery) -> str:
    """128 bits, the same however often the mail is made anew before it is frozen; the database keeps its hash only (R13)."""
    digest = hmac.digest(settings.SECRET_KEY.encode(), b"link:" + delivery.key.bytes, hashlib.sha256)
    return base64.urlsafe_b64encode(digest[:16]).rstrip(b"=").decode()


def sender_of(company: Company) -> Sender:
    """As its recipients see it. An address that nobody has verified may be anyone's: answers don't go there."""
    return Sender(
        identifier=company.peppol_id,
        name=company.name,
        email=company.email if company.email_verified else "",
        logo=logo_of(company) or b"",
    )


def _brief(delivery: Delivery, case: Case, route: Route) -> Brief:
    invoice, company = delivery.invoice, delivery.invoice.company
    ubl = frozen.read(invoice.sha256)
    language = case.customer.language
    return Brief(
        key=str(delivery.key),
        made_at=delivery.created_at,
        to=route.to,
        document_type=DocumentType(invoice.document_type),
        number=invoice.number,
        ubl=ubl,
        open_document=partial(read, ubl),
        language=language,
        sender=sender_of(company),
        own_pdf=frozen.read(invoice.own_pdf_sha256) if invoice.own_pdf_sha256 else None,
        own_pdf_for_print=case.terms.settings.own_pdf_for_print,
        attach_pdf=case.terms.settings.attach_pdf,
        too_large=delivery.as_link,
        # R14: the ERP's text, ours, the provider's
        email_text=invoice.email_text or case.terms.settings.email_text(language) or text_at_provider(company.pk),
        link=settings.SITE_URL + reverse("link", args=[token_of(delivery)]),
        test=company.is_test,
        page=settings.SITE_URL + reverse("invoice", args=[invoice.pk]),
        user_language=invoice.sent_by.language if invoice.sent_by else company.language,
    )
