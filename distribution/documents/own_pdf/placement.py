"""What must stay free on the paper where no cover sheet goes first: the window's field, and the margin of the print house's marks."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pikepdf import Page

from distribution.documents.own_pdf.findings import Code, Finding, found
from distribution.documents.own_pdf.marks import Box, Unclear, marks
from distribution.documents.own_pdf.size import HEIGHT, WIDTH

PAPER = Box(0, 0, WIDTH, HEIGHT)
NEAR = 0.2  # mm: what ends exactly at the edge of a field is outside of it


@dataclass(frozen=True, slots=True)
class Field:
    """From the upper left corner of the paper, in mm."""

    code: Code
    width: float
    height: float
    first_page_only: bool = False

    def holds(self, mark: Box) -> bool:
        return mark.left < self.width - NEAR and mark.top < self.height - NEAR


MARGIN = Field(Code.MARGIN, 18, HEIGHT)
WINDOW = Field(Code.WINDOW, 125, 89, first_page_only=True)


def misplaced(page: Page, number: int, keep_free: Sequence[Field]) -> Iterator[Finding]:
    """Each field that something stands in. Raises one of reading.UNREADABLE."""
    fields = [field for field in keep_free if number == 1 or not field.first_page_only]
    try:
        for mark in marks(page, PAPER) if fields else ():
            for field in [field for field in fields if field.holds(mark)]:
                fields.remove(field)
                yield found(field.code, page=number)
    except Unclear:
        yield found(Code.UNVERIFIED, page=number)
