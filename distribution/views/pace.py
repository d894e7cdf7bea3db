"""How often somebody may ask in a minute. It guards this machine and counts in this process, with nothing shared that must be up."""

import ipaddress
import time

from allauth.account.adapter import get_adapter
from django.http import HttpRequest

from customers.limits import tries

MINUTE = 60


def too_often(what: str, who: str, most: int) -> bool:
    """Counts this time too."""
    return tries(f"pace-{what}-{who}-{int(time.time()) // MINUTE}", MINUTE) > most


def seconds_left() -> int:
    """Until the next minute counts from nothing."""
    return MINUTE - int(time.time()) % MINUTE


def address_of(request: HttpRequest) -> str:
    """The client's, behind TRUSTED_PROXIES. Of IPv6 the network: its customer has all addresses of it."""
    address = ipaddress.ip_address(get_adapter().get_client_ip(request))
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.IPv6Network((address, 64), strict=False))
    return str(address)
