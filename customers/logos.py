"""A company's logo: whatever was uploaded is opened, scaled once and drawn anew as PNG, so that nothing else can hide in the file."""

from io import BytesIO

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from PIL import Image, UnidentifiedImageError

from customers import svg
from customers.models import Company

MEGABYTES = 2
LARGEST = (600, 200)
PIXELS = 40_000_000  # a small file may unfold to more than the memory holds


def store_logo(company: Company, upload: "UploadedFile[bytes]") -> None:
    """Raises ValidationError."""
    if (upload.size or 0) > MEGABYTES * 1024 * 1024:
        raise ValidationError(_("Filen er større enn %(size)s MB.") % {"size": MEGABYTES})
    content = ContentFile(_drawn_anew(_pixels(upload)))
    default_storage.delete(_path(company))
    default_storage.save(_path(company), content)


def logo_of(company: Company) -> bytes | None:
    """PNG."""
    try:
        with default_storage.open(_path(company)) as file:
            return bytes(file.read())
    except FileNotFoundError:
        return None


def has_logo(company: Company) -> bool:
    return default_storage.exists(_path(company))


def _pixels(upload: "UploadedFile[bytes]") -> BytesIO:
    content = upload.read()
    return BytesIO(svg.draw(content, LARGEST) if svg.is_svg(content) else content)


def _drawn_anew(upload: BytesIO) -> bytes:
    out = BytesIO()
    try:
        with Image.open(upload, formats=("PNG", "JPEG")) as image:
            if image.width * image.height > PIXELS:
                raise ValidationError(_("Bildet har for mange punkter. Skaler det ned først."))
            drawn = image.convert("RGBA")
            drawn.thumbnail(LARGEST)
            drawn.save(out, "PNG")
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError, ValueError) as error:
        raise ValidationError(_("Filen er ikke et bilde av typen PNG, JPEG eller SVG, eller den er skadet.")) from error
    return out.getvalue()


def _path(company: Company) -> str:
    return f"logos/{company.pk}.png"
