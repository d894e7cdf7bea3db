"""A company's keys at the provider, and what the provider told us afterwards."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from customers.models import Company
from distribution.states import Settled


class ProviderAccount(models.Model):
    """Written by `distribution.accounts` alone. The key and the webhook's token are encrypted, and shown to nobody."""

    company = models.OneToOneField(Company, on_delete=models.PROTECT, primary_key=True, related_name="provider_account")
    company_uuid = models.UUIDField()
    user_api_key = models.BinaryField()
    # The address that the provider calls ends in the token; a call is known by its hash.
    hook_token = models.BinaryField()
    hook_token_sha256 = models.CharField(max_length=64, unique=True)
    hooks_since = models.DateTimeField(null=True)
    saved_at = models.DateTimeField(_("lagret"), default=timezone.now)
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("av")
    )
    # Since when the provider has not served this company (wrong keys, empty quota); none: as far as we know it does.
    stopped_at = models.DateTimeField(_("stanset"), null=True)
    # R14: the text of the company's mails at the provider, and when it was last read there or written.
    email_text = models.TextField(blank=True)
    email_text_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("tilgang hos tilbyderen")
        verbose_name_plural = _("tilganger hos tilbyderen")

    def __str__(self) -> str:
        return f"{self.company}"


class ProviderNews(models.Model):
    """Append-only: what a provider said later, raw, each text once. `distribution.receipts` writes it, and settles it once.

    `reference` is the id of the invoice that it speaks of. A text that speaks of many stands with the first of them, and the
    others have its hash. What is not settled is looked at in every sweep.
    """

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="provider_news")
    reference = models.CharField(max_length=100, blank=True)
    event = models.CharField(max_length=100, blank=True)
    body = models.TextField()
    sha256 = models.CharField(max_length=64)
    received_at = models.DateTimeField(default=timezone.now)
    settled_at = models.DateTimeField(null=True)
    settled = models.CharField(max_length=8, choices=Settled, blank=True)

    class Meta:
        verbose_name = _("nytt fra tilbyderen")
        verbose_name_plural = _("nytt fra tilbyderen")
        indexes: ClassVar = [
            models.Index(fields=["id"], name="news_open", condition=Q(settled_at__isnull=True)),
            models.Index(fields=["company", "received_at"], name="news_by_company"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["company", "reference", "sha256"], name="news_once"),
            models.CheckConstraint(condition=Q(settled="") | Q(settled__in=Settled.values), name="news_settled"),
        ]

    def __str__(self) -> str:
        return f"{self.received_at:%d.%m.%Y %H:%M:%S} {self.event}"
