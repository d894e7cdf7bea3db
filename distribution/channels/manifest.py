"""What is told of a document beside its bytes, whatever it is written to."""

from typing import Any

from distribution.channels.base import Outgoing

SHA256 = "sha256"


def facts_of(outgoing: Outgoing) -> dict[str, Any]:
    """The same over all attempts; plain JSON."""
    said: dict[str, Any] = {
        "key": outgoing.key,
        "company": outgoing.company,
        "invoice": outgoing.invoice,
        "channel": outgoing.channel,
        "to": list(outgoing.to),
        SHA256: outgoing.sha256,
        "created": outgoing.created.isoformat(),
    }
    if outgoing.cover_sheet:
        said["cover_sheet"] = True
    if outgoing.test:
        said["test"] = "TEST"
    return said
