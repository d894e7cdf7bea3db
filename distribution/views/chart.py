"""Where the bars of the chart stand. Drawn by a template, so coordinates are texts: a localised number is no SVG."""

from dataclasses import dataclass
from math import log10

from distribution.overview import Week
from distribution.states import ChannelName

WIDTH, HEIGHT = 620, 240
LEFT, RIGHT, TOP, FLOOR = 44, 608, 16, 214
BAR = 30
GAP = 1  # between the channels of one bar
LINES = 5


@dataclass(frozen=True, slots=True)
class Block:
    channel: ChannelName
    y: str
    height: str


@dataclass(frozen=True, slots=True)
class Bar:
    week: Week
    x: str
    middle: str
    blocks: list[Block]


@dataclass(frozen=True, slots=True)
class Line:
    number: int
    y: str
    text_y: str


@dataclass(frozen=True, slots=True)
class Chart:
    bars: list[Bar]
    lines: list[Line]
    totals: list[tuple[ChannelName, int]]


def chart_of(weeks: list[Week]) -> Chart:
    step = step_for(max(week.total for week in weeks))
    scale = (FLOOR - TOP) / (step * LINES)
    lines = [_line(step * at, scale) for at in range(LINES + 1)]
    bars = [_bar(week, at, len(weeks), scale) for at, week in enumerate(weeks)]
    return Chart(bars, lines, [(name, sum(week.sent[name] for week in weeks)) for name in ChannelName])


def step_for(highest: int) -> int:
    """The least of 1, 2, 5, 10, 20 … of which LINES reach the highest bar."""
    least = max(1, -(-highest // LINES))
    power: int = 10 ** int(log10(least))
    return next(digit * power for digit in (1, 2, 5, 10) if digit * power >= least)


def _line(number: int, scale: float) -> Line:
    y = FLOOR - number * scale
    return Line(number, f"{y:.1f}", f"{y + 4:.1f}")


def _bar(week: Week, at: int, count: int, scale: float) -> Bar:
    slot = (RIGHT - LEFT) / count
    middle, top, blocks = LEFT + slot * (at + 0.5), float(FLOOR), list[Block]()
    for name, number in week.sent.items():
        if number:
            height = number * scale
            top -= height
            blocks.append(Block(name, f"{top:.1f}", f"{max(height - GAP, 1):.1f}"))
    return Bar(week, f"{middle - BAR / 2:.1f}", f"{middle:.1f}", blocks)
