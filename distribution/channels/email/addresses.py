"""Addresses as every mail server takes them: ASCII on the wire, whatever a person typed."""

import re

import idna
from django.utils.translation import gettext as _

from customers.identifiers import LONGEST_EMAIL

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_QUOTED = r'"(?:[ !#-\[\]-~]|\\[ -~])*"'
_LABEL = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?"
_LITERAL = r"\[[A-Za-z0-9:.]+\]"
# RFC 5321, 4.1.2, and nothing of what headers allow around it: no comment, no name, no white space, no line break.
MAILBOX = re.compile(rf"(?:{_ATOM}(?:\.{_ATOM})*|{_QUOTED})@(?:{_LABEL}(?:\.{_LABEL})*|{_LITERAL})")


class BadAddress(ValueError):
    """No server can be asked about it; says why, in the active language."""


def on_the_wire(address: str) -> str:
    """`ola@blåbær.no` becomes `ola@xn--blbr-roah.no` (RFC 5890). Raises BadAddress."""
    local, _at, domain = address.strip().rpartition("@")
    if not local.isascii():
        words = _("«%(value)s» kan ikke brukes: foran @ kan det bare stå bokstavene a til z, tall og vanlige tegn.")
        raise BadAddress(words % {"value": address})
    written = f"{local}@{_in_ascii(domain)}"
    if len(written) > LONGEST_EMAIL or not MAILBOX.fullmatch(written):
        raise BadAddress(_("«%(value)s» er ikke en gyldig e-postadresse.") % {"value": address})
    return written


def mailbox_of(address: str) -> str:
    """Equal for every spelling of one mailbox: as it goes over the line, in lower case; what can't be written, as it is."""
    try:
        return on_the_wire(address).lower()
    except BadAddress:
        return address.lower()


def _in_ascii(domain: str) -> str:
    """As it is where it can't be written; it is refused for that."""
    if domain.isascii():
        return domain
    try:
        return idna.encode(domain, uts46=True).decode()
    except idna.IDNAError:
        return domain
