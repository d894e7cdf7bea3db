"""System checks: a setting that is half made says so by name, with what to do."""

from typing import Any

from cryptography.fernet import Fernet
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register

from distribution.channels.registry import TRANSPORTS
from distribution.registers.registry import REGISTERS

AUTOINVOICE = "autoinvoice"
BY_AUTOINVOICE = ("EINVOICE_TRANSPORT", "EFAKTURA_TRANSPORT", "EINVOICE_REGISTER", "EFAKTURA_REGISTER")
CHOICES = {
    "EINVOICE_REGISTER": tuple(REGISTERS),
    "EFAKTURA_REGISTER": tuple(REGISTERS),
    "EINVOICE_TRANSPORT": tuple(TRANSPORTS),
    "EFAKTURA_TRANSPORT": tuple(TRANSPORTS),
    "PRINT_TRANSPORT": tuple(name for name in TRANSPORTS if name != AUTOINVOICE),
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
def check_autoinvoice(**_: Any) -> list[CheckMessage]:
    """Half configured, each invoice would be held or wait, one by one."""
    using = [name for name in BY_AUTOINVOICE if getattr(settings, name) == AUTOINVOICE]
    missing = [name for name in ("AUTOINVOICE_URL", "AUTOINVOICE_VENDOR_KEY") if not getattr(settings, name)]
    if not using or not missing:
        return []
    hint = (
        "https://ax.maventa.com, and the key that the provider gave for this software (or AUTOINVOICE_VENDOR_KEY_FILE)."
    )
    return [
        Error(
            f"{', '.join(using)} is «{AUTOINVOICE}» without {' and '.join(missing)}.", hint=hint, id="autoinvoice.E004"
        )
    ]


@register()
def check_field_keys(**_: Any) -> list[CheckMessage]:
    """A key that is none is found now, not when the first secret is saved. The key itself is not shown."""
    wrong = [str(place) for place, key in enumerate(settings.FIELD_ENCRYPTION_KEYS, 1) if not _is_fernet_key(key)]
    if not wrong:
        return []
    hint = "Each is 32 bytes in URL-safe base64; .env.example says how to make one."
    return [Error(f"FIELD_ENCRYPTION_KEYS: number {', '.join(wrong)} is no key.", hint=hint, id="autoinvoice.E005")]


def _is_fernet_key(key: str) -> bool:
    try:
        Fernet(key)
    except ValueError:
        return False
    return True


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
