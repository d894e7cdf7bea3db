"""Where documents that are not taken in would go, by what a worker would decide now. Keeps and sends nothing."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import F
from django.utils.translation import gettext as _

from customers.models import Company, User
from distribution import intake, lookups
from distribution.bounced import NO_MARKS, bounced_of
from distribution.documents.invoice import InvoiceData
from distribution.documents.validation.findings import Finding
from distribution.duplicates import Double, duplicate_of_document
from distribution.facts import Case, case_of_document, cases_of, facts_of, query_of, terms_of
from distribution.models import Delivery
from distribution.registers.base import Query, Reply
from distribution.routing import Decision, Held, Route, Wait, decide
from distribution.states import DoubleState


@dataclass(frozen=True, slots=True)
class Document:
    data: InvoiceData
    sha256: str
    flaws: tuple[Finding, ...] = ()

    @property
    def numbered(self) -> tuple[str, str]:
        return self.data.document_type.value, self.data.number


def case_of(company: Company, document: Document, earlier: Document, user: User | None) -> Case:
    """Bytes that have come before have a delivery whose case this is, with what refused it and who sent it. `earlier` is the
    first with this number among those asked about together."""
    known = Delivery.objects.filter(
        invoice__company=company, invoice__sha256=document.sha256, invoice__last_delivery=F("pk")
    ).select_related("invoice__customer__parent", "invoice__customer__company", "invoice__company", "invoice__sent_by")
    if cases := cases_of(known):
        return next(iter(cases.values()))
    customer = intake.match(company, document.data) or intake.customer_from(company, document.data)
    double = duplicate_of_document(document.data, company, document.sha256)
    if double is None and earlier.sha256 != document.sha256:  # it would be on its way by then
        double = Double(earlier.data.number, None, DoubleState.WAITING)
    bounced = bounced_of([customer]).get(customer.pk, NO_MARKS)
    terms = terms_of([company])[company.pk]
    return case_of_document(document.data, customer, terms, user, double, document.flaws, bounced)


def decisions(cases: Sequence[Case]) -> list[Decision]:
    """The registers are asked once about all, however many they are."""
    replies: dict[Query, Reply] = {}
    for batch in lookups.batches(query for case in cases if (query := query_of(case))):
        replies |= lookups.ask(batch)
    return [decide(facts_of(case, replies)) for case in cases]


def way_of(decision: Decision | None) -> tuple[str, str]:
    """A channel and its name, or no channel and what happens instead."""
    match decision:
        case Route(channel=channel):
            return channel.value, str(channel.label)
        case Wait():
            return "", _("Venter på registeret")
        case Held():
            return "", _("Holdes tilbake")
    return "", ""
