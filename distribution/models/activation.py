"""The one-way switch (R3-R10), what was proposed otherwise before it, and what it changed."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from customers.models import Company, Customer, Method


class Activation(models.Model):
    """Append-only; one per company. Written by `distribution.activation.activate` alone."""

    company = models.OneToOneField(Company, on_delete=models.PROTECT, related_name="activation")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(_("tidspunkt"), default=timezone.now)

    class Meta:
        verbose_name = _("aktivering")
        verbose_name_plural = _("aktiveringer")

    def __str__(self) -> str:
        return f"{self.company}: {self.at:%d.%m.%Y}"


class MethodChange(models.Model):
    """Append-only: each customer's method before and after an activation (R7). No foreign key to the customer, so that the
    history outlives him and a million rows are written without a check each; one index finds those of an activation, and the
    one of a customer."""

    activation = models.ForeignKey(
        Activation, on_delete=models.PROTECT, related_name="method_changes", db_constraint=False, db_index=False
    )
    customer_id = models.BigIntegerField()
    number = models.CharField(max_length=40)
    name = models.CharField(max_length=200)
    before = models.CharField(max_length=12, choices=Method, blank=True)
    after = models.CharField(max_length=12, choices=Method, blank=True)

    class Meta:
        verbose_name = _("endring av distribusjonsmåte")
        verbose_name_plural = _("endringer av distribusjonsmåter")
        indexes: ClassVar = [models.Index(fields=["activation", "customer_id"], name="method_change_of_customer")]

    def __str__(self) -> str:
        return f"{self.number}: {self.before} → {self.after}"


class ProposalEdit(models.Model):
    """A proposal that somebody changed before activating (R5): kept on the server, seen by colleagues."""

    customer = models.OneToOneField(Customer, on_delete=models.CASCADE, primary_key=True, related_name="proposal_edit")
    method = models.CharField(max_length=12, choices=Method)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    batch = models.UUIDField(null=True, db_index=True)  # what was changed with one click, and one click takes back
    before = models.CharField(max_length=12, choices=Method, blank=True)  # empty: it was as proposed

    class Meta:
        verbose_name = _("endret forslag")
        verbose_name_plural = _("endrede forslag")
        indexes: ClassVar = [models.Index(fields=["at"], name="proposal_edit_by_age")]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(method__in=[Method.AUTOINVOICE, Method.SELF]), name="proposal_edit_method"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id}: {self.method}"
