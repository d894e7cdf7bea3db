"""An invoice's story in plain words, in the reader's language, from its events (R35)."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from distribution.channels.registry import channel_for
from distribution.documents.own_pdf.words import in_words as print_findings_in_words
from distribution.documents.validation.words import in_words as findings_in_words
from distribution.models import Delivery, Event, Invoice, Recipient
from distribution.reasons import in_words
from distribution.states import ChannelName, EventKind

TEXTS: dict[EventKind, Promise | str] = {
    EventKind.RECEIVED: gettext_lazy("Kom inn."),
    EventKind.QUEUED: gettext_lazy("Lagt i kø."),
    EventKind.DOUBLE_CONFIRMED: gettext_lazy("Bekreftet: den skal gå selv om den blir sendt to ganger."),
    EventKind.NUMBER_USED_BEFORE: gettext_lazy("Nummeret %(number)s er brukt før, med et annet innhold."),
    EventKind.WAITING: gettext_lazy("Venter. %(reasons)s"),
    EventKind.HELD: gettext_lazy("Holdt tilbake. %(reasons)s"),
    EventKind.CHOSEN: gettext_lazy("%(channel)s valgt. %(reasons)s Filen er frosset og sendes (forsøk %(attempt)s)."),
    EventKind.ACCEPTED: gettext_lazy("Tatt imot."),
    EventKind.ALREADY_SENT: gettext_lazy("Mottatt fra før med samme innhold, så den ble ikke sendt på nytt."),
    EventKind.RETRY_LATER: gettext_lazy("Midlertidig feil. Prøves igjen %(at)s."),
    EventKind.GAVE_UP: gettext_lazy("Ingen kontakt innen fristen. Du kan prøve igjen."),
    EventKind.REFUSED: gettext_lazy("Avvist på %(channel)s."),
    EventKind.DELIVERED: gettext_lazy("Levert til mottakeren."),
    EventKind.CAME_BACK: gettext_lazy("Kom i retur på %(channel)s."),
    EventKind.LATE_NEWS: gettext_lazy("AutoInvoice melder i ettertid at denne utsendelsen kom fram likevel."),
    EventKind.STILL_PENDING: gettext_lazy("AutoInvoice har ikke meldt den levert etter %(days)s dager.%(last)s"),
    EventKind.UNCERTAIN: gettext_lazy("Det er ikke kjent om den ble tatt imot."),
    EventKind.ASKED: gettext_lazy("Vi spurte med vår nøkkel: %(found)s"),
    EventKind.SETTLED: gettext_lazy("Avgjort av en bruker: %(settled)s"),
    EventKind.SUPERSEDED: gettext_lazy("Erstattet av en ny utsendelse."),
    EventKind.RELEASED: gettext_lazy("Frigitt og lagt i kø."),
    EventKind.CANCELLED: gettext_lazy("Avbrutt."),
    EventKind.SERVICE_STARTED: gettext_lazy(
        "%(channel)s er tatt i bruk av firmaet for første gang; tjenesten er slått på."
    ),
    EventKind.LINK_OPENED: gettext_lazy("Kunden åpnet lenken."),
    EventKind.LINK_WITHDRAWN: gettext_lazy("Lenken til fakturaen er trukket tilbake."),
    EventKind.BOUNCED: gettext_lazy("E-posten til %(address)s kom i retur. De andre adressene står."),
    EventKind.SOFT_BOUNCED: gettext_lazy(
        "E-posten til %(address)s kunne ikke leveres. Om den kan ha kommet fram likevel, er fortsatt ikke kjent."
    ),
    EventKind.DELAYED: gettext_lazy("E-posten til %(address)s er forsinket. Mottakerens mailtjener prøver fortsatt."),
    EventKind.COMPLAINED: gettext_lazy("E-posten til %(address)s ble meldt som søppelpost av mottakeren."),
}
LAYERS: dict[str, Promise | str] = {
    "xsd": gettext_lazy("skjemaet for UBL"),
    "cen": "EN 16931",
    "peppol": gettext_lazy("Peppols regler"),
    "preflight": gettext_lazy("vår egen prøve på Peppols regler"),
}
BY_MAIL = (ChannelName.EMAIL, ChannelName.TO_USER)
MAIL_CAME_BACK = gettext_lazy("E-posten til %(to)s kom i retur.")
# Other words where the event's data says so.
SPECIAL: dict[tuple[EventKind, str], Promise | str] = {
    (EventKind.RECEIVED, "own_pdf"): gettext_lazy("Kom inn, med egen PDF."),
    (EventKind.CHOSEN, "together"): gettext_lazy(
        "%(channel)s valgt. %(reasons)s Den går i én zip-fil sammen med de andre fra samme utsendelse (%(together)s i alt)."
    ),
    (EventKind.ACCEPTED, "missed"): gettext_lazy("Tatt imot, men ikke av %(missed)s. %(reasons)s"),
    (EventKind.REFUSED, "zip"): gettext_lazy(
        "E-posten med zip-filen var for stor for mottakerens mailserver. Fakturaene går på nytt, hver for seg."
    ),
    (EventKind.REFUSED, "as_link"): gettext_lazy(
        "E-posten var for stor for mottakerens mailserver. Den går på nytt med en lenke i stedet for PDF-en."
    ),
    (EventKind.DELIVERED, "address"): gettext_lazy("Levert til %(address)s."),
    (EventKind.SOFT_BOUNCED, "at"): gettext_lazy(
        "E-posten til %(address)s kunne ikke leveres nå. Sendes igjen %(at)s."
    ),
    (EventKind.STILL_PENDING, "other_account"): gettext_lazy(
        "Den ble sendt med nøklene til et annet firma hos AutoInvoice enn de som er lagret nå, så vi kan ikke spørre om den"
        " ble levert.%(last)s"
    ),
}


@dataclass(frozen=True, slots=True)
class Moment:
    at: datetime
    text: str
    said: str  # the provider's own words, where there were any
    by: str


@dataclass(frozen=True, slots=True)
class Leg:
    """One delivery of the invoice; `delivery` is None for what happened before the first. `recipients` only where there are
    several."""

    delivery: Delivery | None
    moments: list[Moment]
    recipients: list[Recipient] = field(default_factory=list)


def timeline(invoice: Invoice) -> list[Leg]:
    """Legs in order, each with its moments; one query, and one more where something went to several addresses."""
    events = Event.objects.filter(invoice=invoice).select_related("delivery", "user").order_by("pk")
    legs: dict[int | None, Leg] = {}
    for event in events:
        leg = legs.setdefault(event.delivery_id, Leg(event.delivery, []))
        leg.moments.append(
            Moment(event.at, words_of(event), str(event.data.get("answer") or ""), str(event.user or ""))
        )
    _name_recipients(legs)
    return list(legs.values())


def _each(delivery: Delivery) -> bool:
    """Whether what it went to are recipients, and not the lines of one address."""
    return bool(delivery.channel) and channel_for(ChannelName(delivery.channel)).to_each


def _name_recipients(legs: dict[int | None, Leg]) -> None:
    several = [pk for pk, leg in legs.items() if leg.delivery and len(leg.delivery.to) > 1 and _each(leg.delivery)]
    for recipient in Recipient.objects.filter(delivery__in=several).order_by("pk") if several else ():
        legs[recipient.delivery_id].recipients.append(recipient)


def words_of(event: Event) -> str:
    kind = EventKind(event.kind)
    special = (text for (of, name), text in SPECIAL.items() if of == kind and event.data.get(name))
    text = str(next(special, TEXTS[kind]))
    if kind == EventKind.CAME_BACK and event.data.get("channel") in BY_MAIL:
        text = str(MAIL_CAME_BACK)
    facts = {**_facts(event.data), "to": ", ".join(event.delivery.to) if event.delivery else ""}
    return " ".join(
        [text % facts, *_of_the_check(event.data), *_of_the_size(event.data), *_of_the_print(event.data)]
    ).strip()


def _of_the_check(data: dict[str, Any]) -> Iterator[str]:
    """What the rules of e-invoices say of the document: what is wrong when it comes, what it was held against before it left."""
    if flaws := data.get("flaws"):
        yield _("Som e-faktura ville den blitt avvist: %(findings)s") % {"findings": findings_in_words(flaws)}
    if identifier := data.get("added"):
        yield _("E-fakturaadressen %(identifier)s manglet i filen, og er lagt til.") % {"identifier": identifier}
    if layers := data.get("checked"):
        yield _("Kontrollert mot %(layers)s.") % {"layers": ", ".join(map(_layer_in_words, layers))}


def _of_the_size(data: dict[str, Any]) -> Iterator[str]:
    """R13: what left in place of a PDF that no mail carries."""
    if not data.get("too_large"):
        return
    if data.get("channel") == ChannelName.TO_USER:
        yield _("PDF-en var for stor for e-post, så e-posten har en lenke til fakturaens side i stedet.")
    else:
        yield _("PDF-en var for stor for e-post, så kunden fikk en lenke i stedet.")


def _of_the_print(data: dict[str, Any]) -> Iterator[str]:
    """R11: what was mended in the company's own PDF, and what goes before it."""
    if mended := data.get("mended"):
        yield _("PDF-en er gjort klar for trykking. %(mended)s") % {
            "mended": print_findings_in_words(mended, codes=False)
        }
    if data.get("cover_sheet"):
        yield _("Printtjenesten legger et forsideark med adressen først.")


def _layer_in_words(layer: str) -> str:
    """«cen 1.3.16» is EN 16931 in its release 1.3.16."""
    name, _space, version = layer.partition(" ")
    return f"{LAYERS.get(name, name)} {version}".strip()


def _facts(data: dict[str, Any]) -> dict[str, Any]:
    at = parse_datetime(data["at"]) if data.get("at") else None
    return {
        **data,
        "reasons": in_words(data.get("reasons", [])),
        "missed": ", ".join(data.get("missed", [])),
        "channel": ChannelName(data["channel"]).label if data.get("channel") else "",
        "at": date_format(timezone.localtime(at), "d.m.Y H:i") if at else "",
        "attempt": data.get("attempt", 1),
        "last": " " + _("Vi spør ikke lenger.") if data.get("last") else "",
        "settled": _("den kom fram.") if data.get("arrived") else _("den kom ikke fram, og går på nytt."),
        "found": _("den er ikke der, og går på nytt.") if data.get("there") is False else _("den er der."),
    }
