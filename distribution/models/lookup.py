"""What a register answered last, and when: read by lists and predictions. A send asks anew."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from distribution.states import Answer


class Lookup(models.Model):
    """Written by `distribution.lookups` alone. An outage moves only `failed_at`: the last real answer stays (P5)."""

    register = models.CharField(max_length=10)
    identifier = models.CharField(max_length=254)
    document = models.CharField(max_length=12)
    answer = models.CharField(max_length=16, choices=Answer)
    reason = models.CharField(max_length=300, blank=True)
    asked_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)
    failed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("oppslag")
        verbose_name_plural = _("oppslag")
        indexes: ClassVar = [models.Index(fields=["changed_at"], name="lookup_by_age")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["register", "identifier", "document"], name="lookup_once"),
            models.CheckConstraint(condition=Q(answer__in=Answer.values), name="lookup_answer"),
        ]

    def __str__(self) -> str:
        return f"{self.identifier} {self.document}: {self.answer}"
