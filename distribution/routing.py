"""From facts to a channel: the rules R20-R28 as one pure function, asked by pages, predictions and workers alike."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from distribution.documents.invoice import DocumentType
from distribution.reasons import Reason, because
from distribution.states import AgreementStatus, Answer, ChannelName, DoubleState

ORDER = (ChannelName.EINVOICE, ChannelName.EMAIL, ChannelName.PRINT)
SELF, BY_EINVOICE, BY_EMAIL = "self", "einvoice", "email"  # as customers.models.Method has them; here are no rows
BEFORE_ACTIVATION = {
    BY_EINVOICE: (ChannelName.EINVOICE, because("method_einvoice")),
    BY_EMAIL: (ChannelName.EMAIL, because("method_email")),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All that decides, as of one moment. Plain values, stored with the delivery; `distribution.facts` makes them.

    `registration` is the register's answer about `identifier`, empty where there was nothing to ask. `address` is what goes
    into the window, complete when `address_missing` is empty. `refused` are channels that said no about the recipient, each as
    often as it did; `chosen` is the channel a person chose for this invoice (R37).
    """

    document_type: str
    activated: bool
    method: str
    business: bool
    electronic_only: bool
    never_email: bool
    agreement_b2b: str
    agreement_b2c: str
    identifier: str = ""
    registration: str = ""
    registration_cause: str = ""
    registration_asked: str = ""  # when the register gave that answer (ISO 8601, UTC)
    recipient: str = ""  # the address that the register knows a consumer by, where it told
    days_to_due: int | None = None
    efaktura_min_days: int = 4
    claim: bool = True  # asks for money: neither a credit note nor a negative amount
    emails: tuple[str, ...] = ()
    email_source: str = "has_email"
    bounced: tuple[str, ...] = ()  # addresses of his that are left out of `emails`: mail to them came back
    bounced_on: str = ""  # the last of it (ISO 8601)
    address: tuple[str, ...] = ()
    address_source: str = "has_address"
    address_missing: tuple[str, ...] = ()
    user_email: str = ""
    company_email: str = ""  # another one, for when the user's is dead (R20)
    refused: tuple[str, ...] = ()
    chosen: str = ""
    duplicate_of: str = ""
    duplicate_id: int | None = None
    duplicate_state: str = DoubleState.SENT
    hold_duplicates: bool = True
    double_confirmed: bool = False
    flaws: tuple[Any, ...] = ()  # what a look ahead found: an e-invoice with them will not leave

    def to_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}  # plain values need no deep copy

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "Facts":
        """Facts of an older release are read by the names that are still known."""
        known = {field.name for field in fields(cls)}
        values: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in stored.items() if name in known
        }
        return cls(**values)


@dataclass(frozen=True, slots=True)
class Route:
    channel: ChannelName
    to: tuple[str, ...]
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Wait:
    """A register did not answer for sure: nothing goes out meanwhile (R25)."""

    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Held:
    """No channel can be used; the reasons say what is missing (R24)."""

    reasons: tuple[Reason, ...]


DOUBLES: Mapping[str, str] = {
    DoubleState.SENT: "duplicate",
    DoubleState.PERHAPS: "duplicate_perhaps",
    DoubleState.WAITING: "duplicate_waiting",
}
Decision = Route | Wait | Held


def decide(facts: Facts) -> Decision:
    if facts.duplicate_of and facts.hold_duplicates and not facts.double_confirmed:
        return Held((_double(facts),))
    if facts.method == SELF:
        return _to_user(facts)
    if facts.chosen:
        return _first_of((ChannelName(facts.chosen),), facts, because("chosen_by_person"))
    if facts.activated:
        return _first_of(ORDER, facts)
    only, reason = _before_activation(facts)
    return _first_of((only,), facts, reason)


def allowed_channels(facts: Facts) -> tuple[ChannelName, ...]:
    """What a person may choose instead today: R12, R20, R26 and, before activation, R27 hold for him too (R37)."""
    if facts.method == SELF:
        return (ChannelName.TO_USER,)
    order = ORDER if facts.activated else _before_activation(facts)[:1]
    return tuple(name for name in order if isinstance(STEPS[name](facts), Route))


def _before_activation(facts: Facts) -> tuple[ChannelName, Reason]:
    """R27: by the customer's method alone."""
    return BEFORE_ACTIVATION.get(facts.method, BEFORE_ACTIVATION[BY_EMAIL])


def _to_user(facts: Facts) -> Decision:
    if not facts.activated:
        return Route(ChannelName.TO_USER, (), (because("self_ready"),))  # R27: made ready, without a mail
    addresses = tuple(filter(None, (facts.user_email, facts.company_email)))
    dead = 0 if facts.chosen else facts.refused.count(ChannelName.TO_USER)  # a person's choice stands above that (R37)
    if dead >= len(addresses):
        why = because("refused_before", channel=ChannelName.TO_USER) if addresses else because("no_user_email")
        return Held((because("self_to_user"), why))
    reasons = (because("self_to_user"), because("company_instead")) if dead else (because("self_to_user"),)
    return Route(ChannelName.TO_USER, (addresses[dead],), reasons)


def _first_of(order: tuple[ChannelName, ...], facts: Facts, *before: Reason) -> Decision:
    """The first channel of `order` that can be used, with why the ones before it can't."""
    why_not = list(before)
    for name in order:
        outcome = _refused(name, facts) or STEPS[name](facts)
        if isinstance(outcome, Route) and name == ChannelName.EINVOICE and facts.flaws:
            return Held((*why_not, because("not_valid", findings=facts.flaws)))
        if isinstance(outcome, Route):
            return Route(outcome.channel, outcome.to, (*why_not, *outcome.reasons))
        if isinstance(outcome, Wait):
            return Wait((*why_not, *outcome.reasons))
        if outcome not in why_not:
            why_not.append(outcome)
    return Held(tuple(why_not))


def _refused(name: ChannelName, facts: Facts) -> Reason | None:
    """Each channel at most once per invoice, in order, never back (R31). A person's choice stands above that."""
    if facts.chosen or not facts.refused:
        return None
    if name in facts.refused:
        return because("refused_before", channel=name)
    last = max((ORDER.index(ChannelName(refused)) for refused in facts.refused if refused in ORDER), default=-1)
    return because("passed_by", channel=name) if ORDER.index(name) < last else None


def _double(facts: Facts) -> Reason:
    code = DOUBLES[facts.duplicate_state]
    return because(code, document=facts.document_type, number=facts.duplicate_of, invoice=facts.duplicate_id)


def _einvoice(facts: Facts) -> Route | Wait | Reason:
    return _peppol(facts) if facts.business else _efaktura(facts)


def _peppol(facts: Facts) -> Route | Wait | Reason:
    """R21 for businesses: agreement, and registered for this kind of document."""
    if facts.agreement_b2b != AgreementStatus.ACTIVE:
        return because("no_b2b_agreement", agreement=facts.agreement_b2b)
    if not facts.identifier:
        return because("no_identifier")
    if facts.registration == Answer.REGISTERED:
        reason = because("registered", document=facts.document_type, identifier=facts.identifier)
        return Route(ChannelName.EINVOICE, (facts.identifier,), (reason,))
    if facts.registration == Answer.NOT_REGISTERED:
        return _not_registered(facts)
    return Wait((_no_answer(facts),))


def _not_registered(facts: Facts) -> Reason:
    """With the register's own words, where it has more to say than whose answer it is: «smp.example: expired 2026-07-21»."""
    named = {"document": facts.document_type, "identifier": facts.identifier}
    if ": " not in facts.registration_cause:
        return because("not_registered", **named)
    return because("not_registered_because", **named, cause=facts.registration_cause)


def _efaktura(facts: Facts) -> Route | Wait | Reason:
    """R21 for consumers: agreement, consent, and time enough before the due date."""
    if facts.agreement_b2c != AgreementStatus.ACTIVE:
        return because("no_b2c_agreement", agreement=facts.agreement_b2c)
    if not facts.identifier:
        return because("efaktura_no_identity")
    if not facts.claim or facts.document_type == DocumentType.CREDIT_NOTE:
        return because("efaktura_only_invoices")
    if facts.days_to_due is None:
        return because("efaktura_no_due_date")
    if facts.days_to_due < facts.efaktura_min_days:
        return because("efaktura_due_too_soon", minimum=facts.efaktura_min_days, days=facts.days_to_due)
    if facts.registration == Answer.REGISTERED:
        to = facts.recipient or facts.identifier
        return Route(ChannelName.EINVOICE, (to,), (because("efaktura_registered"),))
    if facts.registration == Answer.NOT_REGISTERED:
        return because("efaktura_no_consent")
    return Wait((_no_answer(facts),))


def _no_answer(facts: Facts) -> Reason:
    if not facts.registration:
        return because("register_not_asked")
    return because("register_unknown", cause=facts.registration_cause)


def _email(facts: Facts) -> Route | Wait | Reason:
    if facts.electronic_only:
        return because("electronic_only")  # R26
    if facts.never_email:
        return because("never_email")
    returned = {"addresses": list(facts.bounced), "day": facts.bounced_on}
    if not facts.emails:
        return because("email_bounced", **returned) if facts.bounced else because("no_email")
    left_out = (because("one_email_bounced", **returned),) if facts.bounced else ()
    return Route(ChannelName.EMAIL, facts.emails, (because(facts.email_source), *left_out))


def _print(facts: Facts) -> Route | Wait | Reason:
    if facts.electronic_only:
        return because("electronic_only")
    if facts.address_missing:
        return because("address_missing", fields=list(facts.address_missing))
    return Route(ChannelName.PRINT, facts.address, (because(facts.address_source),))


# One channel each: a route by it, a wait for its register, or why not.
STEPS: Mapping[ChannelName, Callable[[Facts], Route | Wait | Reason]] = {
    ChannelName.EINVOICE: _einvoice,
    ChannelName.EMAIL: _email,
    ChannelName.PRINT: _print,
}
