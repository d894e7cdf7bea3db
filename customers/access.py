"""Who may see what. Pages and the API fetch companies and customers through here; what is foreign does not exist (404)."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import QuerySet
from django.http import Http404, HttpRequest

from customers.models import Company, Customer, Role, User

AnyUser = User | AnonymousUser


def companies_for(user: AnyUser) -> QuerySet[Company]:
    if not isinstance(user, User):
        return Company.objects.none()
    return Company.objects.filter(memberships__user=user).order_by("name", "pk")


def company_for(user: AnyUser, company_id: int) -> Company:
    company = companies_for(user).filter(pk=company_id).first()
    if company is None:
        raise Http404
    return company


def customers_for(user: AnyUser) -> QuerySet[Customer]:
    return Customer.objects.filter(company__in=companies_for(user))


def customer_for(user: AnyUser, customer_id: int) -> Customer:
    found = customers_for(user).select_related("company", "parent").filter(pk=customer_id).first()
    if found is None:
        raise Http404
    return found


def is_admin(user: AnyUser, company: Company) -> bool:
    """Company admins alone conclude agreements and activate."""
    return isinstance(user, User) and company.memberships.filter(user=user, role=Role.ADMIN).exists()


def admins_of(company: Company) -> QuerySet[User]:
    return User.objects.filter(memberships__company=company, memberships__role=Role.ADMIN).order_by("email")


def locked(company: Company) -> Company:
    """An activation or another edit waits, so that the methods that may be chosen are those of the moment of saving (R9)."""
    return Company.objects.select_for_update(no_key=True).get(pk=company.pk)


class SignIn(AuthenticationBackend):  # type: ignore[misc]  # allauth has no types
    """Sign-in by e-mail. An account of the demo works only where the site is on this machine, at each request anew."""

    def user_can_authenticate(self, user: AbstractBaseUser) -> bool:
        if isinstance(user, User) and user.is_demo and not settings.ON_THIS_MACHINE:
            return False
        return bool(super().user_can_authenticate(user))

    def get_user(self, user_id: Any) -> User | None:
        user: User | None = super().get_user(user_id)
        return user if user is not None and self.user_can_authenticate(user) else None


class ClosedSignUp(DefaultAccountAdapter):  # type: ignore[misc]
    """Nobody signs up: users are invited by a company's admin."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
