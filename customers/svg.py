"""An SVG drawn into pixels, once, at upload. Nothing it names is read, and what is too much to draw is given up."""

import re
import subprocess
import sys

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from lxml import etree

SECONDS = 10
SVG = "{http://www.w3.org/2000/svg}"
ELSEWHERE = re.compile(r"""url\(\s*["']?\s*(?!["'#\s])|@import""", re.IGNORECASE)
# A process of its own: a drawing may nest itself without end, and no canvas is worth the memory of the site.
DRAW = """
import resource, sys
from resvg_py import svg_to_bytes
resource.setrlimit(resource.RLIMIT_AS, (2**30, 2**30))
resource.setrlimit(resource.RLIMIT_CPU, (10, 10))
drawn = svg_to_bytes(svg_string=sys.stdin.read(), skip_system_fonts=True, width=int(sys.argv[1]), height=int(sys.argv[2]))
sys.stdout.buffer.write(drawn)
"""


def is_svg(content: bytes) -> bool:
    """By its look: XML that speaks of an svg."""
    start = content[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    return start.startswith(b"<") and b"<svg" in start.lower()


def draw(content: bytes, size: tuple[int, int]) -> bytes:
    """PNG that fits into `size`. Raises ValidationError."""
    text = _checked(content)
    command = [sys.executable, "-I", "-c", DRAW, *map(str, size)]
    try:
        done = subprocess.run(command, input=text, capture_output=True, timeout=SECONDS, check=True)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        raise ValidationError(_("SVG-filen lar seg ikke tegne. Lagre logoen som PNG i stedet.")) from error
    return done.stdout


def _checked(content: bytes) -> bytes:
    """The drawing written anew, as UTF-8."""
    try:
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_pis=True)
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise ValidationError(_("SVG-filen er skadet og kan ikke leses.")) from error
    if root.getroottree().docinfo.internalDTD is not None or root.tag != f"{SVG}svg":
        raise ValidationError(_("SVG-filen må begynne med <svg> og være uten DOCTYPE. Lagre den på nytt uten."))
    for element in root.iter(etree.Element):
        _check(element)
    return etree.tostring(root, encoding="UTF-8")


def _check(element: etree._Element) -> None:
    if etree.QName(element).localname in ("text", "script", "foreignObject"):
        raise ValidationError(_("SVG-filen har tekst eller skript i seg. Gjør teksten om til kurver først."))
    links = [str(value) for name, value in element.attrib.items() if etree.QName(name).localname == "href"]
    words = [*map(str, element.attrib.values()), "".join(map(str, element.itertext()))]
    if (
        etree.QName(element).localname == "image"
        or any(not link.strip().startswith("#") for link in links)
        or any(map(ELSEWHERE.search, words))
    ):
        raise ValidationError(
            _("SVG-filen viser til bilder eller filer utenfor seg selv. Lagre logoen som PNG i stedet.")
        )
