"""Puts the parts together: guards stand whenever migrations have run."""

from typing import Any

from django.apps import AppConfig, apps
from django.db import connections
from django.db.models.signals import post_migrate, pre_migrate

from customers import guards


def take_guards_down(using: str, **_: Any) -> None:
    guards.drop(connections[using])


def put_guards_up(using: str, **_: Any) -> None:
    guards.create(connections[using])


class SiteConfig(AppConfig):
    name = "autoinvoice_site"

    def ready(self) -> None:
        from autoinvoice_site import checks  # noqa: F401  # registers the system checks

        # The signals come once per application with models; all tables are there at the first post_migrate already.
        last = apps.get_app_config("distribution")
        pre_migrate.connect(take_guards_down, sender=last, dispatch_uid="guards-down")
        post_migrate.connect(put_guards_up, sender=last, dispatch_uid="guards-up")
