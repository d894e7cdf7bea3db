"""Per customer, the channel that an invoice would take today and after activation (R6): stored, so that lists are fast."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from customers.models import Company, Customer
from distribution.states import ChannelName


class PredictionQuerySet(models.QuerySet["Prediction"]):
    def stale(self) -> "PredictionQuerySet":
        """Made before the last change of what it was made of: the customer, his parent, settings, agreements, a register."""
        return self.filter(
            Q(made_at__lt=F("customer__changed_at"))
            | Q(made_at__lt=F("customer__parent__changed_at"))
            | Q(made_at__lt=F("company__distribution_settings__changed_at"))
            | Q(made_at__lt=F("company__activated_at"))
            | Q(made_at__lt=F("customer__proposal_edit__at"))
            | Q(made_at__lt=F("customer__parent__proposal_edit__at"))
            | models.Exists(_agreement_changed_since())
            | models.Exists(_answer_changed_since())
        )


def _agreement_changed_since() -> models.QuerySet[models.Model]:
    from distribution.models.settings import Agreement

    return Agreement.objects.filter(company=models.OuterRef("company"), changed_at__gt=models.OuterRef("made_at"))


def _answer_changed_since() -> models.QuerySet[models.Model]:
    from distribution.models.lookup import Lookup

    return Lookup.objects.filter(
        register=models.OuterRef("asked_register"),
        identifier=models.OuterRef("asked_identifier"),
        changed_at__gt=models.OuterRef("made_at"),
    )


class Prediction(models.Model):
    """Written by `distribution.prediction.predict` alone. An empty channel with `waits` set waits for a register, else it is held."""

    customer = models.OneToOneField(Customer, on_delete=models.CASCADE, primary_key=True, related_name="prediction")
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="predictions")
    channel_now = models.CharField(_("kanal i dag"), max_length=8, choices=ChannelName, blank=True)
    waits_now = models.BooleanField(default=False)
    reasons_now = models.JSONField(default=list)
    channel_after = models.CharField(_("kanal etter aktivering"), max_length=8, choices=ChannelName, blank=True)
    waits_after = models.BooleanField(default=False)
    reasons_after = models.JSONField(default=list)
    missing = models.JSONField(default=list)
    asked_register = models.CharField(max_length=10, blank=True)
    asked_identifier = models.CharField(max_length=254, blank=True)
    made_at = models.DateTimeField(default=timezone.now)

    objects = PredictionQuerySet.as_manager()

    class Meta:
        verbose_name = _("forventet kanal")
        verbose_name_plural = _("forventede kanaler")
        indexes: ClassVar = [
            # Totals are grouped, and a channel found, without reading the wide rows.
            models.Index(
                fields=["company", "channel_now", "waits_now", "channel_after", "waits_after"], name="prediction_totals"
            ),
            models.Index(fields=["company", "channel_after", "waits_after"], name="prediction_channel_after"),
            models.Index(fields=["company"], condition=~Q(missing=[]), name="prediction_missing"),
            # What a change has outdated: from the oldest on, and from the register's answer.
            models.Index(fields=["company", "made_at"], name="prediction_by_age"),
            models.Index(fields=["asked_identifier", "asked_register"], name="prediction_by_identifier"),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id}: {self.channel_now or '–'}"
