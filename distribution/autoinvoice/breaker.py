"""A provider that is down must not cost each invoice a whole deadline: after some failures nobody tries for a while. One that is
busy must not be knocked at by everything that waits: a company that is asked to wait does.

Kept in each process by itself: nothing shared has to be up for it, and with a few workers the provider sees a few trials a
minute. While it is open a call fails at once, so the rest of the queue goes on. Each family of calls has its own: that nobody
can be looked up is no reason not to send.
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
    waiting: dict[str, float] = field(default_factory=dict)  # monotonic, by who was asked to wait until then
    lock: threading.Lock = field(default_factory=threading.Lock)

    def enter(self, who: str) -> None:
        """Before a call. Raises TryLater while it is open, but lets one call through at each end of the pause; and while `who`
        was asked to wait."""
        with self.lock:
            now = time.monotonic()
            if (left := self.waiting.get(who, 0.0) - now) > 0:
                raise TryLater("the provider has asked us to wait", left)
            self.waiting.pop(who, None)
            if self.failed < FAILURES:
                return
            if (left := self.closed_until - now) > 0:
                raise TryLater("the provider has not answered lately", left)
            self.closed_until = now + PAUSE  # a trial that never comes back blocks nobody for longer

    def leave(self, who: str, *, answered: bool, wait: float = 0) -> None:
        """After it; `wait` is for how many seconds the answer asks `who` to stay away."""
        with self.lock:
            self.failed = 0 if answered else self.failed + 1
            if self.failed >= FAILURES:
                self.closed_until = time.monotonic() + PAUSE
            if wait:
                self.waiting[who] = time.monotonic() + wait


BREAKERS: defaultdict[tuple[str, str], Breaker] = defaultdict(
    Breaker
)  # by the provider's address and the family of calls
