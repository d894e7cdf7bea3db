"""What must never be read in a log (R13, T93)."""

import logging
from typing import Any

from django.http import HttpRequest

from distribution.tokens import without_tokens


class WithoutTokens(logging.Filter):
    """`/i/<token>` becomes `/i/…` in the message, its arguments and what else Django hangs on the line: the request is one of those."""

    def filter(self, record: logging.LogRecord) -> bool:
        for name, value in list(vars(record).items()):
            setattr(record, name, _masked(value))
        if isinstance(record.args, tuple):
            record.args = tuple(map(_masked, record.args))
        return True


def _masked(said: Any) -> Any:
    said = repr(said) if isinstance(said, HttpRequest) else said
    return without_tokens(said) if isinstance(said, str) else said
