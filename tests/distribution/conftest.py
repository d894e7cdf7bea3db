"""A mail server for the tests of what leaves, an AutoInvoice, a Peppol, and an HTTP door without connections of an earlier test's."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import LazySettings

from autoinvoice_site.environment import email_settings
from distribution import http
from tests import fake_autoinvoice, fake_peppol
from tests.autoinvoice import use
from tests.fake_autoinvoice import Remote
from tests.fake_peppol import Peppol
from tests.smtp_sink import Server, Sink


@pytest.fixture
def smtp(settings: LazySettings) -> Iterator[Sink]:
    """Mail goes over a real socket to a sink."""
    with Server() as server:
        settings.EMAIL_URL = server.url
        for name, value in email_settings(server.url, Path("unused")).items():
            setattr(settings, name, value)
        yield server.sink


@pytest.fixture(scope="module")
def server() -> Iterator[Remote]:
    """The fake AutoInvoice, started once for the tests of a module."""
    with fake_autoinvoice.running() as remote:
        yield remote


@pytest.fixture
def provider(server: Remote, settings: LazySettings) -> Remote:
    """E-invoice and eFaktura go to AutoInvoice."""
    return use(server, settings)


@pytest.fixture
def own_pool() -> Iterator[None]:
    http._pool.clear()
    yield
    for transport in http._pool.values():
        transport.close()
    http._pool.clear()


@pytest.fixture
def peppol(tmp_path: Path, settings: LazySettings, own_pool: None) -> Iterator[Peppol]:
    """The register of e-invoice is a Peppol of the test's own."""
    folder = tmp_path / "peppol"
    folder.mkdir()
    with fake_peppol.running(folder, settings) as running:
        yield running
    assert running.trouble == []
