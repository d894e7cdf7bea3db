"""What a company chooses: settings (R11-R15, R38) and agreements (R2, R18). Every change leaves who, when, before, after."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from customers.models import Company, User
from distribution.models import Agreement, AgreementChange, DistributionSettings, SettingChange
from distribution.models.settings import AgreementKind
from distribution.states import AgreementStatus

CHANGEABLE = (
    "own_pdf_for_print",
    "never_email",
    "attach_pdf",
    "email_text_nb",
    "email_text_en",
    "zip_to_user",
    "hold_duplicates",
    "kid_rule",
    "kid_length",
)


def settings_of(company: Company) -> DistributionSettings:
    """The company's settings, or what holds before anybody chose."""
    found = DistributionSettings.objects.filter(company=company).first()
    return found or DistributionSettings(company=company)


@transaction.atomic
def change_settings(company: Company, user: User | None, **wanted: Any) -> DistributionSettings:
    """Sets what differs. Raises KeyError for a name that is not a setting."""
    settings, _created = DistributionSettings.objects.select_for_update().get_or_create(company=company)
    changes = []
    for name, after in wanted.items():
        if name not in CHANGEABLE:
            raise KeyError(name)
        before = getattr(settings, name)
        if before != after:
            changes.append(SettingChange(company=company, user=user, name=name, before=before, after=after))
            setattr(settings, name, after)
    if changes:
        settings.changed_at = timezone.now()
        settings.save(update_fields=[*wanted, "changed_at"])
        SettingChange.objects.bulk_create(changes)
    return settings


def agreement_status(company: Company, kind: AgreementKind) -> AgreementStatus:
    found = Agreement.objects.filter(company=company, kind=kind).values_list("status", flat=True).first()
    return AgreementStatus(found) if found else AgreementStatus.NONE


@transaction.atomic
def set_agreement(
    company: Company,
    kind: AgreementKind,
    status: AgreementStatus,
    *,
    user: User | None = None,
    accepted_by_name: str = "",
) -> Agreement:
    """Raises ValidationError when an active agreement is wanted for a company without a checked org.nr (R2)."""
    if status == AgreementStatus.ACTIVE and not company.org_number and not company.is_demo:
        raise ValidationError(_("Firmaet må ha et gyldig organisasjonsnummer før det kan inngå avtale."))
    agreement, _created = Agreement.objects.select_for_update().get_or_create(company=company, kind=kind)
    if agreement.status != status:
        AgreementChange.objects.create(
            company=company,
            kind=kind,
            before=agreement.status,
            after=status,
            user=user,
            accepted_by_name=accepted_by_name,
        )
        agreement.status, agreement.changed_at = status, timezone.now()
        agreement.accepted_by_name = accepted_by_name or agreement.accepted_by_name
        agreement.save(update_fields=["status", "changed_at", "accepted_by_name"])
    return agreement
