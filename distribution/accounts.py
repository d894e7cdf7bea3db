"""A company's keys at the provider: kept encrypted, given to what calls it, and whether it serves the company now."""

import logging
import secrets
from collections.abc import Iterable
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from customers.models import Company, User
from customers.sealed import CannotOpen, seal, unseal
from distribution.account import Account
from distribution.frozen import sha256_of
from distribution.models import ProviderAccount

logger = logging.getLogger(__name__)


def account_of(company_id: int) -> Account | None:
    return accounts_of([company_id]).get(company_id)


def accounts_of(companies: Iterable[int]) -> dict[int, Account]:
    """By company id, of those that have one. Keys that can't be opened any more are as good as none, and the log says so."""
    found = {}
    for row in ProviderAccount.objects.filter(company__in=set(companies)):
        try:
            found[row.company_id] = opened(row)
        except CannotOpen:
            logger.error(
                "keys of a company can't be opened: see FIELD_ENCRYPTION_KEYS", extra={"company": row.company_id}
            )
    return found


def opened(row: ProviderAccount) -> Account:
    """Raises CannotOpen."""
    return Account(company_uuid=str(row.company_uuid), user_api_key=unseal(row.user_api_key))


def save_account(company: Company, user: User | None, *, company_uuid: UUID, user_api_key: str) -> ProviderAccount:
    """New keys, or others in their place. The webhook's address is another one from now on: who knew the old one is out. What
    was read of another account goes too."""
    token = secrets.token_urlsafe(32)
    facts = {
        "company_uuid": company_uuid,
        "user_api_key": seal(user_api_key),
        "hook_token": seal(token),
        "hook_token_sha256": sha256_of(token.encode()),
        "hooks_since": None,
        "saved_at": timezone.now(),
        "saved_by": user,
        "stopped_at": None,
    }
    with transaction.atomic():
        others = ProviderAccount.objects.filter(company=company).exclude(company_uuid=company_uuid)
        others.update(email_text="", email_text_at=None)
        row, _created = ProviderAccount.objects.update_or_create(company=company, defaults=facts)
    logger.info("keys saved", extra={"company": company.pk, "user": user.pk if user else None})
    return row


def remove_account(company: Company, user: User | None) -> None:
    ProviderAccount.objects.filter(company=company).delete()
    logger.info("keys removed", extra={"company": company.pk, "user": user.pk if user else None})


def hook_token_of(row: ProviderAccount) -> str:
    """Raises CannotOpen."""
    return unseal(row.hook_token)


def company_of_hook(token: str) -> int | None:
    """Whose webhook this is; None: nobody's."""
    rows = ProviderAccount.objects.filter(hook_token_sha256=sha256_of(token.encode()))
    return rows.values_list("company", flat=True).first()


def text_at_provider(company_id: int) -> str:
    """R14: the last of the three texts of a mail, as it was when we last agreed with the provider about it."""
    if settings.EINVOICE_TRANSPORT != "autoinvoice":
        return ""
    texts = ProviderAccount.objects.filter(company=company_id).values_list("email_text", flat=True)
    return texts.first() or ""


def note_text(company_id: int, text: str) -> None:
    """As the provider has it now."""
    ProviderAccount.objects.filter(company=company_id).update(email_text=text, email_text_at=timezone.now())


def note_service(company_id: int, *, serves: bool) -> None:
    """Whether the provider serves the company, as its last answer has it (T59). Writes only what is new."""
    rows = ProviderAccount.objects.filter(company=company_id, stopped_at__isnull=not serves)
    rows.update(stopped_at=None if serves else timezone.now())


def serving(companies: Iterable[int]) -> set[int]:
    """Those that have keys which the provider has not refused."""
    rows = ProviderAccount.objects.filter(company__in=set(companies), stopped_at__isnull=True)
    return set(rows.values_list("company", flat=True))
