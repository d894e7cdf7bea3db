"""«Mitt firma»: the facts of the company and who works in it (R1)."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from customers.models import Company
from distribution.views.frame import of_company


@of_company
def company_page(request: HttpRequest, company: Company) -> HttpResponse:
    memberships = company.memberships.select_related("user").order_by("role", "user__email")
    return render(request, "distribution/company.html", {"memberships": memberships})
