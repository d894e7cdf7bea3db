"""What must never be read in a log: who has the token of a customer's link can open the invoice (R13, T93), and
who has that of a webhook can tell us stories."""

import logging
import re
from typing import Any

TOKEN = re.compile(r"(/i/|/bekreft/|/hooks/\w+/)[^/\s?\"']+")


class WithoutTokens(logging.Filter):
    """`/i/<token>` becomes `/i/…` in the message and its arguments."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = _masked(record.msg)
        if isinstance(record.args, tuple):
            record.args = tuple(map(_masked, record.args))
        return True


def _masked(said: Any) -> Any:
    return TOKEN.sub(r"\1…", said) if isinstance(said, str) else said
