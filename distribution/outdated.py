"""Which stored predictions a change has outdated (R6): found from what changed, not by reading every prediction."""

from datetime import datetime

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from customers.models import Company, Customer
from distribution.models import Agreement, DistributionSettings, Lookup, Prediction, ProposalEdit

FEW = 1000  # changes that are looked up one by one; more are joined


def outdated(company: Company) -> "QuerySet[Prediction, int]":
    """The customers of `PredictionQuerySet.stale`, from the other end: nothing that changed before the oldest prediction was
    made can outdate any, and what changed since is little."""
    rows = Prediction.objects.filter(company=company)
    oldest = rows.order_by("made_at").values_list("made_at", flat=True).first()
    if oldest is None:
        return rows.none().values_list("customer_id", flat=True)
    found = [_by_the_company(company, rows), *_by_customers(company, rows, oldest), _by_registers(rows, oldest)]
    parts = [part.order_by().values_list("customer_id", flat=True) for part in found if part is not None]
    return parts[0].union(*parts[1:]) if parts else rows.none().values_list("customer_id", flat=True)


def _by_the_company(company: Company, rows: QuerySet[Prediction]) -> QuerySet[Prediction] | None:
    """Its settings, its agreements, its activation: all predictions made before the last change."""
    changes = [
        company.activated_at,
        *DistributionSettings.objects.filter(company=company).values_list("changed_at", flat=True),
        *Agreement.objects.filter(company=company).values_list("changed_at", flat=True),
    ]
    last = max((change for change in changes if change), default=None)
    return rows.filter(made_at__lt=last) if last else None


def _by_customers(company: Company, rows: QuerySet[Prediction], oldest: datetime) -> list[QuerySet[Prediction]]:
    """The customer or his parent, and the proposals of the two."""
    changed = Customer.objects.filter(company=company, changed_at__gt=oldest).order_by("changed_at")
    edited = ProposalEdit.objects.filter(customer__company=company, at__gt=oldest).order_by("at")
    found = []
    for changes, when in ((changed, "changed_at"), (edited, "proposal_edit__at")):
        ids = list(changes.values_list("pk", flat=True)[: FEW + 1])
        for who in ("customer", "customer__parent") if ids else ():
            own = Q(**{f"{who}__in": ids}) if len(ids) <= FEW else Q(**{f"{who}__{when}__gt": oldest})
            found.append(rows.filter(own, made_at__lt=F(f"{who}__{when}")))
    return found


def _by_registers(rows: QuerySet[Prediction], oldest: datetime) -> QuerySet[Prediction] | None:
    changed = Lookup.objects.filter(changed_at__gt=oldest)
    identifiers = list(changed.order_by("changed_at").values_list("identifier", flat=True)[: FEW + 1])
    if not identifiers:
        return None
    answered = changed.filter(
        register=OuterRef("asked_register"), identifier=OuterRef("asked_identifier"), changed_at__gt=OuterRef("made_at")
    )
    few = Q(asked_identifier__in=identifiers) if len(identifiers) <= FEW else Q()
    return rows.filter(few, Exists(answered))
