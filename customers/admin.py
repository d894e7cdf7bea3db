"""Users and companies for ops."""

from typing import ClassVar

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.http import HttpRequest

from customers.models import Company, Customer, Membership, User


class MembershipInline(admin.TabularInline[Membership, User]):
    model = Membership
    extra = 0


@admin.register(User)
class PeopleAdmin(UserAdmin[User]):
    ordering = ("email",)
    list_display = ("email", "first_name", "last_name", "language", "is_staff", "is_demo", "last_login")
    search_fields = ("email", "first_name", "last_name")
    inlines: ClassVar = [MembershipInline]
    fieldsets = (
        (None, {"fields": ("email", "password", "first_name", "last_name", "language")}),
        ("Tilgang", {"fields": ("is_active", "is_staff", "is_superuser", "is_demo")}),
    )
    add_fieldsets = ((None, {"classes": ("wide",), "fields": ("email", "usable_password", "password1", "password2")}),)


@admin.register(Company)
class CompanyAdmin(admin.ModelAdmin[Company]):
    list_display = ("name", "org_number", "peppol_id", "activated_at", "is_test", "is_demo")
    search_fields = ("name", "org_number", "peppol_id")
    readonly_fields = ("activated_at", "created_at")

    def has_delete_permission(self, request: HttpRequest, obj: Company | None = None) -> bool:
        return False  # with a company its evidence would go


@admin.register(Customer)
class CustomerAdmin(admin.ModelAdmin[Customer]):
    """Ops look; a company's own people edit (R9, and who may do what)."""

    list_display = ("name", "number", "company", "kind", "method")
    list_filter = ("kind", "method")
    search_fields = ("name", "number", "org_number")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Customer | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Customer | None = None) -> bool:
        return False
