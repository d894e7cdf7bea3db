"""When it is tried again: growing pauses, as long as the other end asked for, and never past the end."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from distribution.retry import PAUSES, next_attempt

FIRST = datetime(2026, 11, 24, 8, tzinfo=UTC)
HOURS = 24
END = FIRST + timedelta(hours=HOURS)


@given(
    tried=st.integers(1, 40),
    minutes=st.integers(0, 30 * 60),
    spread=st.floats(0, 1, exclude_max=True),
    at_least=st.floats(0, 400 * 86_400),
)
def test_R31_it_is_no_sooner_than_was_asked_and_no_later_than_the_end(
    tried: int, minutes: int, spread: float, at_least: float
) -> None:
    now = FIRST + timedelta(minutes=minutes)

    later = next_attempt(tried=tried, first=FIRST, now=now, hours=HOURS, spread=spread, at_least=at_least)

    pause = timedelta(seconds=PAUSES[min(tried, len(PAUSES)) - 1] * (1 + spread / 4))
    if now + pause > END:
        assert later is None
    else:
        assert later is not None
        assert min(now + max(pause, timedelta(seconds=at_least)), END) == later <= END


def test_one_who_asks_for_a_year_gets_the_last_attempt_at_the_end() -> None:
    year = 365 * 86_400

    assert next_attempt(tried=1, first=FIRST, now=FIRST, hours=HOURS, spread=0, at_least=year) == END
    assert next_attempt(tried=2, first=FIRST, now=END, hours=HOURS, spread=0, at_least=year) is None
