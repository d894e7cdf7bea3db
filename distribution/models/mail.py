"""What is known of the addresses of a mail: each of several, those that came back, and what the doors have counted."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from customers.models import Customer
from distribution.models.delivery import Delivery
from distribution.states import Door, RecipientState, Verdict


class Recipient(models.Model):
    """One of several addresses of one delivery, from its first answer on (T70). A delivery to a single address has none: its own
    status says it all. Written with the delivery, by `distribution.delivery`."""

    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, related_name="recipients")
    address = models.CharField(max_length=254)
    state = models.CharField(max_length=11, choices=RecipientState)
    answer = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("mottaker")
        verbose_name_plural = _("mottakere")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["delivery", "address"], name="recipient_once"),
            models.CheckConstraint(condition=Q(state__in=RecipientState.values), name="recipient_state"),
        ]

    def __str__(self) -> str:
        return f"{self.delivery_id}: {self.state}"


class BouncedAddress(models.Model):
    """An address of a customer that came back for good. Until a person clears it no mail goes there, and the preview knows.
    Written by `distribution.bounced` alone."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="bounced_addresses")
    address = models.CharField(max_length=254)
    at = models.DateTimeField(_("i retur"), default=timezone.now)
    answer = models.CharField(max_length=500, blank=True)
    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, null=True, related_name="+")
    cleared_at = models.DateTimeField(null=True)
    cleared_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = _("adresse i retur")
        verbose_name_plural = _("adresser i retur")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["customer", "address"], condition=Q(cleared_at__isnull=True), name="bounced_address_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.at:%d.%m.%Y}"


class MailNewsCount(models.Model):
    """How much came through each door on each day, and what it was: forged and foreign news change nothing else."""

    day = models.DateField()
    door = models.CharField(max_length=8, choices=Door)
    verdict = models.CharField(max_length=10, choices=Verdict)
    number = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("nytt om e-post")
        verbose_name_plural = _("nytt om e-post")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["day", "door", "verdict"], name="mail_news_count_once"),
            models.CheckConstraint(condition=Q(door__in=Door.values), name="mail_news_door"),
            models.CheckConstraint(condition=Q(verdict__in=Verdict.values), name="mail_news_verdict"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.door} {self.verdict}: {self.number}"


class MailQuota(models.Model):
    """How many mails have been taken out of one minute's allowance: of the provider (no company), or of one company."""

    company = models.PositiveBigIntegerField(default=0)
    minute = models.DateTimeField()
    used = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("mailer i minuttet")
        verbose_name_plural = _("mailer i minuttet")
        constraints: ClassVar = [models.UniqueConstraint(fields=["company", "minute"], name="mail_quota_once")]

    def __str__(self) -> str:
        return f"{self.company} {self.minute:%H:%M}: {self.used}"
