import io
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils.module_loading import import_string

TOKEN = "AbCdEfGhIjKlMnOpQrStUv"


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What stands in the log of a deployment: its filter and its formatter, as the settings have them."""
    logging_settings: Any = settings.LOGGING
    written, formatter = io.StringIO(), dict(logging_settings["formatters"]["json"])
    handler = logging.StreamHandler(written)
    handler.setFormatter(formatter.pop("()")(**formatter))
    for name in logging_settings["handlers"]["stderr"]["filters"]:
        handler.addFilter(import_string(logging_settings["filters"][name]["()"])())
    logging.getLogger().addHandler(handler)
    yield written
    logging.getLogger().removeHandler(handler)


@pytest.mark.django_db
def test_T93_the_token_of_a_customers_link_never_enters_a_log(client: Client, lines: Any) -> None:
    for path in (f"/i/{TOKEN}", f"/i/{TOKEN}/pdf", f"/i/{TOKEN}/logo", f"/i/{TOKEN}/"):
        client.get(path)
        client.post(path)

    assert lines.getvalue().count("/i/…") >= 8
    assert TOKEN[:6] not in lines.getvalue()
