"""A provider that is down must not cost each invoice a whole deadline: after some failures nobody tries for a while.

Kept in each process by itself: nothing shared has to be up for it, and with a few workers the provider sees a few trials a
minute. While it is open a call fails at once, so the rest of the queue goes on.
"""

import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field

from distribution.http import NotSent

FAILURES, PAUSE = 5, 60.0  # consecutive ones, and the seconds until one call tries again


class TryLater(NotSent):
    """Surely not sent; no sooner than in `later` seconds."""

    def __init__(self, words: str, later: float = 0) -> None:
        super().__init__(words)
        self.later = later


@dataclass
class Breaker:
    failed: int = 0
    closed_until: float = 0.0  # monotonic; when open, the time of the next trial
    lock: threading.Lock = field(default_factory=threading.Lock)

    def enter(self) -> None:
        """Before a call. Raises TryLater while it is open, but lets one call through at each end of the pause."""
        with self.lock:
            if self.failed < FAILURES:
                return
            left = self.closed_until - time.monotonic()
            if left > 0:
                raise TryLater("the provider has not answered lately", left)
            self.closed_until = time.monotonic() + PAUSE  # a trial that never comes back blocks nobody for longer

    def leave(self, *, answered: bool) -> None:
        with self.lock:
            self.failed = 0 if answered else self.failed + 1
            if self.failed >= FAILURES:
                self.closed_until = time.monotonic() + PAUSE


BREAKERS: defaultdict[str, Breaker] = defaultdict(Breaker)  # by the provider's address
