"""Older than: what has lain too long is what ops look for."""

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy


class Age(admin.SimpleListFilter):
    title = gettext_lazy("alder")
    parameter_name = "eldre_enn"
    field = "created_at"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> list[tuple[str, str]]:
        return [("1", _("Mer enn en time")), ("24", _("Mer enn et døgn")), ("168", _("Mer enn en uke"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        hours = self.value()
        if hours not in ("1", "24", "168"):
            return queryset
        return queryset.filter(**{f"{self.field}__lt": timezone.now() - timedelta(hours=int(hours))})


class AgeOfAttempt(Age):
    field = "started_at"


class AgeOfEvent(Age):
    field = "at"
