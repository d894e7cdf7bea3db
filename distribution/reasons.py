"""Why: a code with its facts, and the words for it in the reader's language. What is stored is the code and the facts."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from distribution.documents.own_pdf.words import in_words as print_findings_in_words
from distribution.documents.validation.words import in_words as findings_in_words
from distribution.states import AgreementStatus, ChannelName

TEXTS: dict[str, Promise | str] = {
    # The channel
    "self_to_user": _(
        "Kunden er satt til «Ikke send, jeg ordner det selv», så fakturaen går på e-post til brukeren som sendte den."
    ),
    "company_instead": _("E-posten til brukeren kom ikke fram, så den går til firmaets adresse."),
    "self_ready": _("Kunden er satt til «Skriv ut og send selv», så PDF-en er gjort klar til utskrift og nedlasting."),
    "registered": _("Kunden er registrert for mottak av %(document)s i ELMA (%(identifier)s)."),
    "efaktura_registered": _("Firmaet har B2C-avtale, og kunden tar imot eFaktura i nettbanken."),
    "has_invoice_email": _("Kunden har en e-postadresse for faktura."),
    "has_email": _("Kunden har en e-postadresse."),
    "has_parent_email": _("Hovedkunden har en e-postadresse."),
    "has_address": _("Postadressen er komplett."),
    "has_parent_address": _("Hovedkundens postadresse er komplett."),
    "chosen_by_person": _("Kanalen er valgt av en bruker."),
    "method_einvoice": _("Kunden er satt til «Elektronisk faktura»."),
    "method_email": _("Kunden er satt til «E-post»."),
    # Why not another one
    "not_registered": _("Kunden er ikke registrert for mottak av %(document)s i ELMA (%(identifier)s)."),
    "not_registered_because": _(
        "Kunden er ikke registrert for mottak av %(document)s i ELMA (%(identifier)s). Svaret var «%(cause)s»."
    ),
    "no_identifier": _("Kunden har verken organisasjonsnummer eller Peppol-id."),
    "no_b2b_agreement": _("Firmaet har ingen aktiv avtale om elektronisk faktura (%(agreement)s)."),
    "no_b2c_agreement": _("Firmaet har ingen aktiv B2C-avtale (%(agreement)s)."),
    "efaktura_no_consent": _("Kunden har ikke sagt ja til eFaktura i nettbanken."),
    "efaktura_no_identity": _("Kunden har verken mobilnummer eller e-post å slå opp for eFaktura."),
    "efaktura_due_too_soon": _("eFaktura trenger minst %(minimum)s dager til forfall; her er det %(days)s."),
    "efaktura_no_due_date": _("eFaktura trenger en forfallsdato."),
    "efaktura_only_invoices": _("Kreditnotaer og negative beløp går ikke som eFaktura."),
    "never_email": _("Firmaet har valgt «Ikke send fakturaer via e-post»."),
    "no_email": _("Kunden har ingen e-postadresse."),
    "email_bounced": _("E-posten til %(addresses)s kom i retur %(day)s, så det sendes ikke dit."),
    "one_email_bounced": _("Ikke til %(addresses)s: e-posten dit kom i retur %(day)s."),
    "address_missing": _("Postadressen mangler %(fields)s."),
    "electronic_only": _("Kunden skal ha kun elektronisk faktura."),
    "refused_before": _("%(channel)s er prøvd, og mottakeren ble avvist."),
    "passed_by": _("%(channel)s ligger før en kanal som alt er prøvd."),
    # Held
    "no_user_email": _("Brukeren som sendte fakturaen, har ingen e-postadresse, og det har heller ikke firmaet."),
    "duplicate": _("%(document)s %(number)s er alt sendt med et annet innhold."),
    "duplicate_waiting": _("%(document)s %(number)s er alt på vei med et annet innhold."),
    "duplicate_perhaps": _("%(document)s %(number)s er kanskje alt sendt med et annet innhold."),
    "register_silent": _("Registeret svarer ikke. Fakturaen går av seg selv når det svarer."),
    "register_not_asked": _("Registeret er ikke spurt ennå; det blir det av seg selv."),
    "register_unknown": _("Registeret svarte ikke sikkert (%(cause)s). Oppslaget gjøres igjen."),
    "document_refused": _("Dokumentet ble avvist: %(answer)s"),
    "mail_came_back": _("E-posten ble avvist av mottakerens mailtjener, uten at adressen er feil: %(answer)s"),
    "not_valid": _(
        "Fakturaen er ikke en gyldig e-faktura, og mottakeren ville avvist den. %(findings)s"
        " Rett den der den ble laget, og send den på nytt."
    ),
    "not_for_print": _(
        "PDF-en som fulgte med fakturaen, kan ikke trykkes. %(print_findings)s Rett den der den ble laget, og send fakturaen på"
        " nytt. Eller slå av «Bruk egen PDF for printtjeneste» i Innstillinger, og prøv igjen."
    ),
    "no_account": _("Firmaet har ikke lagt inn nøklene sine hos AutoInvoice (Mitt firma, Elektronisk faktura)."),
    "account_refused": _("AutoInvoice tar ikke imot fakturaer fra firmaet nå: %(answer)s"),
    "provider_failed": _("AutoInvoice klarte ikke å levere fakturaen: %(answer)s"),
    "internal_error": _(
        "Programmet snublet over denne fakturaen (%(error)s). Drift har fått beskjed; de andre fakturaene går."
    ),
    "customer_deleted": _("Kunden er slettet."),
    # Cancelled, failed
    "facts_changed": _("Kanalen passer ikke lenger; ny kanal velges."),
    "facts_changed_after_some": _("Kanalen passer ikke lenger, så de andre adressene får den ikke."),
    "too_large": _(
        "Mailserveren sier at e-posten er for stor, også med lenke: %(answer)s Velg en annen kanal, eller last ned fakturaen og"
        " send den selv."
    ),
    "we_are_refused": _(
        "Mailserveren tar ikke imot e-post fra oss nå: %(answer)s Drift har fått beskjed, og kan slippe den videre."
    ),
    "sent_by_hand": _("Sendt selv."),
    "stopped_by_person": _("Stoppet av en bruker."),
    "gave_up": _("Ingen kontakt på %(hours)s timer."),
}
WORDS: dict[str, dict[str, Promise | str]] = {
    "document": {"invoice": _("faktura"), "credit_note": _("kreditnota")},
    "fields": {
        "name": _("navn"),
        "address_line": _("gate eller postboks"),
        "postcode": _("postnummer"),
        "town": _("poststed"),
        "country": _("land"),
    },
    "channel": {name.value: name.label for name in ChannelName},
    "agreement": {status.value: status.label for status in AgreementStatus},
}


# What would have opened a channel, and where it is filled in.
MISSING = {"no_identifier": "org_number", "no_email": "email", "email_bounced": "email", "address_missing": "address"}
OF_THE_ACCOUNT = ("no_account", "account_refused")
OF_ONE = ("identifier", "number")  # facts that are true of one invoice alone


@dataclass(frozen=True, slots=True)
class Reason:
    """`code` is a key of TEXTS; `facts` are what its text names, plain JSON."""

    code: str
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """In the active language."""
        text = str(TEXTS[self.code]) % {name: _in_words(name, value) for name, value in self.facts.items()}
        return text[:1].upper() + text[1:]


def because(code: str, **facts: Any) -> Reason:
    return Reason(code, facts)


def printable(said: str) -> str:
    """A stranger's words as every database takes them: no half characters, no NUL, nothing that steers a screen."""
    return "".join(char if char.isprintable() else " " for char in said)


def in_words(reasons: list[dict[str, Any]] | tuple[Reason, ...]) -> str:
    """Stored or fresh reasons as one text in the active language."""
    return " ".join(reason.text for reason in map(_as_reason, reasons))


def kind_in_words(reasons: list[dict[str, Any]]) -> str:
    """Stored reasons without what is true of one invoice alone: what many have wrong in common reads the same."""
    return in_words(tuple(Reason(one["code"], _alike(one["facts"])) for one in reasons))


def left_out(reasons: list[dict[str, Any]]) -> list[str]:
    """What `kind_in_words` does not say."""
    said = [str(one["facts"][name]) for one in reasons for name in OF_ONE if name in one["facts"]]
    return list(dict.fromkeys(said))


def missing(reasons: tuple[Reason, ...]) -> list[str]:
    """Which facts of the customer would have opened a channel: `org_number`, `email`, `address`."""
    return [MISSING[reason.code] for reason in reasons if reason.code in MISSING]


def invoice_named_in(reasons: list[dict[str, Any]]) -> int | None:
    """The other invoice that stored reasons speak of, to link to (R38)."""
    return next((reason["facts"]["invoice"] for reason in reasons if reason["facts"].get("invoice")), None)


def needs_keys(reasons: list[dict[str, Any]]) -> bool:
    """Whether stored reasons are about the company's keys at the provider, to link to where they are entered."""
    return any(reason["code"] in OF_THE_ACCOUNT for reason in reasons)


def to_json(reasons: tuple[Reason, ...]) -> list[dict[str, Any]]:
    return [{"code": reason.code, "facts": reason.facts} for reason in reasons]


def _as_reason(reason: Reason | dict[str, Any]) -> Reason:
    return reason if isinstance(reason, Reason) else Reason(reason["code"], reason["facts"])


def _alike(facts: dict[str, Any]) -> dict[str, Any]:
    return {name: "…" if name in OF_ONE else value for name, value in facts.items()}


def _in_words(name: str, value: Any) -> str:
    if name == "findings":
        return findings_in_words(value)
    if name == "print_findings":
        return print_findings_in_words(value)
    if name == "day":
        return date_format(date.fromisoformat(value), "d.m.Y")
    table = WORDS.get(name, {})
    values = value if isinstance(value, list | tuple) else [value]
    return ", ".join(str(table.get(item, item)) for item in values)
