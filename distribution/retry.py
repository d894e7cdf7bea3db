"""When to try again: pauses that grow, spread so that rows which failed together don't come back together. Pure."""

from datetime import datetime, timedelta

PAUSES = (10, 30, 60, 300, 900, 1800, 3600, 7200)  # seconds; the last one repeats


def next_attempt(
    *, tried: int, first: datetime, now: datetime, hours: float, spread: float, at_least: float = 0
) -> datetime | None:
    """The time of the next attempt after `tried` (>= 1) of them, or None when it would be later than `hours` after `first`.

    `spread` in [0, 1) moves it by up to a quarter of the pause: fixed per delivery, so that a replay is the same. `at_least`
    are the seconds that the other end asked for; they end with the hours, so that the last attempt is made all the same.
    """
    pause = PAUSES[min(tried, len(PAUSES)) - 1] * (1 + spread / 4)
    later, end = now + timedelta(seconds=pause), first + timedelta(hours=hours)
    if later > end:
        return None
    return min(max(later, now + timedelta(seconds=at_least)), end)
