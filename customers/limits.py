"""How often a person may make the site mail somebody: what is sent on a click guards the mail server and the one who gets it."""

from django.core.cache import cache

AN_HOUR = 3600


def may_mail(key: str, most: int) -> bool:
    """Counts this try; False when it is one more than `most` in an hour. Tries count, not successes."""
    cache.add(key, 0, AN_HOUR)
    try:
        return cache.incr(key) <= most
    except ValueError:  # the hour ended in between
        return True
