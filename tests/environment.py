"""A pytest plugin, loaded before Django reads its settings: no variable or .env of the developer's reaches a test.

Every pytest process (each xdist worker is one) gets a DATA_DIR of its own.
"""

import os
import re
import shutil
import tempfile
from pathlib import Path

from autoinvoice_site.environment import BASE_DIR, FileAwareEnvironment
from tests.postgres import KEPT_DATABASE_URL

_FOLDER = "AUTOINVOICE_TESTS_FOLDER"


def our_variables() -> list[str]:
    """As .env.example lists them."""
    return re.findall(r"^#?([A-Z][A-Z0-9_]*)=", (BASE_DIR / ".env.example").read_text(), flags=re.MULTILINE)


def _clear() -> None:
    for name in our_variables():
        os.environ.pop(name, None)
        os.environ.pop(f"{name}_FILE", None)
    if url := os.environ.get(KEPT_DATABASE_URL):
        os.environ["DATABASE_URL"] = url
    FileAwareEnvironment.read_env = lambda *_args, **_options: None


def _make_folder() -> Path:
    """A worker's lies in that of the process that started it, which removes them all."""
    folder = Path(tempfile.mkdtemp(prefix="autoinvoice-tests-", dir=os.environ.get(_FOLDER)))
    os.environ[_FOLDER] = os.environ["DATA_DIR"] = str(folder)
    return folder


_clear()
_folder = _make_folder()


def pytest_unconfigure() -> None:
    shutil.rmtree(_folder, ignore_errors=True)
