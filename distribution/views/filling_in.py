"""What a customer lacks, filled in where the list of what is missing shows him: the fields of the form that he needs, and no more."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from customers.access import customer_for, locked
from customers.models import Customer, User
from distribution.prediction import predict
from distribution.tasks import ring_predictions
from distribution.views.customer_editing import as_it_is, save_changes
from distribution.views.customers import list_page, row_of
from distribution.views.missing import MissingForm


@login_required
@require_POST
def fill_in(request: HttpRequest, customer_id: int) -> HttpResponse:
    """Back to the same list; htmx gets the row alone. Fields that were not shown stay as they are stored."""
    customer = customer_for(request.user, customer_id)
    assert isinstance(request.user, User)  # signed in
    with transaction.atomic():
        customer.company = locked(customer.company)
        now = as_it_is(customer)
        form = MissingForm.posted(request.POST, now)
        save_changes(form.form, request.user)
    if not form.form.is_valid():
        return _refused(request, form)
    predict(customer.company, Customer.objects.filter(pk=customer.pk))
    ring_predictions(customer.company_id)
    return _saved(request, customer)


def _saved(request: HttpRequest, customer: Customer) -> HttpResponse:
    if getattr(request, "htmx", False):
        fresh = Customer.objects.select_related("company", "parent", "prediction").get(pk=customer.pk)
        return _row(request, {**row_of(fresh, fresh.company, missing=True), "saved": True})
    messages.success(request, _("%(name)s er lagret.") % {"name": customer.name})
    asked = request.META["QUERY_STRING"]
    return redirect(reverse("customers") + (f"?{asked}" if asked else ""))


def _refused(request: HttpRequest, form: MissingForm) -> HttpResponse:
    customer = form.form.instance
    if form.form.changed_meanwhile:
        form.form.renew()
    status = 409 if form.form.changed_meanwhile else 422
    if getattr(request, "htmx", False):
        stored = Customer.objects.select_related("company", "parent", "prediction").get(pk=customer.pk)
        return _row(request, {**row_of(stored, stored.company), "filling": form}, status)
    return list_page(request, customer.company, form, status)


def _row(request: HttpRequest, row: dict[str, Any], status: int = 200) -> HttpResponse:
    return render(request, "distribution/_customer_row.html", {"row": row}, status=status)
