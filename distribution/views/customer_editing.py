"""«Ny kunde», «Rediger» and «Arkiver»: the form, and what saving it sets going."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from customers import history
from customers.access import customer_for, locked
from customers.forms import CustomerForm
from customers.identifiers import clean_national_id
from customers.models import Company, Customer, Method, User
from distribution.activation import starting_method
from distribution.prediction import predict
from distribution.tasks import ring_predictions
from distribution.views.frame import of_company, ours
from distribution.views.kept import typed_before


@of_company
def new_customer(request: HttpRequest, company: Company) -> HttpResponse:
    if request.method != "POST":
        return _page(request, CustomerForm(typed_before(request), instance=_blank(company)))
    with transaction.atomic():
        form = CustomerForm(request.POST, instance=_blank(locked(company)))
        if form.is_valid():
            form.save()
            history.keep(history.changes_of(form.instance, None, _signed_in(request)))
    return _saved(request, form) if form.is_valid() else _refused(request, form)


@login_required
def edit_customer(request: HttpRequest, customer_id: int) -> HttpResponse:
    customer = customer_for(request.user, customer_id)
    if request.method != "POST":
        return _page(request, CustomerForm(typed_before(request), instance=customer))
    with transaction.atomic():
        customer.company = locked(customer.company)
        form = CustomerForm(request.POST, instance=as_it_is(customer))
        save_changes(form, _signed_in(request))
    return _saved(request, form) if form.is_valid() else _refused(request, form)


@login_required
@require_POST
def archive_customer(request: HttpRequest, customer_id: int) -> HttpResponse:
    """Under the company's lock, as intake: an invoice that comes in meanwhile fetches him out again."""
    customer = customer_for(request.user, customer_id)
    with transaction.atomic():
        locked(customer.company)
        history.archive(customer, _signed_in(request))
    messages.success(request, _("%(name)s er arkivert.") % {"name": customer.name})
    return redirect("customer", customer.pk)


@login_required
@require_POST
def bring_back_customer(request: HttpRequest, customer_id: int) -> HttpResponse:
    customer = customer_for(request.user, customer_id)
    with transaction.atomic():
        history.bring_back(customer, _signed_in(request))
    messages.success(request, _("%(name)s er hentet fram igjen.") % {"name": customer.name})
    return redirect("customer", customer.pk)


@sensitive_post_parameters("national_id")
@login_required
@require_POST
def national_id(request: HttpRequest, customer_id: int) -> HttpResponse:
    """Of a private customer, for the lookup of eFaktura. A form of its own: what is typed here is kept nowhere but sealed."""
    customer = customer_for(request.user, customer_id)
    typed = request.POST.get("national_id", "").strip()
    try:
        number = clean_national_id(typed) if typed else ""
    except ValidationError as error:
        messages.error(request, error.messages[0])
        return redirect("customer", customer.pk)
    with transaction.atomic():
        history.set_national_id(customer, number, _signed_in(request))
    ring_predictions(customer.company_id)
    messages.success(request, _("Fødselsnummeret er registrert.") if number else _("Fødselsnummeret er fjernet."))
    return redirect("customer", customer.pk)


def save_changes(form: CustomerForm, user: User) -> None:
    """Of a form whose instance was read in this transaction; what is not valid is left alone."""
    before = history.values_of(form.instance)
    if form.is_valid() and form.changed:
        form.instance.changed_at = timezone.now()
        form.instance.save(update_fields=[*form.changed, "changed_at"])
        history.keep(history.changes_of(form.instance, before, user))


def _signed_in(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def _blank(company: Company) -> Customer:
    return Customer(company=company, method=starting_method(company, Method.EMAIL))


def as_it_is(customer: Customer) -> Customer:
    now = Customer.objects.select_related("parent").get(pk=customer.pk)
    now.company = customer.company
    return now


def _saved(request: HttpRequest, form: CustomerForm) -> HttpResponse:
    customer, after = form.instance, _came_from(request) or reverse("customer", args=[form.instance.pk])
    if not form.changed:
        messages.info(request, _("Ingenting var endret."))
        return redirect(after)
    predict(customer.company, Customer.objects.filter(pk=customer.pk))
    ring_predictions(customer.company_id)
    messages.success(request, _("Kunden er lagret."))
    return redirect(after)


def _came_from(request: HttpRequest) -> str:
    """The list whose row led here, and leads back to."""
    return ours(request, request.GET.get("neste", ""))


def _refused(request: HttpRequest, form: CustomerForm) -> HttpResponse:
    if form.changed_meanwhile:
        form.renew()
    return _page(request, form, status=409 if form.changed_meanwhile else 422)


def _page(request: HttpRequest, form: CustomerForm, status: int = 200) -> HttpResponse:
    context = {
        "form": form,
        "customer": None if form.instance._state.adding else form.instance,
        "back": _came_from(request),
        "stored": form.stored if form.changed_meanwhile else [],
    }
    return render(request, "distribution/customer_form.html", context, status=status)
