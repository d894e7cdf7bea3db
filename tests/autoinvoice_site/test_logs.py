import logging

import pytest
from django.test import Client

from autoinvoice_site.logs import WithoutTokens


@pytest.mark.django_db
def test_T93_the_token_of_a_customers_link_never_enters_a_log(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    caplog.handler.addFilter(WithoutTokens())
    with caplog.at_level(logging.INFO):
        client.get("/i/AbCdEfGhIjKlMnOpQrStUv")
        client.get("/i/AbCdEfGhIjKlMnOpQrStUv/pdf")

    assert "/i/…" in caplog.text
    assert "AbCdEf" not in caplog.text
