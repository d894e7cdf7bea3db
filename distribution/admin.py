"""For ops: queues, deliveries, events. Read-only on content; what is written here is written nowhere else."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import DecimalField, Model
from django.http import HttpRequest

from distribution.models import (
    Activation,
    Agreement,
    Attempt,
    Delivery,
    Event,
    Invoice,
    Lookup,
    PrintPrice,
    Run,
    Worker,
)


class ReadOnly(admin.ModelAdmin[Any]):
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return bool(getattr(request.user, "is_staff", False))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(getattr(request.user, "is_staff", False))


@admin.register(Delivery)
class DeliveryAdmin(ReadOnly):
    list_display = ("key", "company", "status", "channel", "due_at", "lease_until", "tried", "created_at")
    list_filter: ClassVar = ["status", "channel", "company"]
    search_fields = ("key", "invoice__number")
    list_select_related = ("company",)


@admin.register(Event)
class EventAdmin(ReadOnly):
    list_display = ("at", "kind", "status", "delivery")
    list_filter: ClassVar = ["kind", "status"]
    list_select_related = ("delivery",)


@admin.register(Attempt)
class AttemptAdmin(ReadOnly):
    list_display = ("started_at", "delivery", "number", "channel", "outcome", "ended_at")
    list_filter: ClassVar = ["outcome", "channel"]
    list_select_related = ("delivery",)


@admin.register(Invoice)
class InvoiceAdmin(ReadOnly):
    list_display = ("number", "document_type", "company", "created_at")
    list_filter: ClassVar = ["company"]
    search_fields = ("number",)
    list_select_related = ("company",)


@admin.register(Run)
class RunAdmin(ReadOnly):
    list_display = ("pk", "created_at", "source", "starts_at")


@admin.register(Agreement)
class AgreementAdmin(ReadOnly):
    list_display = ("company", "kind", "status", "changed_at")
    list_select_related = ("company",)


@admin.register(Activation)
class ActivationAdmin(ReadOnly):
    list_display = ("company", "at", "user")


@admin.register(Lookup)
class LookupAdmin(ReadOnly):
    list_display = ("identifier", "document", "answer", "asked_at", "failed_at")
    list_filter: ClassVar = ["answer", "register"]
    search_fields = ("identifier",)


@admin.register(PrintPrice)
class PrintPriceAdmin(admin.ModelAdmin[PrintPrice]):
    """The one thing here that ops write: a new price is a new row with its first day."""

    list_display = ("valid_from", "currency", "per_letter", "per_page")
    ordering = ("currency", "-valid_from")
    formfield_overrides: ClassVar = {DecimalField: {"localize": True}}  # 14,20 as it is written here


@admin.register(Worker)
class WorkerAdmin(ReadOnly):
    list_display = ("name", "seen_at")
