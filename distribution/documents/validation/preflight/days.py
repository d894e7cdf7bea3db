"""xs:date, which knows more years than Python does."""

import re
from datetime import date

from distribution.documents.validation.preflight.reading import WHITE, CannotTell

DAY = re.compile(
    rf"[{WHITE}]*(-?(?:[1-9][0-9]{{4,8}}|[0-9]{{4}}))-([0-9]{{2}})-([0-9]{{2}})"
    rf"(?:Z|([+-])(0[0-9]|1[0-4]):([0-5][0-9]))?[{WHITE}]*"
)
YEARS, DAYS = 400, 146_097  # the calendar repeats itself
MINUTES = 24 * 60


def is_day(text: str) -> bool:
    try:
        minute(text)
    except CannotTell:
        return False
    return True


def minute(text: str) -> int:
    """The one in which the day begins, to compare by; where no time zone is said, that of Greenwich."""
    match = DAY.fullmatch(text)
    if match is None:
        raise CannotTell
    rounds, year = divmod(int(match[1]), YEARS)
    try:
        ordinal = date(year + YEARS, int(match[2]), int(match[3])).toordinal() + rounds * DAYS
    except ValueError as error:
        raise CannotTell from error
    east = int(match[5]) * 60 + int(match[6]) if match[4] else 0
    return ordinal * MINUTES + (east if match[4] == "-" else -east)
