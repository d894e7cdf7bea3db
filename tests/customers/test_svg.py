"""A logo as SVG is drawn into pixels at upload; it reads nothing outside itself, and what is too much is given up."""

from io import BytesIO
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from PIL import Image

from customers import svg

NAMES = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
RED = '<rect width="100%" height="100%" fill="red"/>'


def drawing(inside: str = RED, size: str = 'width="300" height="100"', before: str = "") -> bytes:
    return f"{before}<svg {NAMES} {size}>{inside}</svg>".encode()


def drawn(content: bytes) -> Image.Image:
    return Image.open(BytesIO(svg.draw(content, (600, 200))))


@pytest.mark.parametrize(
    ("size", "pixels"),
    [
        ('width="300" height="100"', (600, 200)),
        ('viewBox="0 0 100 100"', (200, 200)),
        ('width="100000" height="100000"', (200, 200)),
        ('width="100000px" height="50000px" viewBox="0 0 2 1"', (400, 200)),
    ],
)
def test_it_is_drawn_into_the_size_of_a_logo_whatever_its_canvas(size: str, pixels: tuple[int, int]) -> None:
    image = drawn(drawing(size=size))

    assert (image.format, image.size) == ("PNG", pixels)
    assert image.convert("RGB").getpixel((50, 50)) == (255, 0, 0)


def test_what_a_drawing_program_writes_is_taken() -> None:
    inside = (
        '<style>.a{fill:url(#g)}</style><defs><linearGradient id="g"><stop stop-color="red"/></linearGradient>'
        '<g id="b"><path class="a" d="M0 0H300V100H0Z"/></g></defs><use xlink:href="#b"/>'
    )
    content = drawing(inside, before='<?xml version="1.0" encoding="UTF-8"?><!-- Tegnet her -->')

    assert svg.is_svg(content)
    assert drawn(content).convert("RGB").getpixel((50, 50)) == (255, 0, 0)


@pytest.mark.parametrize(
    "link", ["file://{path}", "{path}", "bilde.png", "http://127.0.0.1:9/bilde.png", "data:image/svg+xml,<svg/>", "#b"]
)
@pytest.mark.parametrize("name", ["href", "xlink:href"])
def test_an_image_is_never_read_from_outside(
    link: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "bilde.png"
    Image.new("RGB", (20, 20), "blue").save(path)
    monkeypatch.chdir(tmp_path)
    link = link.format(path=path).replace("<", "&lt;")

    with pytest.raises(ValidationError, match="utenfor seg selv"):
        svg.draw(drawing(f'<image {name}="{link}" width="20" height="20"/>'), (600, 200))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (drawing('<use href="http://127.0.0.1:9/a.svg#a"/>'), "utenfor seg selv"),
        (drawing('<rect style="fill:url(http://127.0.0.1:9/a.svg#a)"/>'), "utenfor seg selv"),
        (drawing("<style>@import 'http://127.0.0.1:9/a.css';</style>"), "utenfor seg selv"),
        (drawing('<filter id="f"><feImage href="/etc/passwd"/></filter>'), "utenfor seg selv"),
        (drawing("<text>Firma</text>"), "kurver"),
        (drawing("<script>alert(1)</script>"), "kurver"),
        (drawing("&a;", before='<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]>'), "DOCTYPE"),
        (drawing(before='<!DOCTYPE svg PUBLIC "a" "http://127.0.0.1:9/a.dtd">'), "DOCTYPE"),
        (b"<svg><rect/></svg>", "DOCTYPE"),
        (b"<svg", "skadet"),
        (drawing(size='width="0" height="0"'), "PNG i stedet"),
    ],
)
def test_what_can_not_be_a_logo_is_refused_in_words(content: bytes, words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        svg.draw(content, (600, 200))


def test_a_drawing_that_nests_itself_without_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(svg, "SECONDS", 2)
    levels = [f'<g id="a{n}">' + f'<use href="#a{n - 1}"/>' * 10 + "</g>" for n in range(1, 12)]
    bomb = '<defs><g id="a0"><path d="M0 0H1"/></g>' + "".join(levels) + '</defs><use href="#a11"/>'

    with pytest.raises(ValidationError, match="lar seg ikke tegne"):
        svg.draw(drawing(bomb), (600, 200))


@pytest.mark.parametrize("content", [b"\x89PNG\r\n", b"\xff\xd8\xff", b"<html></html>", b"svg", b""])
def test_other_files_are_no_svg(content: bytes) -> None:
    assert not svg.is_svg(content)
