"""Where a page has ink: its content streams, followed by their matrices, each stroke, picture and text as a box on the paper.

Text counts by the point where it starts; a path by the box around it, cut to the clip. White paint is none: many programs lay a
white sheet under the page.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Matrix, Name, Object, Page, Stream

from distribution.documents.own_pdf.limits import MAX_CONTENT, MAX_DEPTH
from distribution.documents.own_pdf.reading import contents_of, name_of, unpacked
from distribution.documents.own_pdf.size import to_paper

Point = tuple[float, float]
FILLS = {"f", "F", "f*", "B", "B*", "b", "b*"}
STROKES = {"S", "s", "B", "B*", "b", "b*"}
PATH_ENDS = FILLS | STROKES | {"n"}
SHOWS = {"Tj", "TJ", "'", '"'}
INVISIBLE = 3  # text rendering mode, of the text under a scanned picture
UNIT = ((0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (1.0, 1.0))
PRINTED, HIDDEN = 4, 2  # flags of an annotation


class Unclear(Exception):
    """More than anyone looks at, packed in a way that has no bound, or garbled."""


@dataclass(frozen=True, slots=True)
class Box:
    """In mm from the upper left corner of the paper, downwards."""

    left: float
    top: float
    right: float
    bottom: float

    def within(self, other: "Box") -> "Box | None":
        """What of it lies in the other."""
        left, top = max(self.left, other.left), max(self.top, other.top)
        right, bottom = min(self.right, other.right), min(self.bottom, other.bottom)
        return Box(left, top, right, bottom) if left <= right and top <= bottom else None


NOWHERE = Box(math.inf, math.inf, -math.inf, -math.inf)


@dataclass(frozen=True, slots=True)
class _State:
    """What q keeps and Q gives back."""

    matrix: Matrix
    clip: Box
    white_fill: bool = False
    white_stroke: bool = False
    invisible: bool = False
    leading: float = 0.0


def marks(page: Page, paper: Box) -> Iterator[Box]:
    """Raises Unclear, and one of reading.UNREADABLE."""
    matrix = to_paper(page)
    state = _State(matrix, paper)
    painter = _Painter()
    yield from painter.paint(contents_of(page), page.resources, state, depth=0)
    for rectangle in _printed_annotations(page):
        if seen := _box(matrix, rectangle).within(paper):
            yield seen


def _printed_annotations(page: Page) -> Iterator[list[Point]]:
    annotations = page.obj.get(Name.Annots)
    for one in annotations if isinstance(annotations, Array) else ():
        if isinstance(one, Dictionary) and Name.AP in one and int(one.get(Name.F, 0)) & (PRINTED | HIDDEN) == PRINTED:
            x1, y1, x2, y2 = map(float, one[Name.Rect])
            yield [(x1, y1), (x2, y2)]


def _box(matrix: Matrix, points: Sequence[Point]) -> Box:
    xs, ys = zip(*(matrix.transform(point) for point in points), strict=True)
    return Box(min(xs), min(ys), max(xs), max(ys))


class _Painter:
    """Follows the streams of one page."""

    def __init__(self) -> None:
        self.left = MAX_CONTENT
        self.joined = pikepdf.new()  # owns the streams that are read, and hears what is wrong with them

    def paint(self, streams: list[Stream], resources: Object, state: _State, *, depth: int) -> Iterator[Box]:
        content = unpacked(streams)
        self.left -= len(content or b"")
        if content is None or self.left < 0 or depth > MAX_DEPTH:
            raise Unclear
        sheet = _Sheet(state)
        for instruction in self._read(content):
            name, operands = str(instruction.operator), instruction.operands
            if name == "Do":
                yield from self._draw(operands, resources, sheet.state, depth)
            elif drawn := sheet.step(name, operands):
                yield drawn

    def _read(self, content: bytes) -> list[Any]:
        """The parts of a page are one: an instruction may begin in one and end in the next. What qpdf can't read it leaves out,
        with a warning, and after some of that all the rest."""
        instructions = pikepdf.parse_content_stream(pikepdf.Stream(self.joined, content))
        if self.joined.get_warnings():
            raise Unclear
        return list(instructions)

    def _draw(self, operands: Any, resources: Object, state: _State, depth: int) -> Iterator[Box]:
        """A picture fills the unit square; a drawing is a page of its own."""
        drawn = resources[Name.XObject][operands[0]]
        if not isinstance(drawn, Stream):
            raise TypeError(type(drawn))
        if name_of(drawn.get(Name.Subtype)) != "/Form":
            if seen := _box(state.matrix, UNIT).within(state.clip):
                yield seen
            return
        matrix = Matrix(drawn.get(Name.Matrix, Array([1, 0, 0, 1, 0, 0]))) @ state.matrix
        left, bottom, right, top = map(float, drawn[Name.BBox])
        corners = [(left, bottom), (right, bottom), (left, top), (right, top)]
        if clip := _box(matrix, corners).within(state.clip):
            inside = replace(state, matrix=matrix, clip=clip)
            yield from self.paint([drawn], drawn.get(Name.Resources, resources), inside, depth=depth + 1)


class _Sheet:
    """One stream's state while it is painted."""

    def __init__(self, state: _State) -> None:
        self.state = state
        self.kept: list[_State] = []
        self.points: list[Point] = []
        self.clips = False
        self.line = self.text = Matrix()

    def step(self, name: str, operands: Any) -> Box | None:
        """Where this instruction leaves ink."""
        if name in PATH_ENDS:
            return self._end_path(name)
        if name in SHOWS:
            return self._show(name)
        if name == "INLINE IMAGE":
            return _box(self.state.matrix, UNIT).within(self.state.clip)
        if name == "sh":
            return self.state.clip.within(self.state.clip)
        if act := STEPS.get(name):
            act(self, *operands)
        return None

    def _end_path(self, name: str) -> Box | None:
        points, clips = self.points, self.clips
        self.points, self.clips = [], False
        if not points:
            return None
        state = self.state
        seen = _box(state.matrix, points).within(state.clip)
        if clips:
            self.state = replace(state, clip=seen or NOWHERE)
        inked = (name in FILLS and not state.white_fill) or (name in STROKES and not state.white_stroke)
        return seen if inked else None

    def _show(self, name: str) -> Box | None:
        if name in {"'", '"'}:
            self.move(0, -self.state.leading)
        if self.state.invisible:
            return None
        return _box(self.text @ self.state.matrix, [(0.0, 0.0)]).within(self.state.clip)

    def keep(self) -> None:
        self.kept.append(self.state)

    def give_back(self) -> None:
        self.state = self.kept.pop() if self.kept else self.state

    def concat(self, *numbers: Any) -> None:
        self.change(matrix=Matrix(*map(float, numbers)) @ self.state.matrix)

    def change(self, **values: Any) -> None:
        self.state = replace(self.state, **values)

    def add(self, *numbers: Any) -> None:
        values = [float(number) for number in numbers]
        self.points += zip(values[::2], values[1::2], strict=True)

    def add_rectangle(self, x: Any, y: Any, width: Any, height: Any) -> None:
        x, y, width, height = float(x), float(y), float(width), float(height)
        self.points += [(x, y), (x + width, y), (x, y + height), (x + width, y + height)]

    def clip(self) -> None:
        self.clips = True

    def place(self, *numbers: Any) -> None:
        self.line = self.text = Matrix(*map(float, numbers))

    def move(self, x: Any, y: Any) -> None:
        self.line = self.text = Matrix(1, 0, 0, 1, float(x), float(y)) @ self.line

    def move_leading(self, x: Any, y: Any) -> None:
        self.change(leading=-float(y))
        self.move(x, y)


def _is_white(numbers: Sequence[Any]) -> bool:
    """Of grey and RGB, where 1 is white, and CMYK, where 0 is."""
    return all(float(number) == (0 if len(numbers) == 4 else 1) for number in numbers)


def _fill(sheet: _Sheet, *numbers: Any) -> None:
    sheet.change(white_fill=_is_white(numbers))


def _stroke(sheet: _Sheet, *numbers: Any) -> None:
    sheet.change(white_stroke=_is_white(numbers))


STEPS: dict[str, Callable[..., None]] = {
    "q": _Sheet.keep,
    "Q": _Sheet.give_back,
    "cm": _Sheet.concat,
    **dict.fromkeys(("m", "l", "c", "v", "y"), _Sheet.add),
    "re": _Sheet.add_rectangle,
    **dict.fromkeys(("W", "W*"), _Sheet.clip),
    "BT": lambda sheet: sheet.place(1, 0, 0, 1, 0, 0),
    "Tm": _Sheet.place,
    "Td": _Sheet.move,
    "TD": _Sheet.move_leading,
    "T*": lambda sheet: sheet.move(0, -sheet.state.leading),
    "TL": lambda sheet, leading: sheet.change(leading=float(leading)),
    "Tr": lambda sheet, mode: sheet.change(invisible=int(mode) == INVISIBLE),
    **dict.fromkeys(("g", "rg", "k"), _fill),
    **dict.fromkeys(("G", "RG", "K"), _stroke),
    # Of another kind of colour nothing is known, so it may be ink.
    **dict.fromkeys(("cs", "sc", "scn"), lambda sheet, *_operands: sheet.change(white_fill=False)),
    **dict.fromkeys(("CS", "SC", "SCN"), lambda sheet, *_operands: sheet.change(white_stroke=False)),
}
