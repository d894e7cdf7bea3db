"""Secrets in rows: what is sealed tells nothing, and keys can be changed without losing what was written (FIELD_ENCRYPTION_KEYS)."""

import pytest
from cryptography.fernet import Fernet
from django.conf import LazySettings

from customers.sealed import CannotOpen, seal, unseal


def test_the_first_key_writes_and_all_of_them_read(settings: LazySettings) -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    settings.FIELD_ENCRYPTION_KEYS = [old]
    before = seal("hemmelig")
    settings.FIELD_ENCRYPTION_KEYS = [new, old]
    after = seal("hemmelig")

    assert (unseal(before), unseal(memoryview(after))) == ("hemmelig", "hemmelig")
    assert b"hemmelig" not in before + after
    settings.FIELD_ENCRYPTION_KEYS = [new]
    assert unseal(after) == "hemmelig"
    with pytest.raises(CannotOpen):
        unseal(before)
