"""One invoice on its way through one channel: the row is the queue. Events tell its story, attempts what was tried outside."""

import uuid
from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from customers.models import Company
from distribution.models.invoice import Invoice
from distribution.states import STOPPED, ChannelName, EventKind, Outcome, Status


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def unleased(self, now: datetime) -> "DeliveryQuerySet":
        return self.filter(Q(lease_until__isnull=True) | Q(lease_until__lte=now))

    def due(self, now: datetime) -> "DeliveryQuerySet":
        """Queued rows that nobody works on, in the order of the index that finds them."""
        return self.unleased(now).filter(status=Status.QUEUED, due_at__lte=now).order_by("due_at", "pk")

    def ordinary(self) -> "DeliveryQuerySet":
        return self.filter(claims=0, heavy=False)

    def apart(self) -> "DeliveryQuerySet":
        """What is taken alone: heavy, or picked up in vain before."""
        return self.exclude(claims=0, heavy=False)

    def adrift(self, now: datetime) -> "DeliveryQuerySet":
        """Rows whose outcome is not known: the worker died in the call, or it is time to ask again."""
        return (
            self.unleased(now)
            .filter(Q(status=Status.SENDING) | Q(status=Status.UNCERTAIN, due_at__lte=now))
            .order_by("claims", "due_at", "pk")
        )

    def to_follow(self, now: datetime) -> "DeliveryQuerySet":
        """Accepted, and it is time to ask the provider what has become of them; only of a provider that tells (R30)."""
        return self.unleased(now).filter(status=Status.ACCEPTED, due_at__lte=now).order_by("claims", "due_at", "pk")

    def followed(self) -> "DeliveryQuerySet":
        """What a provider accepted and will still be asked about."""
        return self.filter(status=Status.ACCEPTED, due_at__isnull=False)

    def to_release(self, now: datetime) -> "DeliveryQuerySet":
        """Held only because a register was silent; they go by themselves at its first answer (R25)."""
        return self.unleased(now).filter(status=Status.HELD, due_at__lte=now).order_by("claims", "due_at", "pk")

    def not_ended(self) -> "DeliveryQuerySet":
        """R30: an uncertain one has ended when a person is its owner, that is when nothing asks by itself any more."""
        return self.filter(
            Q(status__in=[Status.QUEUED, Status.SENDING]) | Q(status=Status.UNCERTAIN, due_at__isnull=False)
        )

    def last_of_invoices(self) -> "DeliveryQuerySet":
        """The last of each invoice; an earlier one was followed by another channel or another try."""
        return self.filter(invoice__last_delivery=F("pk"))

    def for_a_person(self) -> "DeliveryQuerySet":
        """`needs_person`, in SQL; each invoice once."""
        return self.last_of_invoices().filter(status__in=STOPPED, due_at__isnull=True)


class Delivery(models.Model):
    """`status` is written by `distribution.delivery.move` alone; a claim writes lease, fence and claims.

    `due_at` is when the row wants attention by itself (none: it doesn't). The fence grows with each claim: who claimed
    earlier and lost the lease can't write any more. `key` is what the outside knows us by, the same over all attempts.
    """

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="deliveries")
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="deliveries")
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.QUEUED)
    channel = models.CharField(_("kanal"), max_length=8, choices=ChannelName, blank=True)
    chosen_channel = models.CharField(max_length=8, choices=ChannelName, blank=True)
    double_confirmed = models.BooleanField(default=False)
    due_at = models.DateTimeField(_("neste forsøk"), null=True, default=timezone.now)
    lease_until = models.DateTimeField(null=True)
    fence = models.PositiveIntegerField(default=0)
    claims = models.PositiveSmallIntegerField(default=0)
    heavy = models.BooleanField(default=False)  # large enough that its layout takes seconds
    tried = models.PositiveSmallIntegerField(default=0)
    first_tried_at = models.DateTimeField(null=True)
    waiting_since = models.DateTimeField(null=True)
    waited = models.PositiveSmallIntegerField(default=0)
    to = models.JSONField(default=list)
    facts = models.JSONField(default=dict)
    reasons = models.JSONField(default=list)
    content_sha256 = models.CharField(max_length=64, blank=True)
    content_size = models.PositiveIntegerField(default=0)
    content_name = models.CharField(max_length=120, blank=True)
    reference = models.CharField(max_length=200, blank=True)
    refused = models.BooleanField(default=False)
    doubtful = models.BooleanField(
        default=False
    )  # sent again by EMAIL_UNCERTAIN=resend: an earlier attempt may have arrived
    reached = models.BooleanField(default=False)  # one of several addresses has it: never another channel (R32)
    as_link = models.BooleanField(default=False)  # the mail with the PDF was too large (R13)
    leads = models.BooleanField(default=False)  # others leave with it, in one zip (R20)
    leader = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="followers")
    soft_bounces = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("utsendelse av én faktura")
        verbose_name_plural = _("utsendelser av fakturaer")
        indexes: ClassVar = [
            models.Index(fields=["company", "due_at", "id"], name="delivery_queue", condition=Q(status=Status.QUEUED)),
            models.Index(
                fields=["due_at", "id"],
                name="delivery_open",
                condition=Q(status__in=[Status.SENDING, Status.UNCERTAIN, Status.HELD]),
            ),
            models.Index(
                fields=["due_at", "id"],
                name="delivery_followed",
                condition=Q(status=Status.ACCEPTED, due_at__isnull=False),
            ),
            models.Index(fields=["company", "status"], name="delivery_company_status"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(status__in=Status.values), name="delivery_status"),
            models.CheckConstraint(
                condition=Q(channel="") | Q(channel__in=ChannelName.values), name="delivery_channel"
            ),
            # What left has a channel and bytes that can be shown.
            models.CheckConstraint(
                condition=~Q(status__in=[Status.SENDING, Status.ACCEPTED, Status.DELIVERED, Status.UNCERTAIN])
                | (~Q(channel="") & ~Q(content_sha256="")),
                name="delivery_sent_has_bytes",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key}"

    @property
    def needs_person(self) -> bool:
        """Nothing happens any more unless somebody acts (R30)."""
        return self.due_at is None and self.status in STOPPED


class Attempt(models.Model):
    """One call to the outside, written before it is made (T89). Its outcome is added once; else append-only."""

    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, related_name="attempts")
    number = models.PositiveSmallIntegerField()
    channel = models.CharField(max_length=8, choices=ChannelName)
    key = models.UUIDField()
    sha256 = models.CharField(max_length=64)
    transport = models.CharField(max_length=40, blank=True)  # whom an unknown outcome is asked of
    account = models.CharField(max_length=16, blank=True)  # and with whose keys, by `Account.fingerprint`
    started_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=17, choices=Outcome, blank=True)
    answer = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name = _("forsøk")
        verbose_name_plural = _("forsøk")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["delivery", "number"], name="attempt_once"),
            models.CheckConstraint(condition=Q(outcome="") | Q(outcome__in=Outcome.values), name="attempt_outcome"),
        ]

    def __str__(self) -> str:
        return f"{self.key} #{self.number}"


class Event(models.Model):
    """Append-only: every change of a delivery, and what else its invoice's timeline tells (R30, R35)."""

    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="events")
    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, null=True, related_name="events")
    at = models.DateTimeField(default=timezone.now)
    kind = models.CharField(max_length=20, choices=EventKind)
    status = models.CharField(max_length=10, choices=Status, blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.DO_NOTHING, null=True, related_name="+", db_constraint=False
    )
    data = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("hendelse")
        verbose_name_plural = _("hendelser")
        constraints: ClassVar = [models.CheckConstraint(condition=Q(kind__in=EventKind.values), name="event_kind")]

    def __str__(self) -> str:
        return f"{self.at:%d.%m.%Y %H:%M:%S} {self.kind}"
