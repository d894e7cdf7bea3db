"""The size of a page as it is seen, and how points become millimetres of paper."""

from dataclasses import dataclass

from pikepdf import Array, Matrix, Name, Page

MM = 72 / 25.4
WIDTH, HEIGHT = 210, 297  # A4 in mm
SMALLER = 10  # mm that it may lack
ROUNDED = 0.5  # mm: programs write 595, 596 and 595.276 points


@dataclass(frozen=True, slots=True)
class Size:
    """Upright: `width` x `height` in mm, `turned` where the page lies."""

    width: float
    height: float
    turned: bool

    @property
    def is_a4(self) -> bool:
        return _near(self.width, WIDTH) and _near(self.height, HEIGHT)


def size_of(page: Page) -> Size:
    """Raises ValueError where its box is none."""
    left, bottom, right, top = box_of(page)
    unit = float(page.obj.get(Name.UserUnit, 1))
    width, height = (right - left) * unit / MM, (top - bottom) * unit / MM
    lies = (width > height) != (rotation_of(page) % 180 == 90)
    return Size(min(width, height), max(width, height), lies)


def rotation_of(page: Page) -> int:
    """0, 90, 180 or 270, clockwise. Raises ValueError for any other."""
    turned = int(page.obj.get(Name.Rotate, 0))
    if turned % 90:
        raise ValueError(turned)
    return turned % 360


def box_of(page: Page) -> tuple[float, float, float, float]:
    """What is seen of it, in points: left, bottom, right, top."""
    media = _corners(page.obj.get(Name.MediaBox))
    crop = page.obj.get(Name.CropBox)
    seen = _corners(crop) if isinstance(crop, Array) else media
    left, bottom = max(media[0], seen[0]), max(media[1], seen[1])
    right, top = min(media[2], seen[2]), min(media[3], seen[3])
    if right <= left or top <= bottom:
        raise ValueError("box")
    return left, bottom, right, top


def to_paper(page: Page) -> Matrix:
    """From the page's points to mm from the upper left corner of the paper, downwards."""
    left, bottom, right, top = box_of(page)
    a, width, height = float(page.obj.get(Name.UserUnit, 1)) / MM, right - left, top - bottom
    corner = {
        0: Matrix(a, 0, 0, -a, 0, height * a),
        90: Matrix(0, a, a, 0, 0, 0),
        180: Matrix(-a, 0, 0, a, width * a, 0),
        270: Matrix(0, -a, -a, 0, height * a, width * a),
    }
    return Matrix(1, 0, 0, 1, -left, -bottom) @ corner[rotation_of(page)]


def _corners(box: object) -> tuple[float, float, float, float]:
    if not isinstance(box, Array) or len(box) != 4:
        raise ValueError("box")
    x1, y1, x2, y2 = (float(number) for number in box)
    return min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)


def _near(length: float, wanted: float) -> bool:
    return wanted - SMALLER - ROUNDED <= length <= wanted + ROUNDED
