from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Worker(models.Model):
    """A worker's last sign of life. A row, not remote control: the embedded broker can't carry that."""

    name = models.CharField(_("navn"), max_length=120, unique=True)
    seen_at = models.DateTimeField(_("sist sett"), default=timezone.now)

    class Meta:
        verbose_name = _("arbeider")
        verbose_name_plural = _("arbeidere")

    def __str__(self) -> str:
        return self.name
