"""«Send alle fakturaer med Visma AutoInvoice»: the one-way switch (R3-R10)."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Case, CharField, Exists, F, OuterRef, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce, NullIf
from django.utils import timezone
from django.utils.translation import gettext as _

from customers.models import Company, Customer, Method, User
from distribution.choices import agreement_status
from distribution.models import Activation, Prediction, ProposalEdit
from distribution.models.settings import AgreementKind
from distribution.states import AgreementStatus

NEVER = datetime(2000, 1, 1, tzinfo=UTC)  # older than whatever a prediction rests on
TO_AUTOINVOICE = (Method.EMAIL, Method.EINVOICE, Method.AUTOINVOICE)


class NotActivatable(ValidationError):
    """The company has no active agreement of electronic invoice (R4)."""


@dataclass(frozen=True, slots=True)
class Activated:
    """`first` tells whether this call made the activation or found it made (R7)."""

    activation: Activation
    first: bool


def propose(company: Company) -> QuerySet[Customer]:
    """ALL customers of the company with `method_now` and `proposed` (R5). An own method left empty reads the parent's (R16)."""
    return company.customers.annotate(
        method_now=Coalesce(NullIf("method", Value("")), "parent__method"),
        proposed=Coalesce(
            "proposal_edit__method",
            Case(When(method="", then="parent__proposal_edit__method")),
            Case(When(method_now__in=TO_AUTOINVOICE, then=Value(Method.AUTOINVOICE)), default=Value(Method.SELF)),
            output_field=CharField(),
        ),
    )


def edit_proposals(customers: QuerySet[Customer], method: Method, user: User | None, batch: UUID | None = None) -> int:
    """Changes the proposal of all these customers, one or what a filter shows (R5); the edits stay on the server. What has a
    `batch` can be taken back whole by `undo_edits`."""
    ids = list(customers.values_list("pk", flat=True))
    before = dict(ProposalEdit.objects.filter(customer__in=customers.values("pk")).values_list("customer_id", "method"))
    edits = (
        ProposalEdit(customer_id=pk, method=method, user=user, batch=batch, before=before.get(pk, "")) for pk in ids
    )
    ProposalEdit.objects.bulk_create(
        edits,
        update_conflicts=True,
        unique_fields=["customer"],
        update_fields=["method", "user", "at", "batch", "before"],
        batch_size=1000,
    )
    return len(ids)


@transaction.atomic
def undo_edits(company: Company, batch: UUID) -> int:
    """Takes back what one click changed and nobody has changed since; returns how many. Their predictions are to be made
    anew: an edit that is gone outdates nothing by itself."""
    edits = ProposalEdit.objects.filter(Exists(company.customers.filter(pk=OuterRef("customer_id"))), batch=batch)
    undone = list(edits.values_list("customer_id", flat=True))
    own = ProposalEdit.objects.filter(batch=batch, customer=OuterRef("customer_id"))
    parents = ProposalEdit.objects.filter(batch=batch, customer__branches=OuterRef("customer_id"))
    Prediction.objects.filter(Exists(own) | Exists(parents), company=company).update(made_at=NEVER)
    edits.filter(before="").delete()
    edits.update(method=F("before"), batch=None, before="", at=timezone.now())
    return len(undone)


def refusal(company: Company) -> str:
    """Why the company can't activate, in words; empty when it can (R4)."""
    status = agreement_status(company, AgreementKind.B2B)
    if status == AgreementStatus.ACTIVE:
        return ""
    return _(
        "Firmaet må ha en aktiv avtale om elektronisk faktura før det kan aktivere. Avtalen er nå: %(status)s."
    ) % {"status": status.label}


@transaction.atomic
def activate(company: Company, user: User | None) -> Activated:
    """All or nothing; a second call, tab or user gets the same activation. Raises NotActivatable.

    1. The company's row is locked: an activation under way makes the others wait, and they find it made.
    2. Every customer's method before and after is written down (R7).
    3. Edited customers get their edit, the rest of those on e-mail or electronic invoice get AutoInvoice.
    4. `activated_at` is set; from here the guards allow two methods only (R8, R9).
    """
    locked = Company.objects.select_for_update().get(pk=company.pk)
    if locked.activated:
        company.activated_at = locked.activated_at
        return Activated(Activation.objects.get(company=locked), first=False)
    if words := refusal(locked):
        raise NotActivatable(words)
    activation = Activation.objects.create(company=locked, user=user)
    _write_history(activation)
    _apply(locked)
    company.activated_at = locked.activated_at = activation.at
    locked.save(update_fields=["activated_at"])
    return Activated(activation, first=True)


def _write_history(activation: Activation) -> None:
    """One statement for a million customers: the rows never pass through this process."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO distribution_methodchange (activation_id, customer_id, number, name, before, after)
            SELECT %s, c.id, c.number, c.name, c.method,
                   COALESCE(e.method, CASE WHEN c.method IN ('email', 'einvoice') THEN 'autoinvoice' ELSE c.method END)
              FROM customers_customer c LEFT JOIN distribution_proposaledit e ON e.customer_id = c.id
             WHERE c.company_id = %s
            """,
            [activation.pk, activation.company_id],
        )


def _apply(company: Company) -> None:
    """Not by a filter over the relation: Django updates that through the table joined with itself. PostgreSQL takes a company
    that came after its statistics to have one customer, and then walks through them all for each of them: seen, for hours."""
    edits = ProposalEdit.objects.filter(customer=OuterRef("pk"))
    company.customers.filter(Exists(edits)).update(method=Subquery(edits.values("method")))
    company.customers.filter(method__in=[Method.EMAIL, Method.EINVOICE]).update(method=Method.AUTOINVOICE)


def starting_method(company: Company, wanted: Method) -> Method:
    """A customer that comes after activation starts as AutoInvoice (R10), before it with the method `wanted`."""
    return Method.AUTOINVOICE if company.activated else wanted
