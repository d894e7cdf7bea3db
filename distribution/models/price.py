from datetime import date
from decimal import Decimal
from typing import ClassVar

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class PrintPriceQuerySet(models.QuerySet["PrintPrice"]):
    def on(self, day: date, currency: str) -> "PrintPrice | None":
        return self.filter(currency=currency, valid_from__lte=day).order_by("-valid_from").first()


class PrintPrice(models.Model):
    """What a letter costs from a day on. Written by ops in the admin; a new price is a new row, so that the old ones stay."""

    currency = models.CharField(_("valuta"), max_length=3, default="NOK")
    per_letter = models.DecimalField(
        _("pris per brev"), max_digits=9, decimal_places=4, validators=[MinValueValidator(Decimal(0))]
    )
    per_page = models.DecimalField(
        _("pris per side"), max_digits=9, decimal_places=4, validators=[MinValueValidator(Decimal(0))]
    )
    valid_from = models.DateField(_("gjelder fra"))

    objects = PrintPriceQuerySet.as_manager()

    class Meta:
        verbose_name = _("pris for print")
        verbose_name_plural = _("priser for print")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["currency", "valid_from"], name="print_price_once_a_day"),
            models.CheckConstraint(condition=Q(per_letter__gte=0, per_page__gte=0), name="print_price_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.currency} {self.valid_from:%d.%m.%Y}"
