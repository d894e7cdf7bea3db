"""System checks: a setting that is half made says so by name, with what to do."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register

from distribution.channels.registry import TRANSPORTS
from distribution.registers.registry import REGISTERS

CHOICES = {
    "EINVOICE_REGISTER": tuple(REGISTERS),
    "EFAKTURA_REGISTER": tuple(REGISTERS),
    "EINVOICE_TRANSPORT": tuple(TRANSPORTS),
    "EFAKTURA_TRANSPORT": tuple(TRANSPORTS),
    "PRINT_TRANSPORT": tuple(TRANSPORTS),
    "EMAIL_UNCERTAIN": ("hold", "resend"),
}


@register()
def check_choices(**_: Any) -> list[CheckMessage]:
    return [
        Error(
            f"{name} is «{getattr(settings, name)}».",
            hint=f"This release knows: {', '.join(known)}.",
            id="autoinvoice.E001",
        )
        for name, known in CHOICES.items()
        if getattr(settings, name) not in known
    ]


@register()
def check_times(**_: Any) -> list[CheckMessage]:
    """A transport may take half the lease; a lease shorter than a few seconds would cut off what is alive."""
    if settings.LEASE_SECONDS >= 4:
        return []
    return [Error(f"LEASE_SECONDS is {settings.LEASE_SECONDS}.", hint="At least 4.", id="autoinvoice.E002")]


@register(deploy=True)
def check_real_deployment(**_: Any) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    if not settings.HTTPS:
        found.append(
            Warning(
                "SITE_URL is not https.", hint="Cookies, HSTS and redirects follow SITE_URL.", id="autoinvoice.W001"
            )
        )
    return found
