"""System checks: a setting that is half made says so by name, with what to do."""

import re
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlparse

from cryptography.fernet import Fernet
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

from distribution.bounces.mailbox import Malformed, Place
from distribution.channels.registry import TRANSPORTS
from distribution.documents.validation import packs
from distribution.documents.validation.packs import State
from distribution.management.console import SETTINGS
from distribution.registers.peppol.outcomes import Unclear
from distribution.registers.peppol.sml import nameserver
from distribution.registers.peppol.trust import trust
from distribution.registers.registry import OF_CONSUMERS, REGISTERS

RULES = "rules"  # a tag of its own: our commands, which ask for SETTINGS, do not repeat it each time
AUTOINVOICE, SFTP = "autoinvoice", "sftp"
BY_AUTOINVOICE = ("EINVOICE_TRANSPORT", "EFAKTURA_TRANSPORT", "EINVOICE_REGISTER", "EFAKTURA_REGISTER")
CHOICES = {
    "EINVOICE_REGISTER": tuple(REGISTERS),
    "EFAKTURA_REGISTER": OF_CONSUMERS,
    "EINVOICE_TRANSPORT": tuple(name for name in TRANSPORTS if name != SFTP),
    "EFAKTURA_TRANSPORT": tuple(name for name in TRANSPORTS if name != SFTP),
    "PRINT_TRANSPORT": tuple(name for name in TRANSPORTS if name != AUTOINVOICE),
    "EMAIL_UNCERTAIN": ("hold", "resend"),
}


@register(SETTINGS)
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


@register(SETTINGS)
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


@register(SETTINGS)
def check_print_house(**_: Any) -> list[CheckMessage]:
    """Without a host key that is known beforehand letters could go to whoever answers: there is no trust on first use."""
    if settings.PRINT_TRANSPORT != SFTP:
        return []
    from distribution.channels.print.place import Malformed, Place  # brings all of printing along

    try:
        Place.of_settings()
    except Malformed as trouble:
        hint = "PRINT_SFTP_URL, PRINT_SFTP_KEY and PRINT_SFTP_HOST_KEY (or …_FILE); docs/operations.md has them all."
        return [Error(f"PRINT_TRANSPORT is «sftp»: {trouble}.", hint=hint, id="autoinvoice.E010")]
    return []


@register(SETTINGS)
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


@register(SETTINGS)
def check_times(**_: Any) -> list[CheckMessage]:
    """A transport may take half the lease; a lease shorter than a few seconds would cut off what is alive."""
    if settings.LEASE_SECONDS >= 4:
        return []
    return [Error(f"LEASE_SECONDS is {settings.LEASE_SECONDS}.", hint="At least 4.", id="autoinvoice.E002")]


@register(SETTINGS)
def check_bounces(**_: Any) -> list[CheckMessage]:
    """A return path that no server takes would be found out by the first mail; a mailbox that is none by nobody."""
    found: list[CheckMessage] = []
    local, at, domain = settings.BOUNCE_ADDRESS.rpartition("@")
    if not at or not domain or not re.fullmatch(r"[a-z0-9._-]{1,17}", local, re.IGNORECASE):
        hint = "local@domain, with 1 to 17 letters or digits before the @: a tag of 47 characters is put behind them."
        found.append(
            Error("BOUNCE_ADDRESS (or DEFAULT_FROM_EMAIL) can't carry return paths.", hint=hint, id="autoinvoice.E007")
        )
    try:
        Place.of(settings.BOUNCE_IMAP_URL) if settings.BOUNCE_IMAP_URL else None
    except Malformed as trouble:
        found.append(Error("BOUNCE_IMAP_URL is malformed.", hint=f"{trouble}.", id="autoinvoice.E008"))
    if settings.ANYMAIL_WEBHOOK_SECRET and ":" not in settings.ANYMAIL_WEBHOOK_SECRET:
        hint = "user:password, as the provider sends them with basic auth."
        found.append(Error("ANYMAIL_WEBHOOK_SECRET is malformed.", hint=hint, id="autoinvoice.E009"))
    return found


@register(Tags.security)
def check_mail_line(**_: Any) -> list[CheckMessage]:
    """Invoices and the server's password would cross the network in the clear."""
    url = urlparse(settings.EMAIL_URL)
    if url.scheme != "smtp" or _is_this_machine(url.hostname or ""):
        return []
    hint = "smtp+tls:// requires STARTTLS, smtps:// is TLS from the first byte; smtp:// is for a relay on this machine."
    return [Warning(f"EMAIL_URL is smtp:// to {url.hostname}: without TLS.", hint=hint, id="autoinvoice.W003")]


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@register(SETTINGS)
def check_peppol(**_: Any) -> list[CheckMessage]:
    """Without a CA to believe, no answer of an SMP counts, and every invoice waits."""
    if settings.EINVOICE_REGISTER != "peppol":
        return []
    found: list[CheckMessage] = []
    try:
        trust()
    except Unclear as trouble:
        hint = (
            "SMP_TRUST_DIR must hold the CA that signs SMP certificates (PEPPOL SERVICE METADATA PUBLISHER CA) as PEM."
        )
        found.append(Error(f"EINVOICE_REGISTER is «peppol»: {trouble}.", hint=hint, id="autoinvoice.E003"))
    for server in settings.SML_NAMESERVERS:
        try:
            nameserver(server)
        except ValueError:
            hint = "An address, and a port if it is not 53: 192.0.2.1:53,[2001:db8::1]:53"
            found.append(Error(f"SML_NAMESERVERS has «{server}».", hint=hint, id="autoinvoice.E006"))
    return found


@register(RULES)
def check_rules(**_: Any) -> list[CheckMessage]:
    """Without them an e-invoice may leave that its receiver's access point throws away."""
    known = ", ".join(pack.version for pack in packs.packs()) or "none"
    words = {State.MISSING: "Peppol's rules are not installed", State.OUTDATED: "Peppol's rules are outdated"}
    found = packs.state()
    if found == State.CURRENT:
        return []
    hint = "Get the release from docs.peppol.eu and run: manage.py rules install DIR."
    return [Warning(f"{words[found]} (EHF_RULES_DIR: {known}).", hint=hint, id="autoinvoice.W002")]


@register(SETTINGS, deploy=True)
def check_real_deployment(**_: Any) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    if not settings.HTTPS:
        found.append(
            Warning(
                "SITE_URL is not https.", hint="Cookies, HSTS and redirects follow SITE_URL.", id="autoinvoice.W001"
            )
        )
    return found
