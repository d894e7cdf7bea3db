"""A consumer as eFaktura itself knows him: an identifier that the lookup gives, and that a send may name him by.

As an address of ours it is `efaktura:<identifier>`, so that no route, row or manifest takes it for a telephone number.
"""

import re

PREFIX = "efaktura:"
IDENTIFIER = re.compile(r"[0-9A-Za-z._-]{1,60}")


def address_of(identifier: object) -> str:
    """Empty for what is no identifier."""
    told = isinstance(identifier, str) and IDENTIFIER.fullmatch(identifier)
    return f"{PREFIX}{identifier}" if told else ""


def identifier_in(address: str) -> str:
    """Empty for an address that is none of his."""
    return address.removeprefix(PREFIX) if address.startswith(PREFIX) else ""
