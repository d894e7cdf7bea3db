"""UBL in and out: `read` bytes, `write` bytes, and the error that says in words why some bytes are no invoice."""

from distribution.documents.ubl_read import read
from distribution.documents.ubl_write import write
from distribution.documents.xml import MAX_BYTES, Unreadable

__all__ = ["MAX_BYTES", "Unreadable", "read", "write"]
