"""A company's address is its own when somebody who reads it says so: a mailed link, followed by a click (R14).

The link names the company and the address: one that has been changed since is not verified by it.
"""

import logging
from dataclasses import dataclass

from django.conf import settings
from django.core import mail, signing
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from customers.limits import may_mail
from customers.mailing import NOT_MAILED
from customers.models import Company

logger = logging.getLogger(__name__)
SALT = "customers.verification"
DAYS = 3
MOST = 5  # mails per company and hour


class NotSent(ValidationError):
    """The mail did not leave; the words say why."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What a link says. `pending` is false where the company has another address by now."""

    company: Company
    email: str

    @property
    def pending(self) -> bool:
        return self.company.email == self.email


def send_link(company: Company) -> None:
    """Raises NotSent. Over the network: never within a transaction."""
    if not may_mail(f"verification-mails-{company.pk}", MOST):
        raise NotSent(
            _("Det er sendt %(most)s bekreftelser den siste timen. Vent litt, og prøv igjen.") % {"most": MOST}
        )
    try:
        _compose(company).send()
    except NOT_MAILED as error:
        logger.error("verification not mailed: %s", type(error).__name__, extra={"company": company.pk})
        raise NotSent(
            _("Mailserveren tok ikke imot e-posten til %(email)s. Se over adressen, eller prøv igjen om litt.")
            % {"email": company.email}
        ) from error


def claim_of(token: str) -> Claim | None:
    """None for a link that is not ours, has run out, or names a company that is gone."""
    try:
        said = signing.loads(token, salt=SALT, max_age=DAYS * 86_400)
    except signing.BadSignature:
        return None
    company = Company.objects.filter(pk=said["company"]).first()
    return Claim(company, said["email"]) if company is not None else None


def verify(claim: Claim) -> bool:
    """False where the address has been changed meanwhile. Safe to repeat."""
    rows = Company.objects.filter(pk=claim.company.pk, email=claim.email)
    verified = rows.update(verified_email=claim.email) == 1
    logger.info("company's address verified: %s", verified, extra={"company": claim.company.pk})
    return verified


def token_for(company: Company) -> str:
    return signing.dumps({"company": company.pk, "email": company.email}, salt=SALT)


def _compose(company: Company) -> mail.EmailMessage:
    """In the company's language: the address is the company's, not that of whoever asked for this."""
    with translation.override(company.language):
        mark = "TEST · " if company.is_test else ""  # R17
        subject = _("Bekreft e-postadressen til %(company)s") % {"company": company.name}
        facts = {
            "company": company,
            "link": settings.SITE_URL + reverse("verify-email", args=[token_for(company)]),
            "days": DAYS,
        }
        text = render_to_string("customers/verification.txt", facts)
    return mail.EmailMessage(
        " ".join(f"{mark}{subject}".split()), text, to=[company.email], headers={"Auto-Submitted": "auto-generated"}
    )
