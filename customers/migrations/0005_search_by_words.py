from typing import Any

from django.db import migrations

# Found inside names and numbers without reading every customer. PostgreSQL alone: pg_trgm comes with the server and is a trusted
# extension (13 and newer), so the owner of the database may create it. As Django writes `icontains` and `contains`.
CREATE = """
    CREATE EXTENSION IF NOT EXISTS pg_trgm;
    CREATE INDEX customer_by_words ON customers_customer
     USING gin (UPPER(name::text) gin_trgm_ops, UPPER(number::text) gin_trgm_ops, (org_number::text) gin_trgm_ops);
"""


def create(apps: Any, editor: Any) -> None:
    if editor.connection.vendor == "postgresql":
        editor.execute(CREATE)


def drop(apps: Any, editor: Any) -> None:
    if editor.connection.vendor == "postgresql":
        editor.execute("DROP INDEX IF EXISTS customer_by_words")


class Migration(migrations.Migration):
    dependencies = [("customers", "0004_customers_by_age")]
    operations = [migrations.RunPython(create, drop)]
