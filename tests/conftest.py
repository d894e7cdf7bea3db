"""What every test gets: a data folder of its own, an empty register; and a database whose commits are real for those that ask."""

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.db import connection, connections
from django.test.utils import setup_databases, teardown_databases
from pytest_django import DjangoDbBlocker

from tests.copies import DATABASE, copy_database
from tests.factories import register
from tests.processes import environment, manage

LONGEST = ("test_machine", "test_autoinvoice_kills", "test_restart")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="the long form of property, fuzz and chaos tests")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long goes first, that is tests that must follow each other and a few that take a minute: at the end they would
    keep one process busy and the others waiting."""
    items.sort(key=lambda item: item.get_closest_marker("xdist_group") is None and item.path.stem not in LONGEST)


def pytest_collection_finish() -> None:
    """Three thousand tests and all that they import stay to the end; the garbage collector need not walk them again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def data_dir(tmp_path: Path, settings: LazySettings) -> Path:
    """Everything that the product writes lands here; nobody is registered unless the test says so."""
    folder = tmp_path / "data"
    folder.mkdir()
    settings.DATA_DIR = folder
    settings.EMAIL_FILE_PATH = str(folder / "out" / "site")
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(folder / "media")},
        },
        "frozen": {"BACKEND": "distribution.frozen.SyncedFolder", "OPTIONS": {"location": str(folder / "frozen")}},
    }
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # what is tested is not its slowness
    settings.WHITENOISE_AUTOREFRESH = True  # each test client makes its own chain, which else lists every static file
    register()
    return folder


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_modify_db_settings: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """The test database, whichever tests were chosen: pytest-django's own makes none for tests of `committed` alone, which
    ask for no transaction."""
    with django_db_blocker.unblock():
        made = setup_databases(verbosity=0, interactive=False, serialized_aliases=())
    yield
    with django_db_blocker.unblock():
        teardown_databases(made, verbosity=0)


@pytest.fixture
def committed(django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path: Path) -> Iterator[str]:
    """A migrated copy of the test database for this test alone, without a transaction round it: threads and processes see
    what is committed. Append-only tables refuse a flush, so a copy is thrown away instead. Gives the DATABASE_URL."""
    with django_db_blocker.unblock():
        original = str(connection.settings_dict["NAME"])
        copy = _copy_sqlite(original, tmp_path) if connection.vendor == "sqlite" else _copy_postgres(original)
        connection.close()
        connection.settings_dict["NAME"] = copy
        try:
            yield _url(copy)
        finally:
            connections.close_all()
            connection.settings_dict["NAME"] = original
            if connection.vendor == "postgresql":
                _server(f'DROP DATABASE "{copy}" WITH (FORCE)')


@pytest.fixture(scope="session")
def loaded(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo as `manage.py demo` makes it, on SQLite: a folder with its database and its DATA_DIR, to be copied."""
    folder = tmp_path_factory.mktemp("demo")
    (folder / "data").mkdir()
    copy = _copy_sqlite(str(connection.settings_dict["NAME"]), folder)
    done = manage("demo", env=environment(folder / "data", f"sqlite:///{copy}"))
    assert done.returncode == 0, done.stderr
    return folder


def _copy_sqlite(original: str, folder: Path) -> str:
    copy = folder / DATABASE
    copy_database(original, copy)
    return str(copy)


def _copy_postgres(original: str) -> str:
    copy = f"{original}_copy"
    connection.close()  # a template may have nobody in it
    _server(f'DROP DATABASE IF EXISTS "{copy}" WITH (FORCE)')
    _server(f'CREATE DATABASE "{copy}" TEMPLATE "{original}"')
    return copy


def _server(statement: str) -> None:
    with connection._nodb_cursor() as cursor:
        cursor.execute(statement)


def _url(name: str) -> str:
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    facts = connection.settings_dict
    return f"postgres://{facts['USER']}:{facts['PASSWORD']}@{facts['HOST']}:{facts['PORT']}/{name}"
