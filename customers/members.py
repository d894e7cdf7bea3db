"""Who works in a company: added by e-mail, given another role, removed. A company always keeps an administrator."""

import logging

from allauth.account.app_settings import PASSWORD_RESET_TOKEN_GENERATOR
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from customers.access import locked
from customers.mailing import NOT_MAILED
from customers.models import Company, Membership, Role, User

logger = logging.getLogger(__name__)


def add_member(company: Company, email: str, role: Role) -> Membership:
    """A stranger becomes a user without a password, who can't sign in before `invite`'s link. Raises ValidationError by field."""
    with transaction.atomic():
        company = locked(company)
        user = _user_of(email, company)
        membership, added = Membership.objects.get_or_create(user=user, company=company, defaults={"role": role})
    if not added:
        words = _("%(email)s er alt bruker i firmaet. Rollen endrer du i listen.") % {"email": user.email}
        raise ValidationError({"email": words})
    logger.info("member added", extra={"membership": membership.pk, "company": company.pk, "role": role.value})
    return membership


def change_role(membership: Membership, role: Role) -> None:
    """Raises ValidationError for the last administrator."""
    with transaction.atomic():
        locked(membership.company)
        if role != Role.ADMIN:
            _keep_an_admin(membership)
        Membership.objects.filter(pk=membership.pk).update(role=role)
    logger.info("member's role changed", extra={"membership": membership.pk, "role": role.value})


def remove_member(membership: Membership) -> None:
    """From the company; the user and what he did stay. Raises ValidationError for the last administrator."""
    with transaction.atomic():
        locked(membership.company)
        _keep_an_admin(membership)
        Membership.objects.filter(pk=membership.pk).delete()
    logger.info("member removed", extra={"membership": membership.pk, "company": membership.company_id})


def is_last_admin(membership: Membership) -> bool:
    """Whoever is switched off can't sign in, and counts as nobody."""
    admins = membership.company.memberships.filter(role=Role.ADMIN, user__is_active=True)
    return list(admins.values_list("pk", flat=True)) == [membership.pk]


def invite(membership: Membership) -> bool:
    """Mails the link where a new user chooses a password; False where the mail server did not take it. Never in a transaction."""
    with translation.override(membership.user.language):
        subject = _("Du har fått tilgang til %(company)s") % {"company": membership.company.name}
        facts = {
            "membership": membership,
            "link": f"{settings.SITE_URL}{_password_path(membership.user)}",
            "site": settings.SITE_URL,
            "days": settings.PASSWORD_RESET_TIMEOUT // 86_400,
        }
        text = render_to_string("customers/invitation.txt", facts)
    mark = "TEST · " if membership.company.is_test else ""  # R17
    message = mail.EmailMessage(f"{mark}{' '.join(subject.split())}", text, to=[membership.user.email])
    try:
        message.send()
    except NOT_MAILED as error:
        logger.error("invitation failed: %s", type(error).__name__, extra={"membership": membership.pk})
        return False
    return True


def _user_of(email: str, company: Company) -> User:
    """Whatever the case that the address is written in: sign-in does not look at it either."""
    known = User.objects.filter(email__iexact=email).order_by("pk").first()
    if known is not None:
        return known
    facts = {"language": company.language, "password": make_password(None)}
    return User.objects.get_or_create(email=email.lower(), defaults=facts)[0]


def _keep_an_admin(membership: Membership) -> None:
    """Under the lock of the company: of two who leave at once, the second sees that the first is gone."""
    if is_last_admin(membership):
        raise ValidationError(
            _("%(name)s er den eneste administratoren i firmaet. Gjør en annen til administrator først.")
            % {"name": membership.user}
        )


def _password_path(user: User) -> str:
    """The page of «Glemt passordet?», with a key that dies when the password is chosen."""
    named = {"uidb36": user_pk_to_url_str(user), "key": PASSWORD_RESET_TOKEN_GENERATOR().make_token(user)}
    return reverse("account_reset_password_from_key", kwargs=named)
