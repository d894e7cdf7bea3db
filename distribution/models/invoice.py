"""The invoice as it came in, the run it came in, and the customer's link to it."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from customers.models import Company, Customer
from distribution.documents.invoice import DocumentType

DOCUMENT_LABELS = ((DocumentType.INVOICE.value, _("Faktura")), (DocumentType.CREDIT_NOTE.value, _("Kreditnota")))

FROM_PAGE = "page"  # a run's source: only such a run waits, and can be undone (R40)


class Run(models.Model):
    """All invoices sent together, of one company or of several; each company sees its own part."""

    created_at = models.DateTimeField(_("startet"), default=timezone.now)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    source = models.CharField(_("kilde"), max_length=40)
    starts_at = models.DateTimeField(_("går fra"), default=timezone.now)

    class Meta:
        verbose_name = _("utsendelse")
        verbose_name_plural = _("utsendelser")

    def __str__(self) -> str:
        return f"{timezone.localtime(self.created_at):%d.%m.%Y %H:%M}"


class Invoice(models.Model):
    """Written by `distribution.intake`; `last_delivery` by `distribution.delivery.plan`, which makes the deliveries."""

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="invoices")
    customer = models.ForeignKey(Customer, on_delete=models.SET_NULL, null=True, related_name="invoices")
    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="invoices")
    document_type = models.CharField(_("type"), max_length=12, choices=DOCUMENT_LABELS)
    number = models.CharField(_("nummer"), max_length=100)
    buyer_name = models.CharField(_("kunde"), max_length=200)
    issue_date = models.DateField(_("dato"))
    due_date = models.DateField(_("forfall"), null=True)
    currency = models.CharField(_("valuta"), max_length=3)
    payable = models.DecimalField(_("beløp"), max_digits=20, decimal_places=2)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField(default=0)
    own_pdf_sha256 = models.CharField(max_length=64, blank=True)
    email_text = models.TextField(blank=True)
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    last_delivery = models.OneToOneField("Delivery", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("faktura")
        verbose_name_plural = _("fakturaer")
        indexes: ClassVar = [
            models.Index(fields=["company", "document_type", "number"], name="invoice_number"),
            models.Index(fields=["company", "-created_at", "-id"], name="invoice_newest"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["company", "sha256"], name="invoice_bytes_once"),
            models.CheckConstraint(condition=Q(document_type__in=list(DocumentType)), name="invoice_document_type"),
        ]

    def __str__(self) -> str:
        return f"{self.get_document_type_display()} {self.number}"


class Link(models.Model):
    """The customer's way to one invoice (R13). The token is stored as its SHA-256 only; `distribution.links` writes what becomes
    of it. `opened_at` is the last opening that the timeline tells of, `fetched_at` the last look of a machine."""

    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="links")
    token_sha256 = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(null=True)
    fetched_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("lenke")
        verbose_name_plural = _("lenker")

    def __str__(self) -> str:
        return f"{self.invoice_id}: {self.expires_at:%d.%m.%Y}"

    @property
    def open(self) -> bool:
        return self.withdrawn_at is None and timezone.now() < self.expires_at
