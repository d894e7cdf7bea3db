"""How often a person may make the site mail somebody: what is sent on a click guards the mail server and the one who gets it."""

from django.core.cache import cache

AN_HOUR = 3600


def may_mail(key: str, most: int) -> bool:
    """Counts this try; False when it is one more than `most` in an hour. Tries count, not successes."""
    return tries(key, AN_HOUR) <= most


def tries(key: str, seconds: int) -> int:
    """How many there have been in so many seconds from the first of them, with this one."""
    cache.add(key, 0, seconds)
    try:
        return cache.incr(key)
    except ValueError:  # the time ended in between, or the cache was full
        return 1
