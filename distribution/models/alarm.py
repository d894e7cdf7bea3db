"""When ops were last told that a channel had stopped."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from distribution.states import ChannelName


class ChannelAlarm(models.Model):
    """One row for each channel that ever stopped; `distribution.alarm` writes it."""

    channel = models.CharField(_("kanal"), max_length=8, choices=ChannelName, unique=True)
    told_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("varsel om stanset kanal")
        verbose_name_plural = _("varsler om stansede kanaler")
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(channel__in=ChannelName.values), name="channel_alarm_channel")
        ]

    def __str__(self) -> str:
        return self.channel
