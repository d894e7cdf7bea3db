"""A customer's link is taken back by the sender (R13): asked first, on a page of its own."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from customers.models import User
from distribution.access import invoice_for
from distribution.links import withdraw


@login_required
def withdraw_link(request: HttpRequest, invoice_id: int, link_id: int) -> HttpResponse:
    invoice = invoice_for(request.user, invoice_id)
    link = invoice.links.filter(pk=link_id).first()
    if link is None:
        raise Http404
    if request.method != "POST" and link.withdrawn_at is None:
        return render(request, "distribution/withdraw_link.html", {"invoice": invoice, "link": link})
    assert isinstance(request.user, User)  # signed in
    if request.method == "POST" and withdraw(link, request.user):
        messages.success(request, _("Lenken er trukket tilbake, og virker ikke lenger."))
    else:
        messages.info(request, _("Lenken er alt trukket tilbake."))
    return redirect("invoice", invoice.pk)
