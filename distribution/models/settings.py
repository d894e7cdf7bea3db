"""What a company chose (R11-R15, R38), its agreements (R2, R18), and since when its services are on (R23)."""

from typing import ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from customers.models import Company
from distribution.kid import LONGEST, MOD10, MOD11, SHORTEST
from distribution.states import AgreementStatus, ChannelName


class KidRule(models.TextChoices):
    NONE = "", _("Vi lager ingen KID")
    MOD10 = MOD10, _("MOD10")
    MOD11 = MOD11, _("MOD11")


class DistributionSettings(models.Model):
    """Written by `distribution.choices.change_settings` alone, which leaves a SettingChange (R15)."""

    company = models.OneToOneField(
        Company, on_delete=models.PROTECT, primary_key=True, related_name="distribution_settings"
    )
    own_pdf_for_print = models.BooleanField(
        _("Bruk egen PDF for printtjeneste"),
        default=False,
        help_text=_("Printtjenesten bruker PDF-en som fulgte med fakturaen. Det koster et forsideark i tillegg."),
    )
    never_email = models.BooleanField(
        _("Ikke send fakturaer via e-post"),
        default=False,
        help_text=_("Fakturaen sendes enten elektronisk eller med post."),
    )
    attach_pdf = models.BooleanField(
        _("Send faktura som vedlegg i e-post"),
        default=True,
        help_text=_("Uten krysset får kunden en lenke til fakturaen i stedet for PDF-en."),
    )
    email_text_nb = models.TextField(_("Egendefinert tekst i e-post"), blank=True)
    email_text_en = models.TextField(_("Egendefinert tekst i e-post, engelsk"), blank=True)
    zip_to_user = models.BooleanField(
        _("Samle «e-post til bruker» i én e-post"),
        default=False,
        help_text=_("Fakturaene du sender samtidig til deg selv, kommer i én zip-fil i stedet for én e-post hver."),
    )
    hold_duplicates = models.BooleanField(
        _("Hold tilbake fakturaer med et nummer som er brukt"),
        default=True,
        help_text=_("Gjelder når den forrige med samme nummer er sendt de siste 7 dagene."),
    )
    kid_rule = models.CharField(
        _("KID på fakturaer som lages her"),
        max_length=5,
        choices=KidRule,
        default=KidRule.NONE,
        blank=True,
        help_text=_("Kundenummer og fakturanummer med kontrollsiffer, etter avtalen du har med banken."),
    )
    kid_length = models.PositiveSmallIntegerField(
        _("Antall tegn i KID"),
        default=13,
        validators=[MinValueValidator(SHORTEST), MaxValueValidator(LONGEST)],
        help_text=_("9 til 25, med kontrollsifferet. De sju siste før det er fakturanummeret."),
    )
    changed_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("innstillinger")
        verbose_name_plural = _("innstillinger")
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(kid_rule__in=KidRule.values), name="settings_kid_rule"),
            models.CheckConstraint(
                condition=Q(kid_length__gte=SHORTEST, kid_length__lte=LONGEST), name="settings_kid_length"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.company}"

    def email_text(self, language: str) -> str:
        return self.email_text_en if language == "en" else self.email_text_nb


class SettingChange(models.Model):
    """Append-only (R15)."""

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="setting_changes")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    name = models.CharField(max_length=40)
    before = models.JSONField()
    after = models.JSONField()

    class Meta:
        verbose_name = _("endring av innstilling")
        verbose_name_plural = _("endringer av innstillinger")

    def __str__(self) -> str:
        return f"{self.name}: {self.before} → {self.after}"


class AgreementKind(models.TextChoices):
    B2B = "b2b", _("Elektronisk faktura til bedrifter (B2B)")
    B2C = "b2c", _("Elektronisk faktura til privatpersoner (B2C)")


class Agreement(models.Model):
    """No row means none. Written by `distribution.choices.set_agreement` alone, which leaves an AgreementChange (R2)."""

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="agreements")
    kind = models.CharField(_("avtale"), max_length=3, choices=AgreementKind)
    status = models.CharField(_("status"), max_length=10, choices=AgreementStatus, default=AgreementStatus.NONE)
    accepted_by_name = models.CharField(_("godtatt av"), max_length=200, blank=True)
    changed_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("avtale")
        verbose_name_plural = _("avtaler")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["company", "kind"], name="agreement_once"),
            models.CheckConstraint(condition=Q(kind__in=AgreementKind.values), name="agreement_kind"),
            models.CheckConstraint(condition=Q(status__in=AgreementStatus.values), name="agreement_status"),
        ]

    def __str__(self) -> str:
        return f"{self.company}: {self.get_kind_display()} – {self.get_status_display()}"


class AgreementChange(models.Model):
    """Append-only: terms accepted by name, user and time are kept (R2)."""

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="agreement_changes")
    kind = models.CharField(max_length=3, choices=AgreementKind)
    before = models.CharField(max_length=10, choices=AgreementStatus)
    after = models.CharField(max_length=10, choices=AgreementStatus)
    accepted_by_name = models.CharField(max_length=200, blank=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("endring av avtale")
        verbose_name_plural = _("endringer av avtaler")

    def __str__(self) -> str:
        return f"{self.kind}: {self.before} → {self.after}"


class ChannelService(models.Model):
    """Since when a channel that switches itself on has been on (the print service, R23)."""

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="channel_services")
    channel = models.CharField(_("kanal"), max_length=8, choices=ChannelName)
    since = models.DateTimeField(_("siden"), default=timezone.now)

    class Meta:
        verbose_name = _("tjeneste")
        verbose_name_plural = _("tjenester")
        constraints: ClassVar = [models.UniqueConstraint(fields=["company", "channel"], name="channel_service_once")]

    def __str__(self) -> str:
        return f"{self.company}: {self.get_channel_display()}"
