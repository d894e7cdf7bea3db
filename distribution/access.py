"""Who may see which invoice, delivery and run. A foreign id does not exist (404)."""

from django.db.models import QuerySet
from django.http import Http404

from customers.access import AnyUser, companies_for
from distribution.models import Draft, Invoice, Run


def invoices_for(user: AnyUser) -> QuerySet[Invoice]:
    return Invoice.objects.filter(company__in=companies_for(user))


def invoice_for(user: AnyUser, invoice_id: int) -> Invoice:
    found = (
        invoices_for(user)
        .select_related("company", "customer__parent", "last_delivery", "run", "sent_by")
        .filter(pk=invoice_id)
        .first()
    )
    if found is None:
        raise Http404
    return found


def run_for(user: AnyUser, run_id: int) -> Run:
    """A run that has an invoice of one of the user's companies; the page shows their part of it only."""
    found = Run.objects.filter(pk=run_id, invoices__company__in=companies_for(user)).distinct().first()
    if found is None:
        raise Http404
    return found


def draft_for(user: AnyUser, draft_id: int) -> Draft:
    """Also one that was sent: then it says as what."""
    rows = Draft.objects.filter(company__in=companies_for(user))
    parts = ("company", "customer__parent", "customer__company", "credits", "changed_by")
    found = rows.select_related(*parts).filter(pk=draft_id).first()
    if found is None:
        raise Http404
    return found
