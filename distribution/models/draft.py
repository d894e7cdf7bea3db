"""An invoice that is being written by hand (R19)."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from customers.models import Company, Customer
from distribution.documents.invoice import DocumentType
from distribution.models.invoice import DOCUMENT_LABELS, Invoice


class Draft(models.Model):
    """`fields` is what was typed, valid or not. Once sent the row stays, with the invoice it became and without what was typed:
    so it can't become another. No run and no sweep reads it. Written by `distribution.drafts`."""

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="drafts")
    customer = models.ForeignKey(Customer, on_delete=models.SET_NULL, null=True, related_name="+")
    document_type = models.CharField(_("type"), max_length=12, choices=DOCUMENT_LABELS)
    credits = models.ForeignKey(Invoice, on_delete=models.PROTECT, null=True, related_name="credit_drafts")
    fields = models.JSONField(default=dict)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    changed_at = models.DateTimeField(_("endret"), default=timezone.now)
    sent_as = models.ForeignKey(Invoice, on_delete=models.PROTECT, null=True, related_name="drafts")

    class Meta:
        verbose_name = _("kladd")
        verbose_name_plural = _("kladder")
        indexes: ClassVar = [
            models.Index(fields=["company", "-changed_at"], condition=Q(sent_as=None), name="draft_open"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(document_type__in=list(DocumentType)), name="draft_document_type"),
            models.CheckConstraint(
                condition=Q(document_type=DocumentType.INVOICE, credits=None)
                | Q(document_type=DocumentType.CREDIT_NOTE, credits__isnull=False),
                name="draft_credits",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_document_type_display()} {self.fields.get('number', '')}".strip()
