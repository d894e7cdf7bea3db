"""«Bruk adressen igjen»: a person says that an address which came back is well again."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from customers.access import customer_for
from customers.models import Customer, User
from distribution import bounced
from distribution.prediction import predict
from distribution.tasks import ring_predictions


@login_required
@require_POST
def use_address(request: HttpRequest, customer_id: int) -> HttpResponse:
    customer, address = customer_for(request.user, customer_id), request.POST.get("address", "")
    assert isinstance(request.user, User)  # signed in
    if bounced.clear(customer, address, request.user):
        predict(customer.company, Customer.objects.filter(pk=customer.pk))
        ring_predictions(customer.company_id)
        messages.success(request, _("%(address)s brukes igjen.") % {"address": address})
    else:
        messages.info(request, _("Adressen er alt i bruk igjen."))
    return redirect("customer", customer.pk)
