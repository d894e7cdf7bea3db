"""SML, SMP and signature together: one lookup."""

import time
from urllib.parse import urlsplit

from django.utils import timezone

from distribution.registers.base import Query, Register, Reply
from distribution.registers.peppol import sml, smp
from distribution.registers.peppol.identifiers import DOCUMENTS, participant
from distribution.registers.peppol.outcomes import NotRegistered, Unclear
from distribution.registers.peppol.trust import trust
from distribution.states import Answer

SECONDS = 6.0  # in all
SML_SECONDS = 3.0


class PeppolRegister(Register):
    def ask(self, query: Query) -> Reply:
        """Over the network: DNS, and https to the SMP that it names."""
        ends, now = time.monotonic() + SECONDS, timezone.now()
        who, what = participant(query.identifier), DOCUMENTS[query.document]
        host = ""
        try:
            base = sml.smp_of(who, seconds=SML_SECONDS)
            host = urlsplit(base).hostname or ""
            said = smp.metadata_of(base, who, what, trust=trust(), now=now, ends=ends)
            said.require_receiving(now)
        except NotRegistered as no:
            return Reply(Answer.NOT_REGISTERED, _named(host, str(no)), now, host)
        except Unclear as trouble:
            return Reply(Answer.UNKNOWN, _named(host, str(trouble)), now, host)
        return Reply(Answer.REGISTERED, host, now, host)


def _named(host: str, cause: str) -> str:
    source = host or "SML"
    return cause if cause.startswith(f"{source}:") else f"{source}: {cause}"
