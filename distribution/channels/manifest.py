"""What is told of a document beside its bytes, whatever it is written to."""

from typing import Any

from distribution.channels.base import Outgoing

SHA256 = "sha256"


def facts_of(outgoing: Outgoing) -> dict[str, Any]:
    """The same over all attempts; plain JSON."""
    said = {
        "key": outgoing.key,
        "company": outgoing.company,
        "invoice": outgoing.invoice,
        "channel": outgoing.channel,
        "to": list(outgoing.to),
        SHA256: outgoing.sha256,
        "created": outgoing.created.isoformat(),
    }
    return said | {"test": "TEST"} if outgoing.test else said
