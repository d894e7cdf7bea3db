"""How the customers lie in the database, where it is what makes an activation quick."""

import pytest
from django.db import connection

pytestmark = [pytest.mark.database, pytest.mark.django_db]


def test_the_method_is_in_no_index_and_a_page_has_room_for_the_row_that_an_activation_writes() -> None:
    with connection.cursor() as cursor:
        constraints = connection.introspection.get_constraints(cursor, "customers_customer")
        assert not [name for name, one in constraints.items() if one["index"] and "method" in one["columns"]]
        if connection.vendor == "postgresql":
            cursor.execute("SELECT reloptions FROM pg_class WHERE relname = 'customers_customer'")
            assert cursor.fetchone()[0] == ["fillfactor=60"]
