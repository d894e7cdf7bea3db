"""For ops: queues, deliveries, events. Read-only on content: what changes a delivery goes the way of a user's own order."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import DecimalField, Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext_lazy

from distribution.admin_filters import Age, AgeOfAttempt, AgeOfEvent
from distribution.admin_orders import order
from distribution.models import (
    Activation,
    Agreement,
    Attempt,
    Delivery,
    Event,
    Invoice,
    Lookup,
    PrintPrice,
    ProviderNews,
    Run,
    Worker,
)
from distribution.states import Status
from distribution.views.health import WORKER_SEEN


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
    list_display = (
        "key", "number", "company", "status", "channel", "due_at", "lease_until", "tried", "created_at",
    )  # fmt: skip
    list_filter: ClassVar = ["status", Age, "channel", "company"]
    search_fields = ("key", "invoice__number")
    list_select_related = ("company", "invoice")
    show_full_result_count = False
    actions = ("try_again", "release")

    @admin.display(description=gettext_lazy("faktura"))
    def number(self, delivery: Delivery) -> str:
        return delivery.invoice.number

    @admin.action(description=gettext_lazy("Prøv igjen (feilede)"), permissions=["view"])
    def try_again(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        order(request, queryset, Status.FAILED)

    @admin.action(description=gettext_lazy("Slipp fri (holdt tilbake)"), permissions=["view"])
    def release(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        order(request, queryset, Status.HELD)


@admin.register(Event)
class EventAdmin(ReadOnly):
    list_display = ("at", "invoice", "kind", "status", "delivery", "user")
    list_filter: ClassVar = ["kind", "status", AgeOfEvent, "invoice__company"]
    search_fields = ("invoice__number",)
    list_select_related = ("delivery", "invoice", "user")
    show_full_result_count = False


@admin.register(Attempt)
class AttemptAdmin(ReadOnly):
    list_display = ("started_at", "delivery", "number", "channel", "outcome", "ended_at")
    list_filter: ClassVar = ["outcome", AgeOfAttempt, "channel", "delivery__company"]
    search_fields = ("key", "delivery__invoice__number")
    list_select_related = ("delivery",)
    show_full_result_count = False


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


@admin.register(ProviderNews)
class ProviderNewsAdmin(ReadOnly):
    """Without its text, which is content."""

    list_display = ("received_at", "company", "event", "reference", "settled", "settled_at")
    list_filter: ClassVar = ["settled", "company"]
    search_fields = ("reference",)
    list_select_related = ("company",)
    exclude = ("body",)
    show_full_result_count = False


@admin.register(PrintPrice)
class PrintPriceAdmin(admin.ModelAdmin[PrintPrice]):
    """The one thing here that ops write: a new price is a new row with its first day."""

    list_display = ("valid_from", "currency", "per_letter", "per_page")
    ordering = ("currency", "-valid_from")
    formfield_overrides: ClassVar = {DecimalField: {"localize": True}}  # 14,20 as it is written here


@admin.register(Worker)
class WorkerAdmin(ReadOnly):
    list_display = ("name", "seen_at", "silent_for", "alive")
    ordering = ("-seen_at",)

    @admin.display(description=gettext_lazy("stille i"))
    def silent_for(self, worker: Worker) -> str:
        return timesince(worker.seen_at)

    @admin.display(description=gettext_lazy("i live"), boolean=True)
    def alive(self, worker: Worker) -> bool:
        return worker.seen_at >= timezone.now() - WORKER_SEEN
