"""What is asked of the provider each night: how each company's B2C agreement stands (R18)."""

import logging

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction

from customers.models import Company
from distribution import provider
from distribution.accounts import accounts_of
from distribution.choices import set_agreement
from distribution.models import ProviderAccount
from distribution.models.settings import AgreementKind

logger = logging.getLogger(__name__)


def read_b2c_agreements() -> int:
    """Over the network, one company after the other. Returns how many answered; for one that did not, all stays as it was."""
    if not settings.AUTOINVOICE_URL:
        return 0
    companies = Company.objects.filter(pk__in=ProviderAccount.objects.filter(stopped_at=None).values("company"))
    return sum(_read(company) for company in companies.order_by("pk").iterator())


def _read(company: Company) -> bool:
    account = accounts_of([company.pk]).get(company.pk)
    if account is None or company.is_test:
        return False
    try:
        status = provider.b2c_agreement(account)
        with transaction.atomic():
            set_agreement(company, AgreementKind.B2C, status)
    except (provider.NoAnswer, ValidationError) as silence:
        logger.warning("the B2C agreement is not known: %s", silence, extra={"company": company.pk})
        return False
    return True
