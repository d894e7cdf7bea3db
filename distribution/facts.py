"""What is true now: the only reader of settings, agreements, addresses and kept lookups for routing. Bulk first, one is a bulk of one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from customers.models import Company, Customer, Kind, Method, User
from distribution.bounced import NO_MARKS, Marks, bounced_of
from distribution.documents.invoice import DocumentType, InvoiceData
from distribution.documents.validation.findings import Finding, as_facts, of_any_network
from distribution.duplicates import Double, duplicates
from distribution.models import Agreement, Delivery, DistributionSettings
from distribution.models.settings import AgreementKind
from distribution.reach import consumer_identity, emails_of, peppol_id, with_address
from distribution.registers.base import Query, RegisterName, Reply
from distribution.routing import Facts
from distribution.states import AgreementStatus, ChannelName, DoubleState


@dataclass(frozen=True, slots=True)
class Terms:
    """What a company has chosen and agreed."""

    company: Company
    settings: DistributionSettings
    b2b: str
    b2c: str


@dataclass(frozen=True, slots=True)
class Case:
    """One customer and one document, before a register is asked."""

    customer: Customer
    terms: Terms
    activated: bool
    method: str
    document_type: str = DocumentType.INVOICE.value
    due_date: date | None = None
    claim: bool = True
    user_email: str = ""
    refused: tuple[str, ...] = ()
    chosen: str = ""
    duplicate: Double | None = None
    double_confirmed: bool = False
    flaws: tuple[Finding, ...] = ()
    bounced: Marks = field(default_factory=dict)  # addresses of his that came back


def terms_of(companies: Iterable[Company]) -> dict[int, Terms]:
    """By company id, in two queries for any number of companies."""
    by_id = {company.pk: company for company in companies}
    chosen = DistributionSettings.objects.in_bulk(list(by_id))
    agreed = {(row.company_id, row.kind): row.status for row in Agreement.objects.filter(company__in=by_id)}
    return {
        pk: Terms(
            company,
            chosen.get(pk) or DistributionSettings(company=company),
            agreed.get((pk, AgreementKind.B2B.value), AgreementStatus.NONE),
            agreed.get((pk, AgreementKind.B2C.value), AgreementStatus.NONE),
        )
        for pk, company in by_id.items()
    }


def case_of_customer(customer: Customer, terms: Terms, user: User | None = None, bounced: Marks = NO_MARKS) -> Case:
    """An ordinary invoice to this customer, due in good time: what lists and predictions speak of. `bounced` is his part of
    `distribution.bounced.bounced_of`."""
    due = timezone.localdate() + timedelta(days=max(14, settings.EFAKTURA_MIN_DAYS))
    return Case(
        customer,
        terms,
        terms.company.activated,
        customer.method_in_force,
        due_date=due,
        user_email=_user_email(user, terms.company),
        bounced=bounced,
    )


def case_of_document(
    document: InvoiceData,
    customer: Customer,
    terms: Terms,
    user: User | None = None,
    duplicate: Double | None = None,
    flaws: tuple[Finding, ...] = (),
    bounced: Marks = NO_MARKS,
) -> Case:
    """A document that is not kept (`route`): the customer may be one that does not exist yet."""
    return Case(
        customer,
        terms,
        terms.company.activated,
        customer.method_in_force,
        document_type=document.document_type.value,
        due_date=document.due_date,
        claim=document.totals.payable >= 0,
        user_email=_user_email(user, terms.company),
        duplicate=duplicate,
        flaws=flaws,
        bounced=bounced,
    )


def cases_of(deliveries: Iterable[Delivery]) -> dict[int, Case]:
    """By delivery id, without those whose customer is deleted; invoice, customer, parent, company and user come selected."""
    rows = list(deliveries)
    terms = terms_of({row.company_id: row.invoice.company for row in rows}.values())
    refused = _refused_channels(rows)
    doubles = duplicates([row.invoice for row in rows])
    bounced = bounced_of(row.invoice.customer for row in rows if row.invoice.customer)
    return {
        row.pk: replace(
            _case_of(row, terms[row.company_id], refused.get(row.invoice_id, ()), doubles.get(row.invoice_id)),
            bounced=bounced.get(row.invoice.customer_id or 0, NO_MARKS),
        )
        for row in rows
        if row.invoice.customer is not None
    }


def query_of(case: Case) -> Query | None:
    """What a register must be asked before this case can be decided; None where its answer can't matter."""
    if case.method == Method.SELF or (not case.activated and case.method != Method.EINVOICE):
        return None
    if ChannelName.EINVOICE in case.refused or case.chosen not in ("", ChannelName.EINVOICE):
        return None
    business = case.customer.kind == Kind.BUSINESS
    agreed = (case.terms.b2b if business else case.terms.b2c) == AgreementStatus.ACTIVE
    return query_about(case.customer, case.document_type) if agreed else None


def query_about(customer: Customer, document_type: str) -> Query | None:
    """What there is to ask about him, whatever the company has chosen and agreed; None where nothing names him."""
    if customer.kind == Kind.BUSINESS:
        register, identifier, sealed = RegisterName.EINVOICE, peppol_id(customer), b""
    else:
        register, identifier = RegisterName.EFAKTURA, consumer_identity(customer)
        sealed = bytes(customer.national_id or b"")
    if not identifier:
        return None
    return Query(register, identifier, document_type, company=customer.company_id, sealed_id=sealed)


def facts_of(case: Case, replies: Mapping[Query, Reply]) -> Facts:
    customer, terms = case.customer, case.terms
    business = customer.kind == Kind.BUSINESS
    facts = Facts(
        document_type=case.document_type,
        activated=case.activated,
        method=case.method,
        business=business,
        electronic_only=customer.electronic_only,
        never_email=terms.settings.never_email,
        agreement_b2b=terms.b2b,
        agreement_b2c=terms.b2c,
        identifier=peppol_id(customer) if business else consumer_identity(customer),
        **_registration(query_of(case), replies),
        days_to_due=(case.due_date - timezone.localdate()).days if case.due_date else None,
        efaktura_min_days=settings.EFAKTURA_MIN_DAYS,
        claim=case.claim,
        **_emails(case),
        user_email=case.user_email,
        company_email="" if terms.company.email.lower() == case.user_email.lower() else terms.company.email,
        refused=case.refused,
        chosen=case.chosen,
        duplicate_of=case.duplicate.number if case.duplicate else "",
        duplicate_id=case.duplicate.invoice if case.duplicate else None,
        duplicate_state=case.duplicate.state if case.duplicate else DoubleState.SENT,
        hold_duplicates=terms.settings.hold_duplicates,
        double_confirmed=case.double_confirmed,
        flaws=tuple(as_facts(case.flaws if business else of_any_network(case.flaws))),
    )
    return with_address(facts, customer)


def _registration(query: Query | None, replies: Mapping[Query, Reply]) -> dict[str, Any]:
    reply = replies.get(query) if query else None
    if reply is None:
        return {}
    return {
        "registration": reply.answer,
        "registration_cause": reply.reason,
        "registration_asked": reply.asked_at.isoformat(),
        "recipient": reply.recipient,
    }


def _emails(case: Case) -> dict[str, Any]:
    emails, source = emails_of(case.customer)
    back = tuple(address for address in emails if address.lower() in case.bounced)
    return {
        "emails": tuple(address for address in emails if address not in back),
        "email_source": source,
        "bounced": back,
        "bounced_on": _day(max(case.bounced[address.lower()] for address in back)) if back else "",
    }


def _day(moment: datetime) -> str:
    return timezone.localdate(moment).isoformat()


def as_if_chosen(case: Case) -> Case:
    """The same case before a person chooses its channel: neither his last choice nor what refused stands in his way (R37)."""
    return replace(case, chosen="", refused=())


def as_if_activated(case: Case, method: str) -> Case:
    """The same case on the day after activation, with the method proposed for the customer."""
    return replace(case, activated=True, method=method)


def _case_of(row: Delivery, terms: Terms, refused: tuple[str, ...], duplicate: Double | None) -> Case:
    invoice = row.invoice
    assert invoice.customer is not None  # cases_of leaves the others out
    return Case(
        invoice.customer,
        terms,
        terms.company.activated,
        invoice.customer.method_in_force,
        document_type=invoice.document_type,
        due_date=invoice.due_date,
        claim=invoice.payable >= 0,
        user_email=_user_email(invoice.sent_by, terms.company),
        refused=refused,
        chosen=row.chosen_channel,
        duplicate=duplicate,
        double_confirmed=row.double_confirmed,
    )


def _refused_channels(rows: list[Delivery]) -> dict[int, tuple[str, ...]]:
    refused: dict[int, tuple[str, ...]] = {}
    earlier = Delivery.objects.filter(invoice__in=[row.invoice_id for row in rows], refused=True).order_by("pk")
    for invoice_id, channel in earlier.values_list("invoice_id", "channel"):
        refused[invoice_id] = (*refused.get(invoice_id, ()), channel)
    return refused


def _user_email(user: User | None, company: Company) -> str:
    """R20: the user who sent it; where no user did (a command, the API) the company's own address stands in."""
    return (user.email if user else "") or company.email
